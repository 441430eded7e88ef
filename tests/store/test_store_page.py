"""Cursors: each goes on in its own list, and nothing else goes on anywhere."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarmbridge.store.page import BadCursor, Cursors, moment_place, page_of

THINGS, OTHERS = Cursors("things"), Cursors("other things")
PLACES = st.text(st.characters(exclude_categories=["Cs"]))


@given(PLACES)
def test_a_place_is_read_as_it_was_written(place: str) -> None:
    cursor = THINGS.write(place)
    assert THINGS.read(cursor) == place
    # It goes into a URL and behind an option as it is.
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]*", cursor)


@given(PLACES, st.data())
def test_a_cursor_that_is_not_as_it_was_is_refused(place: str, data: st.DataObject) -> None:
    cursor = THINGS.write(place)
    at = data.draw(st.integers(0, len(cursor) - 1))
    typed = data.draw(st.sampled_from("Az09-_=+é\n ").filter(lambda one: one != cursor[at]))
    for odd in (
        cursor[:at],
        f"{cursor}{typed}",
        f"{cursor}==",
        f"{cursor[:at]}{typed}{cursor[at + 1 :]}",
        OTHERS.write(place),
        place,
    ):
        with pytest.raises(BadCursor, match="is no cursor of this list; start without one"):
            THINGS.read(odd)


@pytest.mark.parametrize("place", ["", "x", "-1", "²", "9" * 40])
def test_a_place_that_is_no_number_is_refused(place: str) -> None:
    with pytest.raises(BadCursor):
        THINGS.read_number(THINGS.write(place))


@pytest.mark.parametrize("place", ["", "~", "soon~a", "2026-11-23T21:04:05~a"])
def test_a_place_that_is_no_moment_is_refused(place: str) -> None:
    with pytest.raises(BadCursor):
        THINGS.read_moment(THINGS.write(place))


def test_a_moment_is_read_to_the_microsecond() -> None:
    at = datetime(2026, 11, 23, 21, 4, 5, 123456, tzinfo=UTC)
    assert THINGS.read_moment(THINGS.write(moment_place(at, "a~b"))) == (at, "a~b")


def test_a_page_ends_where_the_next_goes_on() -> None:
    page = page_of("abc", "123", THINGS, limit=2)
    assert (page.items, page.next) == (("a", "b"), THINGS.write("2"))
    assert page_of("ab", "12", THINGS, limit=2).next is None
