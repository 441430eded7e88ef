"""What lists are filtered by, as words: a severity, a state, a device, and when an alarm is dated.

They stand among the words of each alarm, since a common word and a rare severity are then one
question to the index. No word of a text begins as they do.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

from alarmbridge.core.alarm import Alarm, State
from alarmbridge.core.severity import Severity

_SEVERITY, _STATE, _DEVICE = "_severity", "_state", "_device"
_HOUR, _DAY, _MONTH = "_hour%Y%m%d%H", "_day%Y%m%d", "_month%Y%m"

# Up to so many days or months a span of time is spelled out for the index.
_MOST_DAYS, _MOST_MONTHS = timedelta(days=62), 1000
_TO_LAST_HOUR = timedelta(hours=23)


def facets_of(alarm: Alarm) -> tuple[str, ...]:
    """Give the words that an alarm has for what it is."""
    dated = (alarm.raised_at or alarm.seen_at).astimezone(UTC)
    return (
        _SEVERITY + alarm.severity,
        _STATE + alarm.state,
        device_word(alarm.device),
        *(f"{dated:{form}}" for form in (_HOUR, _DAY, _MONTH)),
    )


def wanted_facets(
    *,
    severities: Iterable[Severity] = (),
    states: Iterable[State] = (),
    devices: Iterable[str] = (),
    span: tuple[datetime, datetime] | None = None,
) -> list[list[str]]:
    """Say which alarms are meant by groups of words: they have one of each.

    span: only alarms that are dated within; some shortly before and after it may be meant too.
    """
    groups = (
        [_SEVERITY + one for one in severities],
        [_STATE + one for one in states],
        [device_word(name) for name in devices],
        _of_span(*span) if span else [],
    )
    return [sorted(group) for group in groups if group]


def device_word(name: str) -> str:
    """Give the word that all alarms of a device have."""
    # A name may have anything in it, and a word may not.
    return _DEVICE + hashlib.sha256(name.encode()).hexdigest()[:16]


def _of_span(first: datetime, last: datetime) -> list[str]:
    """Spell out a span of time: whole days, and the hours before and after them, or its months.

    [] where it has too many.
    """
    start, end = (at.astimezone(UTC) for at in (first, last))
    if end - start <= _MOST_DAYS:
        return list(_hours_and_days(start, end)) or ["_none"]
    begins = start.year * 12 + start.month - 1
    months = range(begins, end.year * 12 + end.month)
    if len(months) > _MOST_MONTHS:
        return []
    return [f"{date(month // 12, month % 12 + 1, 1):{_MONTH}}" for month in months]


def _hours_and_days(start: datetime, end: datetime) -> Iterator[str]:
    at = start.replace(minute=0, second=0, microsecond=0)
    while at <= end:
        whole = at.hour == 0 and at + _TO_LAST_HOUR <= end
        yield f"{at:{_DAY if whole else _HOUR}}"
        at += timedelta(days=1) if whole else timedelta(hours=1)
