"""Opens, updates and closes alerts in Jira Service Management, or in Opsgenie by its URL."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import islice
from types import MappingProxyType
from typing import Annotated, Literal
from urllib.parse import quote

from pydantic import Field, SecretStr, StringConstraints

from alarmbridge.core.delivery import Notice
from alarmbridge.core.errors import SinkError
from alarmbridge.core.event import EventKind
from alarmbridge.core.severity import Severity
from alarmbridge.core.telling import Telling, read_telling
from alarmbridge.core.texts import shorten_units
from alarmbridge.core.wording import place_of
from alarmbridge.sinks import base
from alarmbridge.sinks.details import list_details
from alarmbridge.sinks.fields import CaFile, OneOrMany, SecretWord
from alarmbridge.sinks.http import Answer, FarUrlWithoutUser, make_far_end, parse_far_url

PRIORITIES: Mapping[Severity, str] = MappingProxyType(
    {
        Severity.CRITICAL: "P1",
        Severity.MAJOR: "P2",
        Severity.MINOR: "P3",
        Severity.WARNING: "P4",
        Severity.INDETERMINATE: "P5",
    }
)

_ALERTS = "/v2/alerts"
_NOT_THERE = frozenset({404, 405})
_MALFORMED = frozenset({400, 422})
# What is asked for is queued there: an alert is made some seconds after it was accepted.
_MADE_WITHIN = timedelta(seconds=30)
_MESSAGE, _DESCRIPTION, _NOTE, _ENTITY = 130, 15_000, 25_000, 512
_TAGS, _TAG = 20, 50
_DETAILS, _DETAIL = 8_000, 1_000


class Config(base.WordedConfig):
    """An API integration, by its key. It is the integration that says who responds.

    url: https://api.opsgenie.com or https://api.eu.opsgenie.com for Opsgenie. tags: given to each
    alert before those of its device.
    """

    type: Literal["jsm"] = "jsm"
    api_key: SecretWord
    url: FarUrlWithoutUser = SecretStr("https://api.atlassian.com/jsm/ops/integration")
    tags: Annotated[
        OneOrMany[Annotated[str, StringConstraints(min_length=1, max_length=_TAG)]],
        Field(max_length=_TAGS),
    ] = ()
    ca_file: CaFile | None = None

    def warnings(self) -> list[str]:
        """Tell when Opsgenie ends."""
        host = parse_far_url(self.url.get_secret_value()).host or ""
        if host.endswith("opsgenie.com"):
            return ["url: Opsgenie's API ends on 2027-04-05, and what is open by then stays open"]
        return []


class Sink(base.Sink):
    """Raises create, clears close, under the alarm's key as alias.

    A change creates as well, since its raise may never have been told: of an alert that is open
    that only counts one more. Then it puts priority, message and description anew. All of it can
    be repeated.
    """

    def __init__(self, config: Config) -> None:
        self._far_end = make_far_end(config.url, config, ca_file=config.ca_file)
        self._headers = {
            "content-type": "application/json",
            "authorization": f"GenieKey {config.api_key.get_secret_value()}",
        }
        self._tags = config.tags
        self._asked_at: dict[str, datetime] = {}

    async def deliver(self, notice: Notice) -> str:
        """Send what the notice takes; return "HTTP 202" or the like."""
        if notice.kind == EventKind.CLEARED:
            return await self._close(notice)
        answer = await self._create(notice)
        if notice.kind == EventKind.CHANGED:
            await self._update(notice)
        return answer

    async def aclose(self) -> None:
        """Close every connection."""
        await self._far_end.aclose()

    async def _create(self, notice: Notice) -> str:
        telling = read_telling(notice.body)
        alert = {
            "alias": notice.key,
            **_shown(notice),
            "tags": self._tags_of(telling),
            "details": list_details(notice.body, longest=_DETAIL, total=_DETAILS),
            "entity": shorten_units(place_of(telling), _ENTITY),
            "source": "alarmbridge",
        }
        alert = {key: value for key, value in alert.items() if value}
        self._remember(notice)
        return await self._far_end.post(
            _encode(alert), self._headers, path=_ALERTS, now=notice.sent_at
        )

    def _remember(self, notice: Notice) -> None:
        """Keep when an alert was asked for, of the last seconds; the oldest stands first."""
        self._asked_at.pop(notice.key, None)
        self._asked_at[notice.key] = notice.sent_at
        for key, at in list(islice(self._asked_at.items(), 2)):
            if notice.sent_at - at > _MADE_WITHIN:
                del self._asked_at[key]

    async def _update(self, notice: Notice) -> None:
        for field, value in _shown(notice).items():
            answer = await self._act("PUT", notice, field, {field: value}, known=_NOT_THERE)
            if answer.status in _NOT_THERE:
                # The url is right, or the alert could not have been created: this far end has no
                # such request, as JSM's documents have it. What changed is said by a note then.
                note = shorten_units(f"{notice.title}\n{notice.text}", _NOTE)
                await self._act("POST", notice, "notes", _said(note))
                return

    async def _close(self, notice: Notice) -> str:
        note = _said(shorten_units(notice.text, _NOTE))
        answer = await self._act("POST", notice, "close", note, known=_NOT_THERE)
        if answer.status in _NOT_THERE:
            await self._find_api(notice)
            if answer.status == HTTPStatus.NOT_FOUND and self._may_yet_be_made(notice):
                raise SinkError(f"{self._far_end.name} has not made the alert yet that is to close")
            return f"{answer}, nothing to close"
        self._asked_at.pop(notice.key, None)
        return str(answer)

    def _may_yet_be_made(self, notice: Notice) -> bool:
        asked_at = self._asked_at.get(notice.key)
        return asked_at is not None and notice.sent_at - asked_at <= _MADE_WITHIN

    async def _find_api(self, notice: Notice) -> None:
        """Tell an alert that is not there from a url that is wrong; raises SinkError for that.

        Where the url is right, an alert without a message is refused for what it lacks.
        """
        await self._far_end.send(
            "POST", b"{}", self._headers, path=_ALERTS, known=_MALFORMED, now=notice.sent_at
        )

    async def _act(
        self,
        method: str,
        notice: Notice,
        action: str,
        body: Mapping[str, str],
        *,
        known: Collection[int] = (),
    ) -> Answer:
        path = f"{_ALERTS}/{quote(notice.key, safe='')}/{action}?identifierType=alias"
        return await self._far_end.send(
            method, _encode(body), self._headers, path=path, known=known, now=notice.sent_at
        )

    def _tags_of(self, telling: Telling) -> list[str]:
        device = telling.device
        given = [f"{key}={value}" for key, value in sorted(device.tags.items())] if device else []
        tags = (*self._tags, *(shorten_units(tag, _TAG) for tag in given))
        return list(dict.fromkeys(tags))[:_TAGS]


def _shown(notice: Notice) -> dict[str, str]:
    """Say what can change while an alert is open."""
    return {
        "priority": PRIORITIES[notice.severity],
        "message": shorten_units(notice.title, _MESSAGE),
        "description": shorten_units(notice.text, _DESCRIPTION),
    }


def _said(note: str) -> dict[str, str]:
    return {"source": "alarmbridge", "note": note}


def _encode(body: Mapping[str, object]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()
