"""What a sync saw on a device, as far as it may be believed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from alarmbridge.core.device_time import DeviceTime
from alarmbridge.core.severity import Severity


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: all that a list tells of an alarm (guide 8.1, 8.2)."""

    id: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One alarm with its details (guide 8.1.1, 8.2.1). Whatever the device left out is None.

    cleared: a history row that records a clear; its date is then the moment of the clear, its
    severity means nothing.
    """

    id: str
    description: str
    severity: Severity
    cleared: bool = False
    source: str | None = None
    oid: str | None = None
    date: DeviceTime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStatus:
    """The device about itself (guide 9), and when it was asked, in seconds on our own clock.

    uptime: in a unit nobody is sure of; good for "went down" and for nothing else.
    """

    asked_at: float
    received_at: float
    local_time: DeviceTime | None
    uptime: int | None
    serial_number: str | None
    product: str | None
    version: str | None
    high_availability: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What one sync saw of both tables; never built from a read that failed.

    active: the rows of the active table, as listed.
    details: by id, those active alarms that were read whole this time: the new, the changed,
    all of them when the sync verified.
    history: ids and texts of the history table, oldest first.
    history_details: by id, those history rows that were read whole; a row that nobody knows and
    that is missing here waits for the next sync.
    gone: ids of held alarms whose own URL proved that they are no longer active.
    anchor_gone: the history lists no row that was known, and the URL of one says so too.
    """

    active: tuple[Row, ...]
    details: Mapping[str, Reading] = field(default_factory=dict)
    history: tuple[Row, ...] = ()
    history_details: Mapping[str, Reading] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    anchor_gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled(Snapshot):
    """Nothing moved while it was read, and nothing can have moved unnoticed since.

    complete: the active list was below the table's cap, so what it lacks is not active.
    """

    complete: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsettled(Snapshot):
    """Something moved, or may have: what it shows is there, what it lacks proves nothing.

    reason: why, for the log and for whoever debugs a device that never settles.
    """

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What the archive knows before a sync, so that only news is read whole.

    active: device alarm id to the description held.
    history: history id to the description held.
    newest_last: the direction of the history table, None until it was learnt.
    verify: read every active alarm whole, known or not.
    """

    active: Mapping[str, str]
    history: Mapping[str, str]
    newest_last: bool | None = None
    verify: bool = False
