"""The shapes in which a webhook says an event: alarmbridge's own, CloudEvents, Alertmanager's.

Decision: as a CloudEvent in binary mode the whole native event is the data, its own type and
timestamp included, though the headers say them too. Because the signature covers the body and no
`ce-` header, so what a receiver acts on has to stand in the body; and a receiver that knows
nothing of CloudEvents gets what it always got. Consequence: the headers serve for routing alone.

Decision: the severity among a CloudEvent's headers is the alarm's last one, for a clear as well.
Because the body has it so, and a broker that passes on what is major must pass on its clear.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from urllib.parse import quote

from alarmbridge.core.delivery import Notice
from alarmbridge.core.event import EventKind
from alarmbridge.core.payload import format_instant
from alarmbridge.core.severity import Severity
from alarmbridge.core.telling import Telling, read_telling
from alarmbridge.sinks.alerts import (
    build_annotations,
    ended_at,
    find_origin,
    fingerprint_of,
    read_labels,
    started_at,
)

CLOUDEVENTS_PREFIX = "ce-"

_NEVER = "0001-01-01T00:00:00Z"
"""The zero of Go's time: what an Alertmanager says for the end of what has none."""

# HTTP binding 3.1.3.2: all that is printable in ASCII but space, quote and percent.
_PLAIN = "".join(set(map(chr, range(0x21, 0x7F))) - {'"', "%"})
_SEQUENCE_DIGITS = 20

_SEVERITY_NUMBERS = {
    Severity.CRITICAL: 21,
    Severity.MAJOR: 17,
    Severity.MINOR: 14,
    Severity.WARNING: 13,
    Severity.INDETERMINATE: 9,
}
"""OpenTelemetry's severities, of which FATAL begins at 21, ERROR at 17, WARN at 13, INFO at 9."""


class Format(StrEnum):
    """What a webhook is to be told in."""

    NATIVE = "native"
    CLOUDEVENTS = "cloudevents"
    ALERTMANAGER = "alertmanager"


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted. headers: lower-case names, beside those of every webhook."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def build_message(form: Format, notice: Notice, *, receiver: str) -> Message:
    """Say a notice in a format, the same bytes at every attempt. receiver: the sink's name."""
    return _BUILDERS[form](notice, receiver)


def _native(notice: Notice, _: str) -> Message:
    return Message(notice.body.encode())


def _cloudevents(notice: Notice, _: str) -> Message:
    telling = read_telling(notice.body)
    attributes = {
        "specversion": "1.0",
        "id": notice.event_id,
        "source": _source_of(telling),
        "type": f"com.alarmbridge.alarm.{telling.kind}",
        "subject": telling.alarm.id,
        "time": format_instant(telling.at) or "",
        # Compared as text; without `sequencetype`, which promises that there are no gaps.
        "sequence": f"{telling.sequence:0{_SEQUENCE_DIGITS}d}",
        "severitytext": telling.alarm.severity.upper(),
        "severitynumber": str(_SEVERITY_NUMBERS[telling.alarm.severity]),
    }
    headers = {
        f"{CLOUDEVENTS_PREFIX}{name}": quote(value, safe=_PLAIN)
        for name, value in attributes.items()
    }
    return Message(notice.body.encode(), headers)


def _source_of(telling: Telling) -> str:
    """Name the device as a URI reference, `/devices/sbc-ams-1`, or alarmbridge itself."""
    device = telling.device
    return f"/devices/{quote(device.name, safe='')}" if device else "/alarmbridge"


def _alertmanager(notice: Notice, receiver: str) -> Message:
    """Build the webhook payload of an Alertmanager, version 4: a group of one alert.

    The severity is a label, as consumers of such webhooks expect, and not one of the group's:
    key and fingerprint, which the group's labels make, stay as they were when it changes.
    """
    telling, labels = read_telling(notice.body), read_labels(notice.key)
    annotations = build_annotations(notice, telling)
    alert = {
        "status": "resolved" if telling.kind == EventKind.CLEARED else "firing",
        "labels": {**labels, "severity": telling.alarm.severity.value},
        "annotations": annotations,
        "startsAt": format_instant(started_at(telling.alarm)),
        "endsAt": format_instant(ended_at(telling))
        if telling.kind == EventKind.CLEARED
        else _NEVER,
        "generatorURL": find_origin(telling),
        "fingerprint": fingerprint_of(labels),
    }
    payload = {
        "version": "4",
        "groupKey": notice.key,
        "truncatedAlerts": 0,
        "status": alert["status"],
        "receiver": receiver,
        "groupLabels": labels,
        "commonLabels": alert["labels"],
        "commonAnnotations": annotations,
        "externalURL": "",
        "alerts": [alert],
    }
    return Message(json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode())


_BUILDERS: Mapping[Format, Callable[[Notice, str], Message]] = MappingProxyType(
    {
        Format.NATIVE: _native,
        Format.CLOUDEVENTS: _cloudevents,
        Format.ALERTMANAGER: _alertmanager,
    }
)
