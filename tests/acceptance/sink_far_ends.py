"""Every way of telling and the far end that proves it; a new sink adds its own here."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from far_end import FarEnd, Ledger, State
from far_ends_programs import (
    AlertmanagerEnd,
    DeviceLinesEnd,
    DeviceTrapsEnd,
    OwnInformsEnd,
    SyslogEnd,
)
from far_ends_web import AlertmanagerPayloadEnd, ChatEnd, CloudEventsEnd, DeskEnd, WebhookEnd
from sinks.incidents.jsm import Jsm
from sinks.incidents.pagerduty import PagerDuty
from sinks.incidents.servicenow import ServiceNow


class LogEnd(FarEnd):
    """Whoever reads the program's own log; tells alarms apart by device, name and source."""

    absence_shows = False
    _LINE = re.compile(
        r"\S+ \S+ \w+ +(?P<kind>raised|changed|cleared) (?P<severity>\w+)"
        r" (?P<key>\S+ \w+ at \S+): (?P<text>.*) \(event (?P<id>\S+)\)"
    )

    def __init__(self, folder: Path) -> None:
        self.violations: list[str] = []
        self._log = folder / "log"

    def configuration(self) -> dict[str, Any]:
        return {"type": "log"}

    async def state(self) -> State:
        ledger = Ledger(again="ever")
        for line in self._log.read_text(encoding="utf-8").splitlines():
            if found := self._LINE.fullmatch(line):
                ledger.take(
                    found["kind"],
                    found["key"],
                    severity=found["severity"],
                    text=found["text"],
                    message_id=found["id"],
                )
        self.violations = ledger.violations
        return ledger.shown


def _pagerduty(_: Path) -> FarEnd:
    words = {"critical": "critical", "major": "error", "minor": "warning", "warning": "warning"}
    return DeskEnd(PagerDuty(), words, severity="severity")


def _jsm(_: Path) -> FarEnd:
    words = {"critical": "P1", "major": "P2", "minor": "P3", "warning": "P4"}
    return DeskEnd(Jsm(), words, severity="priority")


def _servicenow(_: Path) -> FarEnd:
    words = {"critical": "1", "major": "2", "minor": "3", "warning": "4"}
    return DeskEnd(ServiceNow(), words, severity="severity")


FAR_ENDS: Mapping[str, Callable[[Path], FarEnd]] = MappingProxyType(
    {
        "webhook": WebhookEnd,
        "webhook-cloudevents": CloudEventsEnd,
        "webhook-alertmanager": AlertmanagerPayloadEnd,
        "apprise": ChatEnd,
        "pagerduty": _pagerduty,
        "jsm": _jsm,
        "servicenow": _servicenow,
        "alertmanager": AlertmanagerEnd,
        "syslog-tls": partial(SyslogEnd, scheme="tls"),
        "syslog-tcp": partial(SyslogEnd, scheme="tcp"),
        "syslog-udp-audiocodes": partial(DeviceLinesEnd, scheme="udp"),
        "snmp-trap-device": DeviceTrapsEnd,
        "snmp-inform": OwnInformsEnd,
        "log": LogEnd,
    }
)
"""Each is made with the folder of the scenario, where the bridge writes its `log`."""
