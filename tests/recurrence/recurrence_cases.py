"""Zones, moments, and what a rule comes to when every minute is asked about."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [
    UTC,
    BERLIN,
    ZoneInfo("America/New_York"),
    ZoneInfo("Australia/Lord_Howe"),  # changes by half an hour
    ZoneInfo("America/Havana"),  # changes at midnight
    ZoneInfo("Africa/Cairo"),  # skips midnight
    ZoneInfo("Asia/Kathmandu"),  # 5:45 from UTC, no changes
]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(moments: list[datetime], zone: ZoneInfo = BERLIN) -> list[str]:
    """Write moments as the clocks there show them."""
    return [moment.astimezone(zone).strftime("%a %d %H:%M %Z") for moment in moments]


def minutes(since: datetime, until: datetime) -> Iterator[datetime]:
    """Go through every whole minute, both bounds with it."""
    moment = since.replace(second=0, microsecond=0)
    while moment <= until:
        if moment >= since:
            yield moment
        moment += MINUTE


def days(since: datetime, until: datetime) -> Iterator[date]:
    """Go through every date that might matter."""
    day = since.date() - 2 * DAY
    while day <= until.date() + 2 * DAY:
        yield day
        day += DAY


def once_a_day(
    at: time,
    zone: ZoneInfo,
    since: datetime,
    until: datetime,
    *,
    wanted: Callable[[date], bool],
    skipped: Callable[[datetime, ZoneInfo], datetime],
) -> list[datetime]:
    """Say when a time of day comes; `skipped` says when it does where there is none that day."""
    found = set()
    for day in days(since, until):
        wall = datetime.combine(day, at)
        start = wall.replace(tzinfo=zone).astimezone(UTC)
        if start.astimezone(zone).replace(tzinfo=None) != wall:
            start = skipped(wall, zone)
        if wanted(day) and since <= start <= until:
            found.add(start)
    return sorted(found)


def when_it_is_over(wall: datetime, zone: ZoneInfo) -> datetime:
    """Find the first minute after a skipped one that the clocks do show."""
    while True:
        wall += MINUTE
        start = wall.replace(tzinfo=zone).astimezone(UTC)
        if start.astimezone(zone).replace(tzinfo=None) == wall:
            return start


def by_the_offset_before(wall: datetime, zone: ZoneInfo) -> datetime:
    """Count on through a skipped minute as though the clock had not been changed."""
    before = (wall - DAY).replace(tzinfo=zone).utcoffset()
    assert before is not None
    return wall.replace(tzinfo=UTC) - before
