"""An event as the outside hears it (README.md, "webhook"); built once, the same at every repeat."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from alarmbridge.core.alarm import Alarm, Origin
from alarmbridge.core.event import KINDS, Changed, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFacts:
    """What is said of a device in each of its events. What it never told is None."""

    name: str
    url: str
    tags: Mapping[str, str] = field(default_factory=dict)
    product: str | None = None
    serial_number: str | None = None
    version: str | None = None


def build_body(event: Event, device: DeviceFacts | None) -> str:
    """Build the JSON text of an event. device: None where the alarm means none."""
    body = {
        "type": f"alarm.{KINDS[type(event)]}",
        "timestamp": format_instant(event.at),
        "data": {
            "event_id": event.id,
            "sequence": event.sequence,
            "transient": event.alarm.transient,
            "alarm": alarm_as_json(event.alarm, previous_severity=_previous(event)),
            "device": device_as_json(device) if device else None,
        },
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def with_note(body: str, note: str | None) -> str:
    """Add what alarmbridge has to say of an event at one sink, as `data.note`."""
    if note is None:
        return body
    said = json.loads(body)
    said["data"]["note"] = note
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def alarm_as_json(alarm: Alarm, *, previous_severity: str | None = None) -> dict[str, object]:
    """Give an alarm the shape that sinks and the API share."""
    device_alarm_id = alarm.device_alarm_id or alarm.raise_row
    return {
        "id": alarm.id,
        "state": alarm.state.value,
        "severity": alarm.severity.value,
        "previous_severity": previous_severity,
        "description": alarm.description,
        "clear_description": alarm.clear_description,
        "source": alarm.source,
        "oid": alarm.oid,
        "name": alarm.name,
        "event_type": alarm.event_type,
        "probable_cause": alarm.probable_cause,
        "raised_at": format_instant(alarm.raised_at),
        "cleared_at": format_instant(alarm.cleared_at),
        "clear_reason": alarm.clear_reason.value if alarm.clear_reason else None,
        "seen_at": format_instant(alarm.seen_at),
        "device_alarm_id": device_alarm_id if alarm.origin is Origin.DEVICE else None,
        "origin": alarm.origin.value,
    }


def listed_alarm_as_json(alarm: Alarm) -> dict[str, object]:
    """Give an alarm the shape that the API and the command list it in: how it is just now, too."""
    return {
        **alarm_as_json(alarm),
        "device": alarm.device or None,
        "stale": alarm.stale,
        "operator_state": alarm.operator_state.value,
        "acknowledged_at": format_instant(alarm.acknowledged_at),
        "acknowledged_by": alarm.acknowledged_by,
        "closed_at": format_instant(alarm.operator_closed_at),
        "closed_by": alarm.operator_closed_by,
    }


def device_as_json(device: DeviceFacts) -> dict[str, object]:
    """Give a device the shape that events carry."""
    return {
        "name": device.name,
        "url": device.url,
        "tags": dict(device.tags),
        "product": device.product,
        "serial_number": device.serial_number,
        "version": device.version,
    }


def format_instant(instant: datetime | None) -> str | None:
    """Write an instant as RFC 3339 in UTC with milliseconds, `2026-11-23T21:04:05.123Z`."""
    if instant is None:
        return None
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _previous(event: Event) -> str | None:
    return event.previous_severity.value if isinstance(event, Changed) else None
