"""Instants as people write them, and the two local times a year that name no one moment."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarmbridge.core.instants import end_of, parse_instant

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23T21:04:05Z", datetime(2026, 11, 23, 21, 4, 5, tzinfo=UTC)),
        ("2026-11-23t21:04:05.25z", datetime(2026, 11, 23, 21, 4, 5, 250_000, tzinfo=UTC)),
        ("2026-11-23 23:04:05+02:00", datetime(2026, 11, 23, 21, 4, 5, tzinfo=UTC)),
        ("2026-11-23T21:04-03:30", datetime(2026, 11, 24, 0, 34, tzinfo=UTC)),
    ],
)
@pytest.mark.parametrize("zone", [None, BERLIN])
def test_an_offset_says_it_all(text: str, moment: datetime, zone: tzinfo | None) -> None:
    assert parse_instant(text, zone) == moment
    assert parse_instant(text, zone).tzinfo is UTC


def test_without_an_offset_it_is_local_time_of_the_zone() -> None:
    assert parse_instant("2026-07-01 02:00", BERLIN) == datetime(2026, 7, 1, 0, tzinfo=UTC)
    assert parse_instant("2026-11-23 02:00", BERLIN) == datetime(2026, 11, 23, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "words"),
    [
        ("", None, "must be a time such as 2026-11-23T21:04:05Z"),
        ("tomorrow", BERLIN, "must be a time such as 2026-11-23 21:04 or 2026-11-23T21:04:05Z"),
        ("2026-11-23", BERLIN, "must be a time"),
        ("20261123T210405Z", None, "must be a time"),
        ("2026-W48-1T21:04Z", None, "must be a time"),
        ("2026-02-30T21:04:05Z", None, "must be a time"),
        ("2026-11-23T21:04:60Z", None, "must be a time"),
        ("2026-11-23T21:04:05Z\n", None, "must be a time"),
        ("\uff12026-11-23T21:04:05Z", None, "must be a time"),
        ("2026-11-23T21:04:05", None, "needs its offset from UTC"),
        ("0001-01-01T00:00:00+14:00", None, "must lie between the years 1970 and 2999"),
        ("9999-12-31T23:59:59-12:00", None, "must lie between the years 1970 and 2999"),
        ("2026-03-29 02:30", BERLIN, "does not come there: the clock is put forward over it"),
        ("2026-10-25 02:30", BERLIN, "comes twice there, for the clock is put back"),
    ],
)
def test_what_names_no_one_moment_is_refused(text: str, zone: tzinfo | None, words: str) -> None:
    with pytest.raises(ValueError, match=f"^{words}"):
        parse_instant(text, zone)


def test_an_end_that_is_counted_is_one_that_could_be_written() -> None:
    start, day = datetime(2999, 12, 30, tzinfo=UTC), timedelta(days=1)
    assert end_of(start, day) == start + day
    with pytest.raises(ValueError, match="makes an end that must lie between"):
        end_of(start, 2 * day)


def test_an_offset_tells_the_two_hours_of_the_same_name_apart() -> None:
    first = parse_instant("2026-10-25 02:30+02:00", BERLIN)
    second = parse_instant("2026-10-25 02:30+01:00", BERLIN)
    assert second - first == timedelta(hours=1)


@given(st.text())
def test_any_text_is_a_time_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        assert parse_instant(text, BERLIN).tzinfo is UTC
