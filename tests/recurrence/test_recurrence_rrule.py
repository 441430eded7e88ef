"""Rules of RFC 5545: what they come to, what they take from a start, and what is no rule."""

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, tzinfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recurrence_cases import (
    BERLIN,
    DAY,
    MINUTE,
    ZONES,
    by_the_offset_before,
    local,
    once_a_day,
    utc,
)

from alarmbridge.recurrence.rrule import parse_rrule

SPRING, AUTUMN = utc("2026-03-28T12:00"), utc("2026-10-24T12:00")
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants it so
NEEDS_START = "needs a start, from which follows what it does not say itself"


def test_it_comes_by_the_clocks_of_its_zone() -> None:
    rule = parse_rrule("FREQ=WEEKLY;BYDAY=SU;BYHOUR=2", BERLIN)
    starts = rule.between(utc("2026-06-01"), utc("2026-06-15"))
    assert local(starts) == ["Sun 07 02:00 CEST", "Sun 14 02:00 CEST"]
    assert all(start.tzinfo is UTC for start in starts)


def test_the_first_sunday_of_a_month_is_one_rule() -> None:
    rule = parse_rrule("RRULE:FREQ=MONTHLY;BYDAY=1SU;BYHOUR=2;BYMINUTE=30", UTC)
    assert rule.between(utc("2026-06-01"), utc("2026-08-30")) == [
        utc("2026-06-07T02:30"),
        utc("2026-07-05T02:30"),
        utc("2026-08-02T02:30"),
    ]


def test_a_start_says_what_the_rule_leaves_open() -> None:
    start = utc("2026-06-03T22:15:10")
    rule = parse_rrule("FREQ=DAILY;INTERVAL=2;COUNT=3", BERLIN, start)
    assert rule.between(utc("2020-01-01"), utc("2030-01-01")) == [
        start + n * DAY for n in (0, 2, 4)
    ]
    assert rule.after(start + 4 * DAY) is None


def test_the_time_of_day_is_that_of_the_start_there_whatever_the_season() -> None:
    rule = parse_rrule("FREQ=MONTHLY", BERLIN, utc("2026-01-15T21:00"))
    starts = rule.between(utc("2026-06-01"), utc("2026-07-30"))
    assert local(starts) == ["Mon 15 22:00 CEST", "Wed 15 22:00 CEST"]


@pytest.mark.parametrize(
    "line",
    [
        "DTSTART:20260603T220000",
        "DTSTART;TZID=Europe/Berlin:20260603T220000",
        "DTSTART:20260603T200000Z",
    ],
)
def test_a_dtstart_may_stand_before_the_rule(line: str) -> None:
    rule = parse_rrule(f"{line}\nRRULE:FREQ=DAILY;COUNT=2", BERLIN)
    assert local(rule.between(utc("2026-01-01"), utc("2027-01-01"))) == [
        "Wed 03 22:00 CEST",
        "Thu 04 22:00 CEST",
    ]


def test_it_is_over_by_its_until_which_is_in_utc_or_local() -> None:
    start = utc("2026-06-01T00:00")
    for until in ("20260602T220000Z", "20260603T000000"):
        rule = parse_rrule(f"FREQ=DAILY;BYHOUR=0;UNTIL={until}", BERLIN, start)
        assert local(rule.between(start, start + 9 * DAY)) == [
            "Tue 02 00:00 CEST",
            "Wed 03 00:00 CEST",
        ]


def test_what_would_begin_in_the_skipped_hour_goes_by_the_offset_before() -> None:
    rule = parse_rrule("FREQ=DAILY;BYHOUR=2,3;BYMINUTE=0,30", BERLIN)
    assert local(rule.between(utc("2026-03-29T00:00"), utc("2026-03-29T02:00"))) == [
        "Sun 29 03:00 CEST",  # 02:00 and 03:00
        "Sun 29 03:30 CEST",
    ]
    assert rule.after(utc("2026-03-29T01:00")) == utc("2026-03-29T01:30")


def test_what_begins_in_the_hour_that_comes_twice_begins_the_first_time() -> None:
    rule = parse_rrule("FREQ=DAILY;BYHOUR=2;BYMINUTE=30", BERLIN)
    starts = rule.between(utc("2026-10-25T00:00"), utc("2026-10-25T03:00"))
    assert local(starts) == ["Sun 25 02:30 CEST"]


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=DAILY",
        "FREQ=DAILY;BYHOUR=2,14",
        "FREQ=WEEKLY;BYDAY=SU",
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
        "FREQ=YEARLY;BYYEARDAY=1,100",
        "FREQ=WEEKLY;BYDAY=SU;INTERVAL=1;WKST=SU",
        "FREQ=WEEKLY;BYDAY=SU;UNTIL=20301231T000000Z",
    ],
)
def test_a_rule_that_leaves_nothing_open_needs_no_start(text: str) -> None:
    assert parse_rrule(text, UTC).after(utc("2026-01-01"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("FREQ=DAILY;INTERVAL=2", NEEDS_START),
        ("FREQ=DAILY;COUNT=2", NEEDS_START),
        ("FREQ=WEEKLY", NEEDS_START),
        ("FREQ=MONTHLY;BYHOUR=2", NEEDS_START),
        ("FREQ=YEARLY", NEEDS_START),
        ("FREQ=YEARLY;BYMONTH=6", NEEDS_START),
        ("", "must be one rule such as FREQ=WEEKLY;BYDAY=SU;BYHOUR=2"),
        ("FREQ=DAILY\nFREQ=DAILY", "must be one rule"),
        ("FREQ=DAILY\nEXDATE:20260101T000000", "must be one rule"),
        ("FREQ=DAILY;BYHOUR=" + "1," * 600 + "1", "must be one rule"),
        ("DTSTART:20260101T000000", "must be one rule"),
        ("every day", "must be one rule"),
        ("daily", "has no part 'DAILY'; there are: FREQ, UNTIL, "),
        ("EXRULE:FREQ=DAILY", "has no part 'EXRULE:FREQ'"),
        ("FREQ=DAILY;BYEASTER=1", "has no part 'BYEASTER'"),
        ("FREQ=DAILY;", "has no part ''"),
        ("FREQ=DAILY;BYHOUR=2;BYHOUR=3", "has BYHOUR twice"),
        ("BYHOUR=2", "needs a FREQ, one of DAILY, WEEKLY, MONTHLY, YEARLY; cron says what comes"),
        ("FREQ=HOURLY", "needs a FREQ, one of"),
        ("FREQ=DAILY;COUNT=1;UNTIL=20300101T000000Z", "has a COUNT and an UNTIL"),
        ("FREQ=DAILY;UNTIL=20300101", "has an UNTIL that is no moment"),
        ("FREQ=DAILY;UNTIL=20301301T000000", "has an UNTIL that is no moment"),
        ("FREQ=DAILY;UNTIL=00010101T000000Z", "never comes"),
        ("FREQ=DAILY;INTERVAL=0", "has a INTERVAL that is not from 1 to 1000"),
        ("FREQ=DAILY;INTERVAL=1,2", "has several values of INTERVAL"),
        ("FREQ=DAILY;BYHOUR=24", "has a BYHOUR that is not from 0 to 23"),
        ("FREQ=DAILY;BYHOUR=-1", "has a BYHOUR that is not from 0 to 23"),
        ("FREQ=DAILY;BYHOUR=", "has a BYHOUR that is not from 0 to 23"),
        ("FREQ=DAILY;BYHOUR=9999999", "has a BYHOUR that is not from 0 to 23"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "has a BYMONTHDAY that is not from 1 to 31"),
        ("FREQ=WEEKLY;BYDAY=XX", "has a BYDAY that is not such as SU, 1SU or -1SU"),
        ("FREQ=MONTHLY;BYDAY=0SU", "has a BYDAY that is not such as"),
        ("FREQ=MONTHLY;BYDAY=54SU", "has a BYDAY that is not such as"),
        ("FREQ=WEEKLY;BYDAY=1SU", "has a number in BYDAY, which needs FREQ=MONTHLY or YEARLY"),
        ("FREQ=WEEKLY;BYDAY=SU;WKST=XX", "has a WKST that is none of MO, TU, "),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "has a BYMONTHDAY, which RFC 5545 does not allow with FREQ="),
        ("FREQ=MONTHLY;BYWEEKNO=1", "has a BYWEEKNO, which RFC 5545 does not allow"),
        ("FREQ=DAILY;BYYEARDAY=1", "has a BYYEARDAY, which RFC 5545 does not allow"),
        ("FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=" + ",".join(map(str, range(17))), "comes more than 48"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "never comes"),
        ("DTSTART:20260101\nFREQ=DAILY", "has a DTSTART that is none"),
        ("DTSTART:20260231T000000\nFREQ=DAILY", "has a DTSTART that is none"),
        ("DTSTART;VALUE=DATE:20260101\nFREQ=DAILY", "has a DTSTART that is none"),
        ("DTSTART;TZID=Europe/Paris:20260101T000000\nFREQ=DAILY", "has a DTSTART in the zone Euro"),
    ],
)
def test_what_is_no_rule_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(ValueError, match="^" + words.replace("?", r"\?")):
        parse_rrule(text, UTC)


def test_two_starts_are_one_too_many() -> None:
    with pytest.raises(ValueError, match="has a DTSTART, and there is a start as well"):
        parse_rrule("DTSTART:20260101T000000\nFREQ=DAILY", UTC, utc("2026-01-01"))


PART = st.sampled_from(["FREQ", "BYDAY", "BYHOUR", "BYMONTHDAY", "UNTIL", "INTERVAL", "COUNT", "X"])
VALUE = st.sampled_from(["DAILY", "MONTHLY", "SU", "-1MO", "20300101T000000Z"]) | st.text(
    "0123456789,-+Z", max_size=5
)
PARTS = st.lists(st.tuples(PART, VALUE).map("=".join), max_size=4)


@settings(deadline=None)
@given(PARTS.map(lambda parts: ";".join(["FREQ=MONTHLY", *parts])) | st.text(max_size=30))
def test_any_text_is_a_rule_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        parse_rrule(text, BERLIN, utc("2026-01-01"))


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
    at = at.replace(microsecond=0, tzinfo=None, fold=0)
    named = ",".join(("MO", "TU", "WE", "TH", "FR", "SA", "SU")[day] for day in weekdays)
    text = f"FREQ=WEEKLY;BYDAY={named};BYHOUR={at.hour};BYMINUTE={at.minute};BYSECOND={at.second}"
    until = since + length * MINUTE
    expected = once_a_day(
        at,
        zone,  # type: ignore[arg-type] - UTC does as well
        since,
        until,
        wanted=lambda day: day.weekday() in weekdays,
        skipped=by_the_offset_before,
    )
    assert parse_rrule(text, zone).between(since, until) == expected


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 9),
    st.dates(date(2025, 6, 1), date(2026, 3, 1)),
    st.sampled_from(ZONES),
    MOMENTS,
    st.integers(0, 60),
)
def test_every_so_many_days_is_counted_from_the_start(
    interval: int, first: date, zone: tzinfo, since: datetime, length: int
) -> None:
    start = datetime.combine(first, time(12), tzinfo=zone)
    until = since + length * DAY
    expected = once_a_day(
        time(12),
        zone,  # type: ignore[arg-type] - UTC does as well
        since,
        until,
        wanted=lambda day: day >= first and (day - first).days % interval == 0,
        skipped=by_the_offset_before,
    )
    rule = parse_rrule(f"FREQ=DAILY;INTERVAL={interval}", zone, start)
    assert rule.between(since, until) == expected
    following = rule.between(since + timedelta(microseconds=1), since + 300 * DAY)
    assert rule.after(since) == following[0]
