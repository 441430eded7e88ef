"""What the archive holds of a device before a sync, and what is to be written after it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.event import Event


@dataclass(frozen=True, slots=True)
class HistoryMark:
    """A row of the device's history table that has been dealt with.

    firm: it was there in a settled read, so nothing older that we had not seen can be missing, or
    in one that declared what is missing. Only firm marks are anchors. date: as the device wrote
    it, None where it gave none. clears: the row records a clear, so this device's history tells
    of clears.
    """

    id: str
    description: str
    firm: bool
    date: str | None = None
    clears: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """All that the archive knows of a device and a decision needs.

    active: its alarms that stand, oldest first.
    own: the bridge's own alarms about it that stand.
    loose: alarms cleared lately that lack a row: the history may still show it.
    marks: by history id.
    sequence: of its latest event, 0 before the first.
    read_at: until when its tables were known to be as held; None before the first settled read.
    first_seen_at: since when it is configured.
    newest_last: the direction of its history table, None until learnt.
    serial_number, uptime, version, high_availability: as last stored, None before the first status.
    """

    device: str
    active: tuple[Alarm, ...] = ()
    own: tuple[Alarm, ...] = ()
    loose: tuple[Alarm, ...] = ()
    marks: Mapping[str, HistoryMark] = field(default_factory=dict)
    sequence: int = 0
    read_at: datetime | None = None
    first_seen_at: datetime | None = None
    newest_last: bool | None = None
    serial_number: str | None = None
    uptime: int | None = None
    version: str | None = None
    high_availability: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """History that was overwritten before it could be read, and its bounds on our clock."""

    since: datetime
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a sync comes to.

    events: in order; each carries its alarm as it is to be stored.
    evidence: alarms that learnt something (their history rows) that is no event.
    new_marks, lost_marks: history rows dealt with, and ids of those the device has dropped.
    gap: declared when no anchor was left.
    restarted: it shows that the device began anew, by what it said or by what it listed.
    remarks: oddities for the log, in words.
    """

    events: tuple[Event, ...] = ()
    evidence: tuple[Alarm, ...] = ()
    new_marks: tuple[HistoryMark, ...] = ()
    lost_marks: tuple[str, ...] = ()
    gap: Gap | None = None
    restarted: bool = False
    remarks: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.events or self.evidence or self.new_marks or self.lost_marks or self.gap)
