"""Rules of cron: what they come to, when the clock is changed above all."""

from contextlib import suppress
from datetime import UTC, datetime, time, timedelta, tzinfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recurrence_cases import (
    BERLIN,
    DAY,
    HOUR,
    MINUTE,
    ZONES,
    local,
    minutes,
    once_a_day,
    utc,
    when_it_is_over,
)

from alarmbridge.recurrence.cron import parse_cron

SPRING, AUTUMN = utc("2026-03-28T12:00"), utc("2026-10-24T12:00")
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants it so


def test_it_comes_by_the_clocks_of_its_zone() -> None:
    rule = parse_cron("0 2 * * SUN", BERLIN)
    starts = rule.between(utc("2026-06-01"), utc("2026-06-15"))
    assert local(starts) == ["Sun 07 02:00 CEST", "Sun 14 02:00 CEST"]
    assert all(start.tzinfo is UTC for start in starts)


def test_both_bounds_are_part_of_it() -> None:
    rule = parse_cron("0 2 * * *", UTC)
    first, second = utc("2026-06-01T02:00"), utc("2026-06-02T02:00")
    assert rule.between(first, second) == [first, second]
    assert rule.between(first + timedelta(microseconds=1), second - MINUTE) == []
    assert rule.between(second, first) == []


def test_what_comes_next_is_after_the_moment() -> None:
    rule = parse_cron("0 2 * * *", UTC)
    assert rule.after(utc("2026-06-01T02:00")) == utc("2026-06-02T02:00")
    assert rule.after(utc("2026-06-01T01:59:59")) == utc("2026-06-01T02:00")


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("30 2 * * *", ["Sun 29 03:00 CEST"]),
        ("0,30 2 * * *", ["Sun 29 03:00 CEST"]),
        ("0 3 * * *", ["Sun 29 03:00 CEST"]),
        ("30 1 * * *", ["Sun 29 01:30 CET"]),
        ("30 * * * *", ["Sun 29 01:30 CET", "Sun 29 03:30 CEST"]),
    ],
)
def test_what_would_begin_in_the_skipped_hour_begins_when_it_is_over(
    text: str, starts: list[str]
) -> None:
    rule = parse_cron(text, BERLIN)
    assert local(rule.between(utc("2026-03-29T00:15"), utc("2026-03-29T01:45"))) == starts


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("30 2 * * *", ["Sun 25 02:30 CEST"]),
        ("30 * * * *", ["Sun 25 02:30 CEST", "Sun 25 02:30 CET"]),
        (
            "*/30 2 * * *",
            ["Sun 25 02:00 CEST", "Sun 25 02:30 CEST", "Sun 25 02:00 CET", "Sun 25 02:30 CET"],
        ),
        ("0 3 * * *", ["Sun 25 03:00 CET"]),
    ],
)
def test_what_begins_in_the_hour_that_comes_twice_begins_once_unless_it_has_a_star(
    text: str, starts: list[str]
) -> None:
    rule = parse_cron(text, BERLIN)
    assert local(rule.between(utc("2026-10-24T23:50"), utc("2026-10-25T02:10"))) == starts


def test_it_is_not_forgotten_where_the_first_look_is_within_the_change() -> None:
    for text, at in (("30 2 * * *", "2026-10-25T00:30"), ("30 2 * * *", "2026-03-29T01:00")):
        assert parse_cron(text, BERLIN).between(utc(at), utc(at)) == [utc(at)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "must have five fields: minute, hour, day of month, month and day of week"),
        ("@daily", "must have five fields"),
        ("0 0 2 * * *", "must have five fields"),
        ("0 2 * *", "must have five fields"),
        ("0 2 * * " + "1," * 200 + "1", "must have five fields"),
        ("60 2 * * *", "has a wrong minute"),
        ("0 24 * * *", "has a wrong hour"),
        ("0 2 30 2 *", "has a wrong day of month"),
        ("0 2 31 4,6,9 *", "has a wrong day of month"),
        ("0 2 * 13 *", "has a wrong month"),
        ("0 2 * * FUN", "has a wrong day of week"),
        ("5-1 2 * * *", "has a wrong minute"),
        ("*/0 2 * * *", "has a wrong minute"),
        ("0 2 */29 2 MON#5", "never comes"),
        ("9" * 190 + " 2 * * *", "has a wrong minute"),
        ("\u0663 2 * * *", "has a wrong minute"),
    ],
)
def test_what_cannot_be_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=f"^{words}"):
        parse_cron(text, BERLIN)


FIELD = st.text("0123456789*/-,L#W", min_size=1, max_size=6)


@given(st.lists(FIELD, min_size=5, max_size=5).map(" ".join))
def test_any_text_is_a_rule_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        parse_cron(text, BERLIN)


@settings(max_examples=60, deadline=None)
@given(
    st.times(),
    st.sets(st.integers(0, 6), min_size=1),
    st.sampled_from(ZONES),
    MOMENTS | st.sampled_from([SPRING, AUTUMN]),
    st.integers(0, 60 * 24 * 9),
)
def test_a_time_of_day_comes_as_every_single_day_says(
    at: time, weekdays: set[int], zone: tzinfo, since: datetime, length: int
) -> None:
    at = at.replace(second=0, microsecond=0, tzinfo=None, fold=0)
    text = f"{at.minute} {at.hour} * * {','.join(str((day + 1) % 7) for day in weekdays)}"
    until = since + length * MINUTE
    expected = once_a_day(
        at,
        zone,  # type: ignore[arg-type] - UTC does as well
        since,
        until,
        wanted=lambda day: day.weekday() in weekdays,
        skipped=when_it_is_over,
    )
    assert parse_cron(text, zone).between(since, until) == expected


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 59),
    st.sampled_from(ZONES),
    MOMENTS | st.sampled_from([SPRING, AUTUMN]),
    st.integers(0, 60 * 30),
)
def test_a_rule_with_a_star_comes_as_every_single_minute_says(
    step: int, zone: tzinfo, since: datetime, length: int
) -> None:
    until = since + length * MINUTE
    expected = [
        moment for moment in minutes(since, until) if moment.astimezone(zone).minute % step == 0
    ]
    assert parse_cron(f"*/{step} * * * *", zone).between(since, until) == expected


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["30 2 * * *", "0 0 * * 0", "*/20 * * * *", "15 1 1,15 * *"]),
    st.sampled_from(ZONES),
    MOMENTS,
)
def test_next_is_the_first_of_all_that_are_after(text: str, zone: tzinfo, now: datetime) -> None:
    rule = parse_cron(text, zone)
    following = rule.between(now + timedelta(microseconds=1), now + 40 * DAY)
    assert rule.after(now) == following[0]
    assert rule.between(now, now + HOUR) == sorted(set(rule.between(now, now + HOUR)))
