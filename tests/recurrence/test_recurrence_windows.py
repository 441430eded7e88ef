"""Windows: the silences that they come to, across changes of the clock and over each other."""

from datetime import UTC, datetime, timedelta, tzinfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recurrence_cases import BERLIN, DAY, HOUR, MINUTE, ZONES, minutes, utc

from alarmbridge.core.filters import Match
from alarmbridge.recurrence.cron import parse_cron
from alarmbridge.recurrence.rrule import parse_rrule
from alarmbridge.recurrence.windows import (
    Window,
    check_overlap,
    next_occurrence,
    occurrences,
)

MATCH = Match(devices=("sbc-*",))


def window(cron: str, duration: timedelta, zone: tzinfo = UTC) -> Window:
    return Window(
        name="nightly",
        match=MATCH,
        rule=parse_cron(cron, zone),
        duration=duration,
        comment="backups",
    )


def test_an_occurrence_is_a_silence_that_is_named_by_window_and_start() -> None:
    night = window("0 2 * * *", 2 * HOUR, BERLIN)
    (one,) = occurrences(night, since=utc("2026-06-01T00:30"), until=utc("2026-06-01T00:30"))
    assert one.id == "config/maintenance/nightly/2026-06-01T00:00:00Z"
    assert (one.starts_at, one.ends_at) == (utc("2026-06-01T00:00"), utc("2026-06-01T02:00"))
    assert (one.match, one.comment, one.author, one.created_at) == (MATCH, "backups", "", None)


def test_its_id_is_the_same_whenever_it_is_asked_for() -> None:
    night = window("0 2 * * *", 2 * HOUR)
    whole = occurrences(night, since=utc("2026-06-01"), until=utc("2026-06-09"))
    for one in whole:
        again = window("0 2 * * *", 2 * HOUR)
        assert occurrences(again, since=one.starts_at, until=one.starts_at) == (one,)


def test_what_began_before_and_lasts_is_there() -> None:
    long = window("0 0 1 * *", 10 * DAY)
    at = utc("2026-06-10T23:59")
    (one,) = occurrences(long, since=at, until=at)
    assert one.starts_at == utc("2026-06-01")
    assert occurrences(long, since=utc("2026-06-11"), until=utc("2026-06-30T23:59")) == ()


@pytest.mark.parametrize(
    ("since", "ends"),
    [("2026-03-28T12:00", "2026-03-29T02:00"), ("2026-10-24T12:00", "2026-10-25T01:00")],
    ids=["spring", "autumn"],
)
def test_a_duration_is_elapsed_time_whatever_the_clocks_show(since: str, ends: str) -> None:
    # 01:00 CET to 04:00 CEST in spring, 01:00 CEST to 02:00 CET in autumn: two hours each.
    night = window("0 1 * * *", 2 * HOUR, BERLIN)
    (one,) = occurrences(night, since=utc(since), until=utc(since) + 18 * HOUR)
    assert one.ends_at == utc(ends)
    assert one.ends_at - one.starts_at == 2 * HOUR


def test_occurrences_may_lie_over_each_other() -> None:
    both = window("0 22,23 * * *", 2 * HOUR)
    found = occurrences(both, since=utc("2026-06-01T23:30"), until=utc("2026-06-01T23:30"))
    assert [one.starts_at.hour for one in found] == [22, 23]


def test_next_is_what_begins_after_now() -> None:
    night = window("0 2 * * *", 2 * HOUR)
    following = next_occurrence(night, utc("2026-06-01T03:00"))
    assert following
    assert following.starts_at == utc("2026-06-02T02:00")
    over = Window(
        name="once",
        match=MATCH,
        rule=parse_rrule("FREQ=DAILY;COUNT=1", UTC, utc("2020-01-01")),
        duration=HOUR,
    )
    assert next_occurrence(over, utc("2026-06-01")) is None


@pytest.mark.parametrize(
    ("cron", "duration"),
    [("* * * * *", 11 * MINUTE), ("0 * * * *", 12 * HOUR), ("* 3 1 * *", 20 * MINUTE)],
)
def test_a_window_that_would_lie_over_itself_many_times_is_refused(
    cron: str, duration: timedelta
) -> None:
    with pytest.raises(ValueError, match="comes more than 10 times before it is over"):
        check_overlap(parse_cron(cron, UTC), duration)


def test_a_window_may_lie_over_itself_some_times() -> None:
    check_overlap(parse_cron("* * * * *", UTC), 10 * MINUTE)
    check_overlap(parse_cron("0 22,23 * * *", UTC), 2 * HOUR)
    check_overlap(parse_rrule("FREQ=DAILY;COUNT=1", UTC, utc("2026-01-01")), 30 * DAY)
    check_overlap(parse_rrule("FREQ=DAILY;COUNT=1", UTC, utc("2020-01-01")), 30 * DAY)


RULES = st.sampled_from(
    ["30 2 * * *", "0 22,23 * * *", "*/20 * * * *", "15 1 * * 0", "0 0 1,15 * *"]
)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants it so


@settings(max_examples=80, deadline=None)
@given(
    RULES,
    st.sampled_from(ZONES),
    st.integers(1, 60 * 40),
    MOMENTS | st.sampled_from([utc("2026-03-29T00:50"), utc("2026-10-25T00:10")]),
    st.integers(0, 60 * 24),
)
def test_it_is_in_force_in_exactly_the_minutes_that_follow_a_start(
    cron: str, zone: tzinfo, duration: int, since: datetime, length: int
) -> None:
    one = window(cron, duration * MINUTE, zone)
    until = since + length * MINUTE
    starts = one.rule.between(since - 3 * DAY, until + DAY)
    found = occurrences(one, since=since, until=until)
    for now in minutes(since, until):
        expected = [start for start in starts if start <= now < start + one.duration]
        assert [silence.starts_at for silence in found if silence.holds(now)] == expected
    assert all(silence.ends_at > since and silence.starts_at <= until for silence in found)
    assert len({silence.id for silence in found}) == len(found)


@settings(max_examples=40, deadline=None)
@given(RULES, st.sampled_from(ZONES), MOMENTS, st.integers(0, 90), st.integers(0, 90))
def test_two_spans_have_what_the_whole_has(
    cron: str, zone: tzinfo, since: datetime, first: int, second: int
) -> None:
    one = window(cron, 3 * HOUR, zone)
    middle, until = since + first * HOUR, since + (first + second) * HOUR
    parts = (
        *occurrences(one, since=since, until=middle),
        *occurrences(one, since=middle, until=until),
    )
    whole = occurrences(one, since=since, until=until)
    assert {silence.id for silence in parts} == {silence.id for silence in whole}
