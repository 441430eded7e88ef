"""Labels: what an alarm is told apart by, as Prometheus and its Alertmanager name things."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.texts import one_line, shorten

_UNNAMED = "alarm"
_LONGEST_NAME = 100
_LONGEST_LABEL = 200
_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_]")


def _bounded(text: str | None) -> str:
    return shorten(one_line(text or ""), _LONGEST_LABEL)


_IDENTIFYING: Mapping[str, Callable[[Alarm], str]] = {
    "alertname": lambda alarm: _bounded(alarm.name) or _bounded(alarm.oid) or _UNNAMED,
    "device": lambda alarm: alarm.device,
    "source": lambda alarm: _bounded(alarm.source),
    "oid": lambda alarm: _bounded(alarm.oid),
    "alarm_id": lambda alarm: alarm.id,
}
_CHANGING: Mapping[str, Callable[[Alarm], str]] = {
    "severity": lambda alarm: alarm.severity.value,
    "origin": lambda alarm: alarm.origin.value,
}
_KNOWN = {**_IDENTIFYING, **_CHANGING}

OWN_LABELS = frozenset(_IDENTIFYING)
"""The labels that an alarm brings by itself; no tag and no configured label takes their place."""

STANDING_LABELS = frozenset(_KNOWN)
"""These, and those of an alarm as it stands now: its severity may change."""


def build_labels(
    alarm: Alarm, tags: Mapping[str, str], fixed: Mapping[str, str] = MappingProxyType({})
) -> dict[str, str]:
    """Build the labels of an alarm as it is raised. None is empty, and one is `alarm_id`.

    tags: the device's, each a label. fixed: labels from the configuration, which go before tags.
    """
    labels = {label_name(name): value for name, value in sorted(tags.items())}
    labels |= fixed
    bounded = {name: _bounded(value) for name, value in labels.items()}
    bounded |= {name: say(alarm) for name, say in _IDENTIFYING.items()}
    return {name: value for name, value in sorted(bounded.items()) if value}


def label_of(name: str, alarm: Alarm, tags: Mapping[str, str]) -> str:
    """Say what one label of an alarm is as it stands now, "" where it has none."""
    if (say := _KNOWN.get(name)) is not None:
        return say(alarm)
    # Of several tags that make one label the last counts, as above.
    found = [value for key, value in sorted(tags.items()) if label_name(key) == name]
    return _bounded(found[-1]) if found else ""


def label_name(tag: str) -> str:
    """Write a tag's name in the characters that a label's may have."""
    name = _NOT_IN_NAMES.sub("_", tag)[:_LONGEST_NAME]
    return f"_{name}" if not name or name[0].isdigit() else name
