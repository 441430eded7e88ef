"""Opens and resolves PagerDuty alerts by the Events API v2."""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from pydantic import SecretStr

from alarmbridge.core.delivery import Notice
from alarmbridge.core.event import EventKind
from alarmbridge.core.payload import format_instant
from alarmbridge.core.severity import Severity
from alarmbridge.core.telling import Telling, read_telling
from alarmbridge.core.texts import one_line, shorten_units
from alarmbridge.core.wording import place_of
from alarmbridge.sinks import base
from alarmbridge.sinks.details import list_details
from alarmbridge.sinks.fields import CaFile, SecretWord
from alarmbridge.sinks.http import FarUrl, make_far_end

SEVERITIES: Mapping[Severity, str] = MappingProxyType(
    {
        Severity.CRITICAL: "critical",
        Severity.MAJOR: "error",
        Severity.MINOR: "warning",
        Severity.WARNING: "warning",
        Severity.INDETERMINATE: "warning",
    }
)

_ROUTING_KEY = re.compile(r"[A-Za-z0-9]{32}")
_HEADERS = {"content-type": "application/json"}
_PATH = "/v2/enqueue"
# The whole event may have 512 KB. With these, the worst that texts can hold makes some 300.
_SUMMARY, _FIELD, _TEXT, _DETAIL, _DETAILS = 1024, 255, 20_000, 2_000, 50_000


class Config(base.WordedConfig):
    """A PagerDuty service, by the integration key that alerts are opened with.

    url: https://events.eu.pagerduty.com for accounts in the EU, or a relay.
    """

    type: Literal["pagerduty"] = "pagerduty"
    routing_key: SecretWord
    url: FarUrl = SecretStr("https://events.pagerduty.com")
    ca_file: CaFile | None = None

    def warnings(self) -> list[str]:
        """Tell of a key that PagerDuty cannot have given out; a relay may have keys of its own."""
        if re.fullmatch(_ROUTING_KEY, self.routing_key.get_secret_value()):
            return []
        return ["routing_key: an integration key of PagerDuty has 32 letters and digits"]


class Sink(base.Sink):
    """Raises and changes trigger, clears resolve, under the alarm's key as dedup_key.

    credential: the routing key. PagerDuty drops a resolve that comes by another key than the
    trigger's did, so what was opened by one is closed by it, whatever is configured by then.
    """

    def __init__(self, config: Config) -> None:
        self._far_end = make_far_end(config.url, config, ca_file=config.ca_file)
        self._routing_key = config.routing_key.get_secret_value()
        self.credential = self._routing_key

    async def deliver(self, notice: Notice) -> str:
        """Enqueue an event; return "HTTP 202" or the like."""
        event = {
            "routing_key": notice.credential or self._routing_key,
            "dedup_key": notice.key,
            **(_resolve() if notice.kind == EventKind.CLEARED else _trigger(notice)),
        }
        body = json.dumps(event, ensure_ascii=False).encode()
        return await self._far_end.post(body, _HEADERS, path=_PATH, now=notice.sent_at)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._far_end.aclose()


def _resolve() -> dict[str, object]:
    return {"event_action": "resolve"}


def _trigger(notice: Notice) -> dict[str, object]:
    telling = read_telling(notice.body)
    return {
        "event_action": "trigger",
        "client": "alarmbridge",
        "links": _links(telling),
        "payload": {
            "summary": shorten_units(notice.title, _SUMMARY),
            "source": place_of(telling),
            "severity": SEVERITIES[notice.severity],
            # When it was seen: a device's own clock may be years away.
            "timestamp": format_instant(telling.at),
            **_classes(telling),
            "custom_details": {
                "text": shorten_units(notice.text, _TEXT),
                **list_details(notice.body, longest=_DETAIL, total=_DETAILS),
            },
        },
    }


def _classes(telling: Telling) -> dict[str, str]:
    """Sort the alert by what PagerDuty groups and routes by; what is none is left out."""
    alarm, device = telling.alarm, telling.device
    tags = sorted(device.tags.items()) if device else ()
    found = {
        "component": one_line(alarm.source or ""),
        "group": ", ".join(f"{key}={value}" for key, value in tags),
        "class": one_line(alarm.name or alarm.oid or ""),
    }
    return {key: shorten_units(text, _FIELD) for key, text in found.items() if text}


def _links(telling: Telling) -> list[dict[str, str]]:
    device = telling.device
    return [{"href": device.url, "text": device.name}] if device else []
