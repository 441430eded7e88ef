"""An alarm: one instance, from its raise to its clear."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from alarmbridge.core.device_time import DeviceTime
from alarmbridge.core.operator import OperatorState
from alarmbridge.core.severity import Severity


class State(StrEnum):
    """Whether the alarm stands."""

    ACTIVE = "active"
    CLEARED = "cleared"


class ClearReason(StrEnum):
    """On whose word an alarm was cleared."""

    DEVICE = "device"
    DEVICE_RESTART = "device_restart"
    DEVICE_REMOVED = "device_removed"
    OPERATOR = "operator"


class Origin(StrEnum):
    """Who raised it: a device, or alarmbridge about itself."""

    DEVICE = "device"
    BRIDGE = "bridge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One instance as the archive holds it; what others see of it is in README.md, "webhook".

    id: the same from raise to clear; see `ids`.
    device: the configured name; "" for an alarm of the bridge that means no device.
    device_alarm_id: its id in the active table; None when it was only ever seen in the history.
    For an alarm of the bridge: what it is about, a sink's name for one.
    device_date: the date that identifies it now; after an escalation that of the newer raise.
    raised_at, cleared_at: the device's moments in UTC, None where it gave none.
    seen_at: when the bridge first saw it. recorded_at: when that was committed.
    revision: how many events it has had after its raise; the next event's number is one more.
    raise_row, clear_row: ids of the history rows that record its raise and its clear.
    stale: the device cannot be seen just now, so this is how it was.
    acknowledged_at, acknowledged_by, operator_closed_at, operator_closed_by: what operators said;
    no event tells it.
    """

    id: str
    device: str
    origin: Origin = Origin.DEVICE
    state: State = State.ACTIVE
    severity: Severity
    description: str
    clear_description: str | None = None
    source: str | None = None
    oid: str | None = None
    name: str | None = None
    event_type: str | None = None
    probable_cause: str | None = None
    device_alarm_id: str | None = None
    device_date: DeviceTime | None = None
    raised_at: datetime | None = None
    cleared_at: datetime | None = None
    cleared_raw: str | None = None
    clear_reason: ClearReason | None = None
    seen_at: datetime
    recorded_at: datetime | None = None
    transient: bool = False
    revision: int = 0
    raise_row: str | None = None
    clear_row: str | None = None
    stale: bool = False
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    operator_closed_at: datetime | None = None
    operator_closed_by: str | None = None

    @property
    def operator_state(self) -> OperatorState:
        """How operators left it."""
        if self.operator_closed_at is not None:
            return OperatorState.CLOSED
        return OperatorState.NONE if self.acknowledged_at is None else OperatorState.ACK
