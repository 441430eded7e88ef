"""Names that follow from what they name, so that saying a thing twice names it once."""

from collections.abc import Sequence
from uuid import UUID, uuid5

from alarmbridge.core.device_time import DeviceTime

_NAMESPACE = UUID("6f0d6b0e-7a0f-5a86-9f6e-0a1c53a0b2d4")


def _name(parts: Sequence[object]) -> str:
    # A length before each part, otherwise ("a", "bc") and ("ab", "c") would share a name.
    return str(uuid5(_NAMESPACE, "".join(f"{len(str(part))}:{part}" for part in parts)))


def identity_of(
    *,
    device: str,
    device_alarm_id: str | None,
    date: DeviceTime | None,
    oid: str | None,
    source: str | None,
    raise_row: str | None = None,
) -> str:
    """Name what tells one instance from another (docs/design.md, "Which alarm it is").

    raise_row stands in where the alarm has no id of its own, seen only in the history.
    """
    own = device_alarm_id if device_alarm_id is not None else f"history/{raise_row}"
    return _name(("identity", device, own, date.raw if date else None, oid, source))


def alarm_id_of(*, identity: str, occurrence: int) -> str:
    """Name an instance. occurrence: how many of the same identity the archive had before."""
    return _name(("alarm", identity, occurrence))


def event_id_of(*, alarm_id: str, kind: str, revision: int, evidence: str) -> str:
    """Name an event of an alarm. evidence: what it says, so that other words are another event."""
    return _name(("event", alarm_id, kind, revision, evidence))
