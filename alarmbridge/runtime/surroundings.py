"""What a device's loop works on, and with."""

from dataclasses import dataclass, field

from alarmbridge.core.health import Manners
from alarmbridge.core.payload import DeviceFacts
from alarmbridge.core.reading import DeviceStatus
from alarmbridge.runtime.ports import Clock, Credentials, Dice
from alarmbridge.runtime.recorder import Recorder
from alarmbridge.runtime.unknown import UnknownOids
from alarmbridge.store.archive import Archive
from alarmbridge.telemetry.metrics import Metrics


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A device as it is configured. The sizes are the most rows that its tables hold.

    credentials: None where a refused login need not be remembered beyond this life. watch_status:
    whether its version and its redundancy are alarms of the bridge's own.
    """

    facts: DeviceFacts
    manners: Manners
    credentials: Credentials | None = None
    active_table_size: int = 120
    history_table_size: int = 500
    watch_status: bool = True

    @property
    def name(self) -> str:
        """Say what the device is called."""
        return self.facts.name

    def facts_with(self, status: DeviceStatus | None) -> DeviceFacts:
        """Say what events say of the device, by what it said of itself last."""
        if status is None:
            return self.facts
        return DeviceFacts(
            name=self.facts.name,
            url=self.facts.url,
            tags=self.facts.tags,
            product=status.product,
            serial_number=status.serial_number,
            version=status.version,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What all pollers share."""

    archive: Archive
    recorder: Recorder
    clock: Clock
    dice: Dice
    metrics: Metrics
    unknown: UnknownOids = field(default_factory=UnknownOids)
