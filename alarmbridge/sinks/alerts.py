"""An alarm as an alert of Prometheus: labels that identify it, annotations that tell, its times.

Decision: labels are built once, when the alarm is raised, and kept as its key; its severity is
none of them. Because to an Alertmanager labels are the identity, so that a changed one opens a
second alert and leaves the first standing. Consequence: to route by severity takes a sink for
each, with a `match` and a label of its own.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.catalogue import look_up
from alarmbridge.core.delivery import Notice
from alarmbridge.core.labels import OWN_LABELS
from alarmbridge.core.telling import Telling
from alarmbridge.core.texts import plain, shorten

_UNNAMED = "alarm"
_LONGEST_SUMMARY = 300
_LONGEST_TEXT = 2000
_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
# 64 bit FNV-1a, and a byte that is in no UTF-8, as Prometheus' model/signature.go has them.
_FNV_OFFSET, _FNV_PRIME = 0xCBF29CE484222325, 0x100000001B3
_SEPARATOR = b"\xff"


def check_label_name(name: str) -> str:
    """Let the name of a label pass that is configured; raises ValueError."""
    if not re.fullmatch(_NAME, name):
        raise ValueError("must be letters, digits and _ and not begin with a digit")
    if name in OWN_LABELS:
        raise ValueError("is a label that alarmbridge sets itself")
    return name


def write_labels(labels: Mapping[str, str]) -> str:
    """Write labels as a key, `{"alarm_id":"…","alertname":"…"}`: the same ones as the same text."""
    return json.dumps(dict(labels), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read_labels(key: str) -> dict[str, str]:
    """Read labels back from a key.

    One that holds none, written for a sink of another type, becomes the label `alarm_id`, so
    that what it opens is closed by it as well.
    """
    try:
        labels = json.loads(key)
    except ValueError:
        labels = None
    if not isinstance(labels, dict) or "alertname" not in labels:
        return {"alarm_id": key, "alertname": _UNNAMED}
    return {str(name): str(value) for name, value in labels.items()}


def fingerprint_of(labels: Mapping[str, str]) -> str:
    """Hash labels to 16 hex digits, to the same that an Alertmanager does."""
    signed = b"".join(
        part.encode() + _SEPARATOR for label in sorted(labels.items()) for part in label
    )
    digest = _FNV_OFFSET
    for byte in signed:
        digest = (digest ^ byte) * _FNV_PRIME % 2**64
    return f"{digest:016x}"


def build_annotations(notice: Notice, telling: Telling) -> dict[str, str]:
    """Build all that is said of an alarm and may change while it stands. None is empty."""
    alarm = telling.alarm
    return annotate(
        notice.title,
        alarm,
        {
            "severity": alarm.severity.value,
            "previous_severity": telling.previous_severity,
            "clear_description": alarm.clear_description,
            "clear_reason": alarm.clear_reason,
            "note": telling.note,
            "event_id": notice.event_id,
        },
    )


def annotate(summary: str, alarm: Alarm, more: Mapping[str, str | None]) -> dict[str, str]:
    """Say in annotations what an alarm is, what it means, and more; each bounded, none empty."""
    known = look_up(alarm.oid)
    said = {
        "summary": shorten(summary, _LONGEST_SUMMARY),
        "description": alarm.description,
        "event_type": alarm.event_type,
        "probable_cause": alarm.probable_cause,
        "meaning": known and known.meaning,
        "check": known and known.check,
        **more,
    }
    bounded = {name: shorten(plain(text or ""), _LONGEST_TEXT) for name, text in said.items()}
    return {name: text for name, text in bounded.items() if text}


def find_origin(telling: Telling) -> str:
    """Say where an alert comes from (`generatorURL`): the device's URL, "" for alarmbridge."""
    # An address's zone (`[fe80::1%eth0]`) as RFC 6874 writes it, or an Alertmanager refuses all.
    return telling.device.url.replace("%", "%25") if telling.device else ""


def started_at(alarm: Alarm) -> datetime:
    """Say since when an alarm stands, the same in all that is told of it.

    Not later than it was seen: a device's clock may be ahead.
    """
    return min(alarm.raised_at or alarm.seen_at, alarm.seen_at)


def ended_at(telling: Telling) -> datetime:
    """Say when a cleared alarm ended, not before it began and not after that was found out."""
    ended = min(telling.alarm.cleared_at or telling.at, telling.at)
    return max(ended, started_at(telling.alarm))
