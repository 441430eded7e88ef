"""Figures of a period: what the archive counts for a report, as small values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Generic, TypeVar

from alarmbridge.core.severity import Severity

SLOT = timedelta(minutes=10)
"""The length of time that ISA-18.2 and EEMUA 191 count alarms in."""

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)

LONGEST = timedelta(days=366)
"""Of one report; its slots are counted one by one."""

LISTED = 10
"""Alarms that are named under each figure."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Period:
    """A time from one moment to another, in whole slots of the clock (UTC)."""

    since: datetime
    until: datetime

    @property
    def first(self) -> int:
        """The number of its first slot, counted from 1970."""
        return (self.since - _EPOCH) // SLOT

    @property
    def count(self) -> int:
        """How many slots it has; one at least."""
        return (self.until - self.since) // SLOT

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.until - self.since


def period_of(since: datetime, until: datetime) -> Period:
    """Widen a time to whole slots, and to one at least."""
    first = (since - _EPOCH) // SLOT
    behind = -((_EPOCH - until) // SLOT)
    return Period(slot_start(first), slot_start(max(behind, first + 1)))


def slot_start(number: int) -> datetime:
    """Say when a slot begins."""
    return _EPOCH + number * SLOT


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """One alarm, however often it was raised: the same kind at the same source of a device.

    name: of the catalogue, None where its oid is not in it. description: where it has no oid
    either, by which it is known then. raised: how often in the period; critical: how often of
    these as critical; fleeting: how often it was gone within a minute. worst: its worst severity.
    """

    device: str
    name: str | None = None
    oid: str | None = None
    source: str | None = None
    description: str | None = None
    worst: Severity
    raised: int
    critical: int = 0
    fleeting: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Chatter:
    """An alarm that was raised three times or more within a minute.

    most: how often within one minute. again: raises with three before them within a minute.
    pause: the longest time, up to a quarter of an hour, that it was quiet between two raises.
    """

    actor: Actor
    most: int
    again: int
    pause: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An alarm that stands. seen_at: since when, by our clock."""

    id: str
    device: str
    name: str | None
    source: str | None
    description: str
    severity: Severity
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Alarms of one severity: how many were raised, how many of these were acknowledged."""

    raised: int = 0
    acknowledged: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """Alarms that were gone within a minute, by how many whole seconds they stood."""

    seconds: int
    count: int
    critical: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """Alarms that stood for more than a day: on which days (UTC), both inclusive."""

    first: date
    last: date
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Blind:
    """How long a device could not be seen in the period. lasting: nor can it now."""

    device: str
    spells: int
    length: timedelta
    lasting: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed(Generic[T]):
    """The first of many. count: of all."""

    items: tuple[T, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was counted of the alarms that were raised in a period, and of those that stand.

    now: when that was. slots: alarms raised by slot, none where there is no key. transients,
    critical_transients: of alarms that came and went unseen. stale: those that stood for over a
    day in the period; standing: those that do now, oldest first. unacknowledged: those of the
    period that stand and were never acknowledged, the worst first. median: from raise to
    acknowledgement. own: the bridge's own alarms, which nothing else counts. devices: how many
    there are.
    """

    period: Period
    now: datetime
    slots: Mapping[int, int] = field(default_factory=dict)
    severities: Mapping[Severity, Told] = field(default_factory=dict)
    transients: int = 0
    critical_transients: int = 0
    frequent: Listed[Actor] = Listed()
    fleeting: Listed[Actor] = Listed()
    brief: tuple[Brief, ...] = ()
    chattering: Listed[Chatter] = Listed()
    again: int = 0
    critical_again: int = 0
    stale: tuple[Stale, ...] = ()
    standing: Listed[Standing] = Listed()
    unacknowledged: Listed[Standing] = Listed()
    median: timedelta | None = None
    blind: Listed[Blind] = Listed()
    own: int = 0
    devices: int = 0

    @property
    def raised(self) -> int:
        """How many alarms there were."""
        return sum(self.slots.values())
