"""Events: what happened to an alarm. Facts, never edited."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.ids import event_id_of
from alarmbridge.core.severity import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    """What all three have in common.

    id: follows from the alarm, the kind and the evidence; see `ids`.
    sequence: rises by one with each event of a device.
    at: when the bridge decided it, UTC.
    alarm: the alarm as it is after the event.
    """

    id: str
    sequence: int
    at: datetime
    alarm: Alarm


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised(_Event):
    """An alarm stands that was not known before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed(_Event):
    """An alarm that stands has another text, severity or detail than before."""

    previous_severity: Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared(_Event):
    """An alarm stands no longer, and there is proof of it."""


Event = Raised | Changed | Cleared


class EventKind(StrEnum):
    """The word for each kind: the archive's column, and the outside's `alarm.<word>`."""

    RAISED = "raised"
    CHANGED = "changed"
    CLEARED = "cleared"


KINDS: dict[type[Event], EventKind] = {
    Raised: EventKind.RAISED,
    Changed: EventKind.CHANGED,
    Cleared: EventKind.CLEARED,
}


def tell_raised(alarm: Alarm, *, sequence: int, now: datetime) -> Raised:
    """Make the event that opens an alarm."""
    return Raised(id=_id(alarm, EventKind.RAISED), sequence=sequence, at=now, alarm=alarm)


def tell_changed(
    alarm: Alarm, *, previous_severity: Severity, sequence: int, now: datetime
) -> Changed:
    """Make the event that says an alarm reads otherwise now; alarm is how it reads."""
    revised = replace(alarm, revision=alarm.revision + 1)
    return Changed(
        id=_id(revised, EventKind.CHANGED),
        sequence=sequence,
        at=now,
        alarm=revised,
        previous_severity=previous_severity,
    )


def tell_cleared(alarm: Alarm, *, sequence: int, now: datetime) -> Cleared:
    """Make the event that closes an alarm; alarm is the closed one."""
    revised = replace(alarm, revision=alarm.revision + 1)
    return Cleared(id=_id(revised, EventKind.CLEARED), sequence=sequence, at=now, alarm=revised)


def _id(alarm: Alarm, kind: EventKind) -> str:
    # The words and the severity are the evidence: a change back to an older text is a new fact
    # by its revision, the same change read twice is not.
    evidence = f"{alarm.severity}/{alarm.description}"
    return event_id_of(alarm_id=alarm.id, kind=kind, revision=alarm.revision, evidence=evidence)
