"""Pushes alarms as alerts to a Prometheus Alertmanager, and again while they stand."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, SecretStr, StringConstraints

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.delivery import Notice
from alarmbridge.core.event import EventKind
from alarmbridge.core.labels import build_labels
from alarmbridge.core.payload import format_instant
from alarmbridge.core.telling import read_telling
from alarmbridge.sinks import base
from alarmbridge.sinks.alerts import (
    build_annotations,
    check_label_name,
    ended_at,
    find_origin,
    read_labels,
    started_at,
    write_labels,
)
from alarmbridge.sinks.batches import post_in_batches
from alarmbridge.sinks.fields import CaFile, Duration, between
from alarmbridge.sinks.http import FarUrl, make_far_end, parse_far_url

_PATH = "/api/v2/alerts"
_HEADERS = {"content-type": "application/json"}
_MISSED_RESENDS = 4
"""After how many resends that did not come an alert ends by itself, as Prometheus has it."""
_SHORTEST_CALM = timedelta(seconds=15)
_KEEP_CLEARED = timedelta(minutes=5)
_AT_ONCE = 500


def _check_base(url: SecretStr) -> SecretStr:
    parsed = parse_far_url(url.get_secret_value())
    if parsed.raw_query_string or "/api/v" in parsed.raw_path:
        raise ValueError("must end where the Alertmanager's own /api/v2/alerts begins")
    return url


class Config(base.SinkConfig):
    """An Alertmanager, one member of a cluster.

    url: what stands before /api/v2/alerts; a user in it becomes Basic auth. labels: put on every
    alert. resend: how often an alert is sent again; it ends by itself after four of them.
    """

    type: Literal["alertmanager"] = "alertmanager"
    url: Annotated[FarUrl, AfterValidator(_check_base)]
    labels: dict[
        Annotated[str, AfterValidator(check_label_name)],
        Annotated[str, StringConstraints(min_length=1)],
    ] = Field(default_factory=dict)
    resend: Annotated[Duration, between(timedelta(seconds=1), timedelta(hours=1))] = timedelta(
        minutes=1
    )
    ca_file: CaFile | None = None

    def warnings(self) -> list[str]:
        """Tell of a resend so short that a restart of alarmbridge may outlast four of them."""
        if self.resend >= _SHORTEST_CALM:
            return []
        return ["resend: below 15s a restart of alarmbridge may clear every alert; give it longer"]


class Sink(base.Sink):
    """Posts alerts to one Alertmanager, which forgets them all when it starts anew.

    What a refresh finds refused for good is left out of later ones, provided that others were
    accepted: otherwise the fault need not be its own.
    """

    def __init__(self, config: Config) -> None:
        self.refresh_every = config.resend
        self.keep_cleared = max(_KEEP_CLEARED, 2 * config.resend)
        self._lasts = _MISSED_RESENDS * config.resend
        self._labels = config.labels
        self._refused: set[str] = set()
        self._far_end = make_far_end(config.url, config, ca_file=config.ca_file)

    def key_for(self, alarm: Alarm, tags: Mapping[str, str]) -> str:
        """Build the alert's labels, which are its identity, as JSON text."""
        return write_labels(build_labels(alarm, tags, self._labels))

    async def deliver(self, notice: Notice) -> str:
        """Post one alert; return "HTTP 200"."""
        return await self._post([notice])

    async def refresh(self, notices: Sequence[Notice]) -> None:
        """Post all again. Raises SinkError, a permanent one where only single alerts failed."""
        standing = [notice for notice in notices if notice.event_id not in self._refused]
        outcome = await post_in_batches(standing, self._post, at_once=_AT_ONCE)
        if outcome.accepted:
            self._refused &= {notice.event_id for notice in notices}
            self._refused |= {notice.event_id for notice in outcome.refused}
        if outcome.failure:
            raise outcome.failure

    async def aclose(self) -> None:
        """Close every connection."""
        await self._far_end.aclose()

    async def _post(self, notices: Sequence[Notice]) -> str:
        alerts = [self._build_alert(notice) for notice in notices]
        body = json.dumps(alerts, ensure_ascii=False, separators=(",", ":")).encode()
        return await self._far_end.post(body, _HEADERS, path=_PATH, now=notices[0].sent_at)

    def _build_alert(self, notice: Notice) -> dict[str, Any]:
        telling, now = read_telling(notice.body), notice.sent_at
        cleared = notice.kind == EventKind.CLEARED
        ends_at = min(ended_at(telling), now) if cleared else now + self._lasts
        return {
            "labels": read_labels(notice.key),
            "annotations": build_annotations(notice, telling),
            "startsAt": format_instant(min(started_at(telling.alarm), now)),
            "endsAt": format_instant(ends_at),
            "generatorURL": find_origin(telling),
        }
