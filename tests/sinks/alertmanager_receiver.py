"""An Alertmanager as alarmbridge meets it: it keeps alerts by their labels until they end."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web
from aiohttp.test_utils import RawTestServer

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_TARGET = "/canary-path/api/v2/alerts"
_KNOWN = {"labels", "annotations", "startsAt", "endsAt", "generatorURL"}


@dataclass(frozen=True)
class Heard:
    """One alert that was posted. text: its annotations, which tell a repeat from a change."""

    event_id: str
    kind: str
    text: str


@dataclass
class AlertmanagerReceiver:
    """An HTTP server that keeps alerts and answers as an Alertmanager does.

    posted: every batch. alerts: the last of each that was taken, by its labels.
    refused: the `alarm_id` of those that are not valid here.
    """

    raw: Mapping[str, object] = field(default_factory=dict)
    secrets: tuple[str, ...] = ("canary-user", "canary-password", "canary-path")
    heard: list[Heard] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    posted: list[list[dict[str, Any]]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    alerts: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    largest: int = 1_000_000
    _answer: Callable[[], web.Response] | None = None
    _reached: asyncio.Event | None = None

    def refuse(self, status: int, headers: Mapping[str, str]) -> None:
        self._reached = None
        self._answer = lambda: web.Response(status=status, headers=headers, text="no " * 50)

    def accept(self) -> None:
        self._reached = self._answer = None

    def hang(self) -> asyncio.Event:
        self._reached = asyncio.Event()
        return self._reached

    async def handle(self, request: web.BaseRequest) -> web.Response:
        body = await request.read()
        if self._reached is not None:
            self._reached.set()
            await asyncio.Event().wait()
        if self._answer is not None:
            return self._answer()
        if len(body) > self.largest:
            return web.Response(status=413)
        self._check(request.raw_path == _TARGET, f"posted to {request.raw_path}")
        self._check(request.content_type == "application/json", request.content_type)
        self.headers.append(request.headers.copy())
        self.posted.append(json.loads(body))
        valid = [self._take(alert) for alert in self.posted[-1]]
        # Whatever was valid has been taken all the same.
        return web.Response(status=200 if all(valid) else 400)

    def _take(self, alert: dict[str, Any]) -> bool:
        labels, annotations = alert["labels"], alert["annotations"]
        self._check(alert.keys() == _KNOWN, f"keys {sorted(alert)}")
        self._check("alertname" in labels, "no alertname")
        self._check(all(map(_NAME.fullmatch, [*labels, *annotations])), f"names {[*labels]}")
        texts = [*labels.values(), *annotations.values()]
        self._check(all(isinstance(text, str) and text for text in texts), f"values {texts}")
        starts_at, ends_at = map(datetime.fromisoformat, (alert["startsAt"], alert["endsAt"]))
        self._check(starts_at <= ends_at, f"ends before it starts: {alert}")
        if labels.get("alarm_id") in self.refused:
            return False
        key = json.dumps(labels, sort_keys=True)
        before = self.alerts.get(key, {})
        self.alerts[key] = alert
        # The title says it: by the times alone one that stands could have ended since.
        kind = "cleared" if annotations["summary"].startswith("CLEARED") else "raised"
        if kind == "raised" and before and before["annotations"] != annotations:
            kind = "changed"
        self.heard.append(Heard(annotations["event_id"], kind, json.dumps(annotations)))
        return True

    def _check(self, kept: bool, breach: str) -> None:
        if not kept:
            self.violations.append(breach)


@asynccontextmanager
async def receive_alertmanager() -> AsyncIterator[AlertmanagerReceiver]:
    receiver = AlertmanagerReceiver()
    server = RawTestServer(receiver.handle)
    await server.start_server(access_log=None)
    address = f"canary-user:canary-password@127.0.0.1:{server.port}"
    receiver.raw = {"type": "alertmanager", "url": f"http://{address}/canary-path/"}
    yield receiver
    await server.close()
