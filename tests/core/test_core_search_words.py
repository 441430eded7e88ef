"""Words to search by: the same whoever writes them, and never too many."""

from hypothesis import given
from hypothesis import strategies as st

from alarmbridge.core.search_words import LONGEST, MOST, WantedWord, wanted_words, words_of


def test_words_are_runs_of_letters_and_digits_without_regard_to_case() -> None:
    texts = ("Trunk 3 is DOWN", None, "Board#1/Trunk_3: 10.4.219.229", "Straße İZMİR 電話")
    assert words_of(texts)[:9] == ("trunk", "3", "is", "down", "board", "1", "10", "4", "219")
    assert "strasse" in words_of(texts)
    assert "電話" in words_of(texts)


def test_a_text_without_words_has_none() -> None:
    assert wanted_words("*** _ -- \u202e\x00 ''\"") == ()


def test_a_text_of_any_length_has_so_many_words_of_such_a_length() -> None:
    words = words_of([" ".join(map(str, range(50_000))), "x" * 200_000])
    assert len(words) == MOST
    assert words_of(["x" * 200_000]) == ("x" * LONGEST,)


def test_a_star_asks_for_words_that_begin_so() -> None:
    assert wanted_words("Trunk dow* *x 1*") == (
        WantedWord("trunk", begins=False),
        WantedWord("dow", begins=True),
        WantedWord("x", begins=False),
        WantedWord("1", begins=True),
    )


@given(st.text(), st.text())
def test_whoever_looks_for_a_text_looks_for_its_words(text: str, other: str) -> None:
    looked_for = {one.word for one in wanted_words(text)}
    assert looked_for <= set(words_of([other, text])) or len(words_of([other])) >= MOST
