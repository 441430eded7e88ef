"""Writes each event as one line to the program's own log."""

import logging
from typing import Literal

from alarmbridge.core.delivery import Notice
from alarmbridge.core.event import EventKind
from alarmbridge.core.severity import Severity
from alarmbridge.core.telling import Telling, read_telling
from alarmbridge.sinks import base
from alarmbridge.telemetry.logs import printable

_log = logging.getLogger("alarmbridge.alarms")
# Everything, or `log.level` would silence what this sink says it has delivered.
_log.setLevel(logging.DEBUG)

_LEVELS = {
    Severity.CRITICAL: logging.CRITICAL,
    Severity.MAJOR: logging.ERROR,
    Severity.MINOR: logging.WARNING,
    Severity.WARNING: logging.WARNING,
    Severity.INDETERMINATE: logging.INFO,
}


class Config(base.SinkConfig):
    """A log; it has no keys but what every sink has."""

    type: Literal["log"] = "log"


class Sink(base.Sink):
    """Writes to the logger `alarmbridge.alarms`, at a level by severity; a clear is INFO."""

    def __init__(self, config: Config) -> None:
        del config

    async def deliver(self, notice: Notice) -> None:
        """Write a line."""
        level = logging.INFO if notice.kind == EventKind.CLEARED else _LEVELS[notice.severity]
        _log.log(level, "%s", _line(read_telling(notice.body)))

    async def aclose(self) -> None:
        """Do nothing: the log is the program's."""


def _line(telling: Telling) -> str:
    """Word an event: `raised major sbc-1 acTrunk at Board#1: Trunk is down (event …)`."""
    alarm, device = telling.alarm, telling.device
    words = (
        telling.kind,
        alarm.severity,
        device.name if device else None,
        alarm.name,
        f"at {alarm.source}" if alarm.source else None,
    )
    cleared = telling.kind == EventKind.CLEARED and alarm.clear_description
    text = cleared or alarm.description
    line = f"{' '.join(word for word in words if word)}: {text} (event {telling.event_id})"
    # A device's text could otherwise begin a line that looks like one of ours.
    return printable(line)
