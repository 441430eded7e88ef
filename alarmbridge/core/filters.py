"""Filters: which alarms are meant, and in words why one is not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.labels import label_of
from alarmbridge.core.severity import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Which alarms are meant. Empty means any; several values mean any of them.

    devices, names, sources, descriptions: globs. tags: each key must have one of the values.
    labels, not_labels: so must each label as `labels.label_of` says it, or none of the values.
    """

    min_severity: Severity | None = None
    devices: tuple[str, ...] = ()
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    descriptions: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    not_labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def fits(self, alarm: Alarm, tags: Mapping[str, str]) -> bool:
        """Say whether an alarm is meant. tags: its device's."""
        return why_unfit(self, alarm, tags) is None

    def __str__(self) -> str:
        """Say in words what is meant: `device sbc-*, severity minor or worse`; "any alarm"."""
        words = [
            f"{word} {' or '.join(globs)}"
            for word, globs in (
                ("device", self.devices),
                *((f"tag {key}", values) for key, values in sorted(self.tags.items())),
                ("name", self.names),
                ("source", self.sources),
                ("description", self.descriptions),
                ("origin", self.origins),
                *((f"label {name}", globs) for name, globs in sorted(self.labels.items())),
                *((f"label {name} not", globs) for name, globs in sorted(self.not_labels.items())),
            )
            if globs
        ]
        if self.min_severity:
            words.append(f"severity {self.min_severity} or worse")
        return ", ".join(words) or "any alarm"


def why_unfit(match: Match, alarm: Alarm, tags: Mapping[str, str]) -> str | None:
    """Say which filter an alarm does not pass, or None when it passes all."""
    if match.min_severity and alarm.severity.rank < match.min_severity.rank:
        return f"severity {alarm.severity} is below {match.min_severity}"
    for word, globs, value in (
        ("device", match.devices, alarm.device),
        ("name", match.names, alarm.name),
        ("source", match.sources, alarm.source),
        ("description", match.descriptions, alarm.description),
        ("origin", match.origins, alarm.origin.value),
    ):
        if globs and not _any(globs, value or ""):
            return f"{word} {value!r} is not among {', '.join(globs)}"
    for key, values in match.tags.items():
        if not _any(values, tags.get(key, "")):
            return f"tag {key} is {tags.get(key)!r}, not {' or '.join(values)}"
    for name, globs in match.labels.items():
        if not _any(globs, value := label_of(name, alarm, tags)):
            return f"label {name} is {value!r}, not {' or '.join(globs)}"
    for name, globs in match.not_labels.items():
        if _any(globs, value := label_of(name, alarm, tags)):
            return f"label {name} is {value!r}, and not to be {' or '.join(globs)}"
    return None


def _any(globs: Iterable[str], value: str) -> bool:
    return any(fnmatchcase(value, glob) for glob in globs)
