"""Sends events to ServiceNow's Event Management, which opens and closes alerts by them."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, SecretStr, StringConstraints

from alarmbridge.core.alarm import Origin
from alarmbridge.core.delivery import Notice
from alarmbridge.core.errors import SinkError
from alarmbridge.core.event import EventKind
from alarmbridge.core.severity import Severity
from alarmbridge.core.telling import read_telling
from alarmbridge.core.texts import one_line, shorten_units
from alarmbridge.core.wording import place_of
from alarmbridge.sinks import base
from alarmbridge.sinks.details import list_details
from alarmbridge.sinks.fields import CaFile
from alarmbridge.sinks.http import Answer, FarUrlWithoutUser, make_far_end

SEVERITIES: Mapping[Severity, str] = MappingProxyType(
    {
        Severity.CRITICAL: "1",
        Severity.MAJOR: "2",
        Severity.MINOR: "3",
        Severity.WARNING: "4",
        Severity.INDETERMINATE: "5",
    }
)
CLEAR = "0"

_HEADERS = {"content-type": "application/json", "accept": "application/json"}
_FIELD, _METRIC, _DESCRIPTION = 100, 1024, 4000
_DETAIL, _DETAILS = 500, 4000
# Of one event "1 events were inserted" is said; there is no status of it beside that.
_NONE_INSERTED = {"Default Bulk Endpoint": "0 events were inserted"}


def _check_path(path: str) -> str:
    if not (path.startswith("/") and path.isascii() and path.isprintable() and " " not in path):
        raise ValueError("must begin with / and hold no space")
    return path


def _check_username(username: str) -> str:
    if ":" in username or not username.isprintable():
        raise ValueError("must be printable and hold no colon (RFC 7617)")
    return username


class Config(base.WordedConfig):
    """An instance, or a MID server, and a user with the role `evt_mgmt_integration`.

    path: /api/mid/em/jsonv2 for a MID server. source: what events are said to come from.
    """

    type: Literal["servicenow"] = "servicenow"
    url: FarUrlWithoutUser
    path: Annotated[str, AfterValidator(_check_path)] = "/api/global/em/jsonv2"
    username: Annotated[str, AfterValidator(_check_username)]
    password: SecretStr
    source: Annotated[str, StringConstraints(min_length=1, max_length=_FIELD)] = "alarmbridge"
    ca_file: CaFile | None = None


class Sink(base.Sink):
    """Each notice is one event with the alarm's key as message_key; a clear has severity 0."""

    def __init__(self, config: Config) -> None:
        user = (config.username, config.password.get_secret_value())
        self._far_end = make_far_end(config.url, config, ca_file=config.ca_file, user=user)
        self._path = config.path
        self._source = config.source

    async def deliver(self, notice: Notice) -> str:
        """Send an event; return "HTTP 200" or the like once it was inserted."""
        body = json.dumps({"records": [self._record(notice)]}, ensure_ascii=False).encode()
        answer = await self._far_end.send(
            "POST", body, _HEADERS, path=self._path, now=notice.sent_at
        )
        if complaint := _find_fault(answer):
            raise SinkError(f"{self._far_end.name} answered {answer.status} {complaint}")
        return str(answer)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._far_end.aclose()

    def _record(self, notice: Notice) -> dict[str, str]:
        telling = read_telling(notice.body)
        alarm, cleared = telling.alarm, notice.kind == EventKind.CLEARED
        name, oid = one_line(alarm.name or ""), one_line(alarm.oid or "")
        details = list_details(notice.body, longest=_DETAIL, total=_DETAILS)
        record = {
            "source": self._source,
            "event_class": "AudioCodes Mediant" if alarm.origin is Origin.DEVICE else "alarmbridge",
            "node": shorten_units(place_of(telling), _FIELD),
            "resource": shorten_units(one_line(alarm.source or ""), _FIELD),
            "type": shorten_units(name or oid, _FIELD),
            "metric_name": shorten_units(oid, _METRIC),
            "message_key": notice.key,
            "severity": CLEAR if cleared else SEVERITIES[notice.severity],
            "resolution_state": "Closing" if cleared else "New",
            "description": shorten_units(f"{notice.title}\n{notice.text}", _DESCRIPTION),
            # A text: objects are stored as "[object Object]".
            "additional_info": json.dumps(details, ensure_ascii=False),
            # When it was seen: a device's own clock may be years away.
            "time_of_event": f"{telling.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        }
        return {key: value for key, value in record.items() if value}


def _find_fault(answer: Answer) -> str | None:
    """Say what is wrong with an answer whose status accepts; None: nothing."""
    # A MID server accepts with an empty body.
    if not answer.body.strip():
        return None
    # An instance that sleeps, or a login page, says 200 as well. Other words are a relay's own.
    if answer.body.lstrip().startswith("<"):
        return "with a page instead of JSON; check the url, and that the instance is awake"
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    if any(map(_has_failed, _parts_of(said))):
        return "and did not insert the event; check what the instance demands of events"
    return None


def _parts_of(said: Any) -> Iterator[Any]:
    yield said
    records = said.get("records") if isinstance(said, dict) else said
    if isinstance(records, list):
        yield from records


def _has_failed(part: Any) -> bool:
    if not isinstance(part, dict):
        return False
    if part.get("result") == _NONE_INSERTED:
        return True
    return "error" in part or "failure" in (part.get("__status"), part.get("status"))
