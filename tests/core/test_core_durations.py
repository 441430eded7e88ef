"""Lengths of time: what is written is read, and what is said is short."""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alarmbridge.core.durations import (
    LONGEST,
    in_two_units,
    in_words,
    parse_duration,
    write_duration,
)

UNITS = {
    "ms": timedelta(milliseconds=1),
    "": timedelta(seconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=36500), st.sampled_from(sorted(UNITS)))
def test_a_number_and_a_unit_are_a_length(number: int, unit: str) -> None:
    assert parse_duration(f"{number}{unit}") == number * UNITS[unit]


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=10**9))
def test_a_length_is_written_as_it_is_read(milliseconds: int) -> None:
    length = timedelta(milliseconds=milliseconds)
    assert parse_duration(write_duration(length)) == length


def test_a_length_is_written_in_its_largest_whole_unit() -> None:
    assert write_duration(timedelta(seconds=90)) == "90s"
    assert write_duration(timedelta(days=7)) == "7d"
    assert write_duration(timedelta(milliseconds=1500, microseconds=7)) == "1500ms"


@settings(deadline=None)
@given(st.timedeltas(min_value=timedelta(0), max_value=LONGEST))
def test_a_length_reads_back_from_its_milliseconds_and_itself(length: timedelta) -> None:
    whole = timedelta(milliseconds=length // timedelta(milliseconds=1))
    assert parse_duration(f"{whole // timedelta(milliseconds=1)}ms") == whole
    assert parse_duration(length) == length


@settings(deadline=None)
@given(st.text() | st.from_regex(r"[0-9.e+-]{1,20} ?[a-z]{0,2}") | st.floats() | st.integers())
def test_no_value_breaks_the_parser_or_its_bounds(value: object) -> None:
    with suppress(ValueError):
        assert timedelta(0) <= parse_duration(value) <= LONGEST


@pytest.mark.parametrize(
    ("value", "length"),
    [
        (5, timedelta(seconds=5)),
        (0.5, timedelta(milliseconds=500)),
        ("1.5h", timedelta(minutes=90)),
        (" 10 s ", timedelta(seconds=10)),
    ],
)
def test_numbers_fractions_and_a_space_are_read(value: object, length: timedelta) -> None:
    assert parse_duration(value) == length


@pytest.mark.parametrize(
    "value",
    ["", "s", "5 parsecs", "-1s", "1h30m", "\u0665s", "nan", None, True, "36501d", "9" * 15],
)
def test_anything_else_is_no_length(value: object) -> None:
    with pytest.raises(ValueError, match="must be a length of time"):
        parse_duration(value)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.5, "0 s"),
        (5, "5 s"),
        (90, "90 s"),
        (5400, "90 min"),
        (7200, "2 h"),
        (3 * 86_400, "3 d"),
        (3 * 86_400 + 7.5, "3 d"),
        (61.5, "1 min"),
    ],
)
def test_a_length_of_time_is_said_in_one_unit(seconds: float, words: str) -> None:
    assert in_words(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=-5), "0 s"),
        (timedelta(seconds=12.5), "12 s"),
        (timedelta(minutes=5, seconds=12), "5 min"),
        (timedelta(hours=2, minutes=5), "2 h 5 min"),
        (timedelta(days=3, minutes=5), "3 d"),
        (timedelta(days=3, hours=4, minutes=5), "3 d 4 h"),
    ],
)
def test_a_length_of_time_is_said_in_its_two_largest_units(length: timedelta, words: str) -> None:
    assert in_two_units(length) == words
