"""An alarm as a notification of alarmbridge's own: mibs/ALARMBRIDGE-MIB.txt, object by object."""

from alarmbridge.core.alarm import ClearReason, Origin
from alarmbridge.core.event import EventKind
from alarmbridge.core.payload import DeviceFacts
from alarmbridge.core.severity import Severity
from alarmbridge.core.telling import Telling
from alarmbridge.sinks.snmp_varbinds import (
    NOWHERE,
    Notification,
    Oid,
    Syntax,
    Varbind,
    address_of,
    host_of,
    integer,
    moment,
    parse_oid,
    text,
)

ROOT: Oid = (1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 25276)
"""alarmbridgeMIB, below netSnmpPlaypen: no number is assigned to this project."""

_NOTIFICATIONS: dict[str, int] = {
    EventKind.RAISED: 1,
    EventKind.CHANGED: 2,
    EventKind.CLEARED: 3,
}

_TEXT = 255
_NAME = 100
_ID = 64

_TRUE, _FALSE = 1, 2
_CLEARED = 1

_SEVERITIES = {
    Severity.INDETERMINATE: 2,
    Severity.CRITICAL: 3,
    Severity.MAJOR: 4,
    Severity.MINOR: 5,
    Severity.WARNING: 6,
}
"""ItuPerceivedSeverity's numbers (RFC 3877)."""

_EVENT_TYPES = {
    "communicationsAlarm": 2,
    "qualityOfServiceAlarm": 3,
    "processingErrorAlarm": 4,
    "equipmentAlarm": 5,
    "environmentalAlarm": 6,
    "integrityViolation": 7,
    "operationalViolation": 8,
    "physicalViolation": 9,
    "securityServiceOrMechanismViolation": 10,
    "timeDomainViolation": 11,
}
"""IANAItuEventType's numbers."""

_OTHER = 1

_REASONS = {
    None: 1,
    ClearReason.DEVICE: 2,
    ClearReason.DEVICE_RESTART: 3,
    ClearReason.DEVICE_REMOVED: 4,
    ClearReason.OPERATOR: 5,
}

_ORIGINS = {Origin.DEVICE: 1, Origin.BRIDGE: 2}


def build_notification(telling: Telling) -> Notification:
    """Say an event by alarmbridgeAlarmRaised, …Changed or …Cleared."""
    varbinds = (*_event(telling), *_alarm(telling), *_device(telling.device))
    number = _NOTIFICATIONS[telling.kind]
    return Notification((*ROOT, 0, number), (*varbinds, *address_of(telling.device)))


def _event(telling: Telling) -> tuple[Varbind, ...]:
    return (
        text(_object(1), telling.event_id, octets=_ID),
        Varbind(_object(2), Syntax.UNSIGNED, telling.sequence % 2**32),
        moment(_object(3), telling.at),
        text(_object(4), telling.note, octets=_TEXT),
    )


def _alarm(telling: Telling) -> tuple[Varbind, ...]:
    alarm, cleared = telling.alarm, telling.kind == EventKind.CLEARED
    now, before = _severities(telling)
    return (
        text(_object(5), alarm.id, octets=_ID),
        integer(_object(6), now),
        integer(_object(7), before),
        text(_object(8), alarm.name, octets=_NAME),
        text(_object(9), alarm.description, octets=_TEXT),
        text(_object(10), alarm.clear_description if cleared else None, octets=_TEXT),
        text(_object(11), alarm.source, octets=_TEXT),
        integer(_object(12), _EVENT_TYPES.get(alarm.event_type or "", _OTHER)),
        text(_object(13), alarm.probable_cause, octets=_NAME),
        Varbind(_object(14), Syntax.OBJECT_ID, parse_oid(alarm.oid) or NOWHERE),
        moment(_object(15), alarm.raised_at or alarm.seen_at),
        moment(_object(16), (alarm.cleared_at or telling.at) if cleared else None),
        integer(_object(17), _REASONS[alarm.clear_reason if cleared else None]),
        integer(_object(18), _TRUE if alarm.transient else _FALSE),
        integer(_object(19), _ORIGINS[alarm.origin]),
    )


def _severities(telling: Telling) -> tuple[int, int]:
    """Say how bad it is now and was before; before a raise it was cleared, as after a clear."""
    severity = _SEVERITIES[telling.alarm.severity]
    match telling.kind:
        case EventKind.RAISED:
            return severity, _CLEARED
        case EventKind.CLEARED:
            return _CLEARED, severity
    return severity, _SEVERITIES[telling.previous_severity or telling.alarm.severity]


def _device(device: DeviceFacts | None) -> tuple[Varbind, ...]:
    tags = sorted(device.tags.items()) if device else ()
    facts = (device.product, device.version) if device else ()
    return (
        text(_object(20), device.name if device else None, octets=_NAME),
        text(_object(21), device.url if device else None, octets=_TEXT),
        text(_object(22), host_of(device.url) if device else None, octets=_TEXT),
        text(_object(23), " ".join(filter(None, facts)), octets=_NAME),
        text(_object(24), device.serial_number if device else None, octets=_NAME),
        text(_object(25), " ".join(f"{key}={value}" for key, value in tags), octets=_TEXT),
    )


def _object(number: int) -> Oid:
    return (*ROOT, 1, number, 0)
