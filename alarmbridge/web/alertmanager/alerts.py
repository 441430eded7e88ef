"""Alerts: each active alarm as an Alertmanager has it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.labels import build_labels, label_of
from alarmbridge.core.payload import format_instant
from alarmbridge.core.silence import Silence
from alarmbridge.sinks.alerts import annotate, fingerprint_of, started_at

RECEIVER = "alarmbridge"
"""The one receiver there is: whoever is subscribed to an alarm is told of it."""

_STANDS_FOR = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alarm, its labels, and the silences that it is under now."""

    alarm: Alarm
    labels: Mapping[str, str]
    fingerprint: str
    silenced_by: tuple[str, ...]

    def as_json(self, *, now: datetime, url: str) -> dict[str, object]:
        """Give it the shape `gettableAlert`. url: the alarm's page."""
        alarm = self.alarm
        state = "suppressed" if self.silenced_by else "active"
        return {
            "labels": dict(self.labels),
            "annotations": annotations_of(alarm),
            "startsAt": format_instant(started_at(alarm)),
            "updatedAt": format_instant(alarm.recorded_at or alarm.seen_at),
            # It stands until it is asked for again: an Alertmanager says so of what is re-sent.
            "endsAt": format_instant(now + _STANDS_FOR),
            "fingerprint": self.fingerprint,
            "receivers": [{"name": RECEIVER}],
            "status": {
                "state": state,
                "silencedBy": list(self.silenced_by),
                "inhibitedBy": [],
                "mutedBy": [],
            },
            "generatorURL": url,
        }


def alert_of(alarm: Alarm, tags: Mapping[str, str], silences: Sequence[Silence]) -> Alert:
    """Make an alert. tags: its device's. silences: those in force."""
    labels = build_labels(alarm, tags)
    # Not part of what an alert is known by: it may change while the alarm stands.
    said = labels | {name: label_of(name, alarm, tags) for name in ("severity", "origin")}
    over = tuple(one.id for one in silences if one.match.fits(alarm, tags))
    return Alert(
        alarm=alarm, labels=said, fingerprint=_fingerprint(tuple(labels.items())), silenced_by=over
    )


@lru_cache(maxsize=16384)
def _fingerprint(labels: tuple[tuple[str, str], ...]) -> str:
    # Kept, because to work it out takes longer than all else there is to an alert.
    return fingerprint_of(dict(labels))


def annotations_of(alarm: Alarm) -> dict[str, str]:
    """Say what is to be read of an alarm. None is empty."""
    return annotate(
        f"{alarm.device or RECEIVER}: {alarm.description}",
        alarm,
        {
            "operator_state": alarm.operator_state.value,
            "acknowledged_by": alarm.acknowledged_by,
        },
    )
