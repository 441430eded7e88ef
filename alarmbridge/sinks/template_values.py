"""What a template may name, and the samples that it is tried with at start."""

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from alarmbridge.core.alarm import Alarm, ClearReason, State
from alarmbridge.core.event import tell_changed, tell_cleared, tell_raised
from alarmbridge.core.payload import DeviceFacts, build_body, with_note
from alarmbridge.core.severity import Severity
from alarmbridge.core.telling import read_telling
from alarmbridge.core.texts import plain
from alarmbridge.core.wording import Words, known_of, word
from alarmbridge.sinks.template_language import OpenMapping


class _NoDevice(dict[str, Any]):
    """Stands for the device where there is none: false, and all that it tells is none."""

    def __bool__(self) -> bool:
        return False


def values_of(body: str, words: Words) -> dict[str, Any]:
    """Name what an event gives to a template. body: its JSON text. words: the standard ones."""
    said, telling = json.loads(body), read_telling(body)
    data, known = said["data"], known_of(telling.alarm)
    alarm, device, note = _plain(data["alarm"]), _device_of(data["device"]), data.get("note")
    return {
        "title": words.title,
        "text": words.text,
        "kind": telling.kind,
        "severity": alarm["severity"],
        "alarm": alarm,
        "device": device,
        "event": {**said, "data": {**data, "alarm": alarm, "device": device, "note": note}},
        "note": note,
        "meaning": known.meaning if known else None,
        "check": known.check if known else None,
    }


@cache
def list_samples() -> Mapping[str, Mapping[str, Any]]:
    """List the values of an event of each kind, told in full and told barely, by what it is."""
    now = datetime(2026, 11, 23, 21, 4, 5, tzinfo=UTC)
    facts = DeviceFacts(name="sbc-1", url="https://192.0.2.1", product="Mediant", version="7.20A")
    bare = Alarm(
        id="6a1d3b0c-92f2-5f0e-b7c7-0d3c1e6f5a42",
        device="sbc-1",
        severity=Severity.MAJOR,
        description="Trunk is down",
        seen_at=now,
    )
    full = replace(
        bare,
        source="Board#1",
        oid="1.3.6.1.4.1.5003.9.10.1.21.2.0.10",
        name="acBoardEthernetLinkAlarm",
        event_type="equipmentAlarm",
        probable_cause="other",
        raised_at=now,
    )
    ended = replace(full, state=State.CLEARED, cleared_at=now, clear_reason=ClearReason.DEVICE)
    raised = build_body(tell_raised(full, sequence=1, now=now), facts)
    changed = tell_changed(full, previous_severity=Severity.MINOR, sequence=2, now=now)
    bodies = {
        "a raise": raised,
        "a raise with a note": with_note(raised, "flapping"),
        "a change": build_body(changed, facts),
        "a clear": build_body(tell_cleared(ended, sequence=3, now=now), facts),
        "a raise that tells little and means no device": build_body(
            tell_raised(bare, sequence=1, now=now), None
        ),
    }
    return {meant: values_of(body, word(read_telling(body))) for meant, body in bodies.items()}


def _device_of(told: Mapping[str, Any] | None) -> dict[str, Any]:
    if told is None:
        nothing = dict.fromkeys(field.name for field in fields(DeviceFacts))
        return _NoDevice(nothing, tags=OpenMapping())
    # Name, URL and tags are the configuration's: who writes a mention into a tag means it.
    own = {"name": told["name"], "url": told["url"], "tags": OpenMapping(told["tags"])}
    return _plain(told) | own


def _plain(told: Mapping[str, Any]) -> dict[str, Any]:
    return {key: plain(value) if isinstance(value, str) else value for key, value in told.items()}
