"""Rates: how many alarms come in ten minutes, and when that is a flood (ISA-18.2)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from alarmbridge.core.report_figures import DAY, SLOT, Period, Stale, slot_start

FLOOD_ABOVE = 10
"""A flood begins with a slot that has more alarms than this."""

CALM_BELOW = 5
"""It is over with a slot that has fewer than this."""


@dataclass(frozen=True, slots=True)
class Flood:
    """A flood, from the start of its first slot to the end of its last. peak: of a slot."""

    since: datetime
    until: datetime
    raised: int
    peak: int

    @property
    def length(self) -> timedelta:
        """How long it lasted."""
        return self.until - self.since


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """How often alarms come. Averages are of all slots, those without an alarm among them.

    peak_at: when the slot began that had most; None where there was no alarm. crowded: slots
    with more than ten.
    """

    average: float
    per_day: float
    peak: int
    peak_at: datetime | None
    slots: int
    crowded: int

    @property
    def crowded_share(self) -> float:
        """Which part of all slots had more than ten, 0 to 1."""
        return self.crowded / self.slots


def rates_of(slots: Mapping[int, int], period: Period) -> Rates:
    """Count how often alarms came."""
    raised = sum(slots.values())
    # Of several the first.
    busiest = max(sorted(slots), key=lambda number: slots[number], default=None)
    return Rates(
        average=raised / period.count,
        per_day=raised / (period.length / DAY),
        peak=0 if busiest is None else slots[busiest],
        peak_at=None if busiest is None else slot_start(busiest),
        slots=period.count,
        crowded=sum(number > FLOOD_ABOVE for number in slots.values()),
    )


def floods_of(slots: Mapping[int, int], period: Period) -> tuple[Flood, ...]:
    """Find the floods of a period, oldest first; none overlaps another, nor touches it."""
    floods: list[Flood] = []
    under_way: list[int] = []
    for number in range(period.first, period.first + period.count):
        raised = slots.get(number, 0)
        if raised > FLOOD_ABOVE or (under_way and raised >= CALM_BELOW):
            under_way.append(raised)
        elif under_way:
            floods.append(_flood(under_way, number))
            under_way = []
    if under_way:
        floods.append(_flood(under_way, period.first + period.count))
    return tuple(floods)


def _flood(raised: list[int], behind: int) -> Flood:
    until = slot_start(behind)
    return Flood(until - len(raised) * SLOT, until, sum(raised), max(raised))


def by_day(slots: Mapping[int, int]) -> dict[date, int]:
    """Count alarms by day (UTC); a day without any is left out."""
    days: Counter[date] = Counter()
    for number, raised in slots.items():
        days[slot_start(number).date()] += raised
    return dict(sorted(days.items()))


def stale_by_day(spells: Iterable[Stale], period: Period) -> dict[date, int]:
    """Count for each day of a period the alarms that stood for over a day by then."""
    steps: Counter[date] = Counter()
    for spell in spells:
        if spell.last < period.since.date():
            continue
        steps[max(spell.first, period.since.date())] += spell.count
        steps[spell.last + DAY] -= spell.count
    days: dict[date, int] = {}
    count, day = 0, period.since.date()
    while day <= (period.until - timedelta.resolution).date():
        count += steps[day]
        days[day] = count
        day += DAY
    return days
