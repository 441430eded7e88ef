"""Whether a device has started anew between two looks at its status."""

from dataclasses import dataclass

from alarmbridge.core.reading import DeviceStatus

_WRAP = 1 << 32
_HOUR = 60 * 60 * 100


@dataclass(frozen=True, slots=True)
class Restart:
    """A device began anew. reason: how it shows.

    wiped: its history is known to be empty of what was there before. Not so when another unit
    of a pair answers, which may have brought a copy along.
    """

    reason: str
    wiped: bool


def restart_between(
    *, serial_number: str | None, uptime: int | None, status: DeviceStatus
) -> Restart | None:
    """Say why the device must have restarted since these were stored, or None.

    The uptime's unit is disputed (seconds or hundredths), so only its going down counts, and
    only by more than the answer's own delay explains: a slow answer may have been made up at any
    moment between question and arrival. Hundredths in 32 bits begin at 0 again every 497 days:
    within an hour around that moment going down means nothing.
    """
    if serial_number and status.serial_number and serial_number != status.serial_number:
        return Restart(
            f"its serial number went from {serial_number} to {status.serial_number}", wiped=False
        )
    if uptime is None or status.uptime is None:
        return None
    explained = int(status.received_at - status.asked_at) + 1
    wrapped = (status.uptime - uptime) % _WRAP < _HOUR
    if status.uptime < uptime - explained and not wrapped:
        return Restart(f"its uptime went from {uptime} down to {status.uptime}", wiped=True)
    return None
