"""Counts the alarms that the catalogue does not know, and says of each OID once that it is one."""

import logging
from collections.abc import Iterable

from alarmbridge.core.catalogue import look_up
from alarmbridge.core.event import Event, Raised
from alarmbridge.telemetry.metrics import Metrics

REMEMBERED = 500
_SHOWN = 200

_log = logging.getLogger(__name__)


class UnknownOids:
    """What all pollers share of it. An alarm without an OID is none of these."""

    __slots__ = ("_said",)

    def __init__(self) -> None:
        self._said: set[str] = set()

    def note(self, events: Iterable[Event], *, metrics: Metrics) -> None:
        """Note what was stored of a device's alarms."""
        for event in events:
            oid = event.alarm.oid
            if oid is None or look_up(oid) is not None:
                continue
            if isinstance(event, Raised):
                metrics.unknown_oids.inc()
            self._say(event.alarm.device, oid[:_SHOWN])

    def _say(self, device: str, oid: str) -> None:
        # A device that makes up an OID for each alarm must fill neither memory nor log.
        if oid in self._said or len(self._said) >= REMEMBERED:
            return
        self._said.add(oid)
        _log.info(
            "%s: the catalogue does not know %s; alarms of that OID are told without a name",
            device,
            oid,
        )
