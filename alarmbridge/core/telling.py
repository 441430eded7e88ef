"""An event as a sink reads it: the body that the archive keeps, as values again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alarmbridge.core.alarm import Alarm, ClearReason, Origin, State
from alarmbridge.core.payload import DeviceFacts
from alarmbridge.core.severity import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What an event says (README.md, "webhook").

    kind: raised, changed or cleared. alarm: as it was after the event; only what the body holds
    is set. device: None where the alarm means none. note: what alarmbridge adds, that it flaps
    for one.
    """

    event_id: str
    kind: str
    at: datetime
    sequence: int
    alarm: Alarm
    previous_severity: Severity | None = None
    device: DeviceFacts | None = None
    note: str | None = None


def read_telling(body: str) -> Telling:
    """Read what `payload.build_body` wrote."""
    said = json.loads(body)
    data, told, device = said["data"], said["data"]["alarm"], said["data"]["device"]
    previous = told["previous_severity"]
    return Telling(
        event_id=data["event_id"],
        kind=said["type"].removeprefix("alarm."),
        at=datetime.fromisoformat(said["timestamp"]),
        sequence=data["sequence"],
        alarm=_alarm_of(told, device["name"] if device else "", transient=data["transient"]),
        previous_severity=Severity(previous) if previous else None,
        device=DeviceFacts(**device) if device else None,
        note=data.get("note"),
    )


def _alarm_of(told: Mapping[str, Any], device: str, *, transient: bool) -> Alarm:
    reason = told["clear_reason"]
    return Alarm(
        id=told["id"],
        device=device,
        origin=Origin(told["origin"]),
        state=State(told["state"]),
        severity=Severity(told["severity"]),
        description=told["description"],
        clear_description=told["clear_description"],
        source=told["source"],
        oid=told["oid"],
        name=told["name"],
        event_type=told["event_type"],
        probable_cause=told["probable_cause"],
        device_alarm_id=told["device_alarm_id"],
        raised_at=_instant(told["raised_at"]),
        cleared_at=_instant(told["cleared_at"]),
        clear_reason=ClearReason(reason) if reason else None,
        seen_at=datetime.fromisoformat(told["seen_at"]),
        transient=transient,
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
