"""Texts of strangers: nothing hidden passes, nobody is called, no character is halved."""

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarmbridge.core.texts import decode, one_line, plain, shorten, shorten_bytes, shorten_units

Cut = Callable[[str, int], str]

UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs")
"""Controls, the invisible, halves of characters, what nobody defined; separators of all kinds."""


@given(st.text(st.characters(categories=UNSEEN) | st.characters(exclude_categories=UNSEEN)))
def test_nothing_unseen_passes_and_a_second_time_changes_nothing(text: str) -> None:
    line = one_line(text)
    assert {unicodedata.category(char) for char in line.replace(" ", "")}.isdisjoint(UNSEEN)
    assert line.splitlines() in ([line], [])
    assert one_line(line) == line


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"\xef\xbb\xbfGr\xc3\xbc\xc3\x9fe", "Grüße"),
        (b"Gr\xfc\xdfe, Gr\xc3\xbc\xc3\x9fe", "Grüße, Grüße"),
        (b"5 \x80 \x81", "5 € \ufffd"),
        (b"cut \xe2\x82", "cut \u00e2\u201a"),
    ],
)
def test_what_is_no_utf8_is_windows(body: bytes, text: str) -> None:
    assert decode(body) == text


@given(st.text())
def test_utf8_is_read_as_it_is(text: str) -> None:
    assert decode(b"\xef\xbb\xbf" + text.encode()) == text


def test_what_cannot_be_written_is_not_read_for_it() -> None:
    with pytest.raises(UnicodeEncodeError):
        "\ud800".encode("utf-8", "alarmbridge.windows")


def test_a_line_break_is_a_blank_and_what_is_unseen_shows() -> None:
    assert one_line(" a\r\n\tb\u3000c\xa0d ") == "a b c d"
    assert one_line("\x00\x1b[2J\x85") == "<U+0000><U+001B>[2J<U+0085>"
    assert one_line("\u2028\u202e\ufeff\uffff") == "<U+2028><U+202E><U+FEFF><U+FFFF>"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("@everyone look", "@ everyone look"),
        ("now@EVERYONE", "now@ EVERYONE"),
        ("(@here) @U123", "(@ here) @ U123"),
        ("@**all**", "@ **all**"),
        ("<!channel> <@U1> <#C1>", "< !channel> < @ U1> < #C1>"),
        ("<users/all> </at> <at id=1>", "< users/all> < /at> < at id=1>"),
        ("<mailto:a@b.example> <atm>", "< mailto:a@b.example> <atm>"),
        ("see [this](https://x)", "see [this] (https://x)"),
        ("<https://x|this>", "< https://x|this>"),
        ("\u202e<!here>", "<U+202E>< !here>"),
        ("<\u200b!here> @\u200dhere", "<<U+200B>!here> @<U+200D>here"),
    ],
)
def test_nobody_is_called_and_nothing_linked_by_a_device(text: str, said: str) -> None:
    assert plain(text) == said


@pytest.mark.parametrize(
    "text",
    ["sip:100@10.1.2.3 failed", "a <b> <not set>", "5 <= 6 [7] (8)", "at 12:00 @ 5", "Trunk#1"],
)
def test_what_calls_nobody_stays_as_it_is(text: str) -> None:
    assert plain(text) == text


@given(st.text(st.sampled_from("@<>!#/|[](): U+0202Eaehrlvyno*\u202e\n")))
def test_what_was_made_plain_stays_so(text: str) -> None:
    assert plain(plain(text)) == plain(text)


def length_in(encoding: str, width: int) -> Callable[[str], int]:
    return lambda text: len(text.encode(encoding)) // width


@pytest.mark.parametrize(
    ("cut", "length"),
    [
        (shorten, len),
        (shorten_bytes, length_in("utf-8", 1)),
        (shorten_units, length_in("utf-16-le", 2)),
    ],
)
@given(text=st.text(), limit=st.integers(min_value=-1, max_value=40))
def test_a_text_cut_fits_and_is_a_beginning_of_what_it_was(
    cut: Cut, length: Callable[[str], int], text: str, limit: int
) -> None:
    short = cut(text, limit)
    assert length(short) <= max(limit, 0)
    assert short == text or text.startswith(short.removesuffix("…"))
    assert short.endswith("…") or short == text or limit < length("…")


@pytest.mark.parametrize(
    ("cut", "text", "limit", "short"),
    [
        (shorten, "down", 4, "down"),
        (shorten, "downs", 4, "dow…"),
        (shorten_bytes, "été", 5, "été"),
        (shorten_bytes, "étés", 5, "é…"),
        (shorten_bytes, "été", 2, "é"),
        (shorten_bytes, "été", 1, ""),
        (shorten_units, "😀😀", 4, "😀😀"),
        (shorten_units, "😀😀😀", 4, "😀…"),
        (shorten_units, "ab", 1, "…"),
    ],
)
def test_a_character_is_never_halved(cut: Cut, text: str, limit: int, short: str) -> None:
    assert cut(text, limit) == short
