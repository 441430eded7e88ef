"""Maintenance windows, and the silences that they come to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from alarmbridge.core.filters import Match
from alarmbridge.core.silence import Silence, occurrence_id

LONGEST = timedelta(days=31)
"""What a window may last."""

MOST_OVERLAPPING = 10
"""So many occurrences of one window may last at a time."""

_SOME_TIME = datetime(2024, 1, 1, tzinfo=UTC)


class Rule(Protocol):
    """When a window begins."""

    def between(self, since: datetime, until: datetime) -> Sequence[datetime]:
        """List when it begins, in UTC and order, each moment once; both bounds are part of it."""
        ...

    def after(self, moment: datetime) -> datetime | None:
        """Say when it begins next after a moment; None if never again."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A recurring silence. duration: elapsed time, whatever the clocks are set to meanwhile."""

    name: str
    match: Match
    rule: Rule
    duration: timedelta
    comment: str = ""


def occurrences(window: Window, *, since: datetime, until: datetime) -> tuple[Silence, ...]:
    """List the occurrences that are in force at some moment from since to until, oldest first."""
    # One that began just so long before has ended by then.
    starts = window.rule.between(since - window.duration, until)
    return tuple(_occurrence(window, start) for start in starts if start + window.duration > since)


def next_occurrence(window: Window, now: datetime) -> Silence | None:
    """Say what begins next; None when the window never comes again."""
    start = window.rule.after(now)
    return None if start is None else _occurrence(window, start)


def check_overlap(rule: Rule, duration: timedelta) -> None:
    """Raise ValueError where a window would lie over itself many times."""
    first = start = rule.after(_SOME_TIME)
    for _ in range(MOST_OVERLAPPING):
        start = None if start is None else rule.after(start)
    if first is not None and start is not None and start - first < duration:
        raise ValueError(f"comes more than {MOST_OVERLAPPING} times before it is over")


def _occurrence(window: Window, start: datetime) -> Silence:
    return Silence(
        id=occurrence_id(window.name, start),
        match=window.match,
        starts_at=start,
        ends_at=start + window.duration,
        comment=window.comment,
    )
