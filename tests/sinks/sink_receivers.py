"""What stands at the far end of each sink in the conformance suite; a new sink adds one here."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from aiohttp import web
from aiohttp.test_utils import RawTestServer
from alertmanager_receiver import receive_alertmanager
from apprise_receiver import receive_apprise
from incidents.jsm import receive_jsm
from incidents.pagerduty import receive_pagerduty
from incidents.servicenow import receive_servicenow
from snmp_manager import receive_snmp
from syslog_receiver import receive_syslog


@dataclass(frozen=True)
class Heard:
    """One notice as the far end understood it.

    event_id: None where its wire has no room for it. text: all that was said, for comparing; a
    clear may say nothing but which alarm it closes.
    """

    event_id: str | None
    kind: str
    text: str


class Receiver(Protocol):
    """A far end, and how a sink is configured to reach it.

    secrets: all that must never be shown.
    """

    raw: Mapping[str, object]
    secrets: tuple[str, ...]
    heard: list[Heard]

    def refuse(self, status: int, headers: Mapping[str, str]) -> None: ...

    def hang(self) -> asyncio.Event: ...


SECRETS = ("canary-user", "canary-password", "canary-path", "canary-query", "canary-header")
WEBHOOK_SECRET = "whsec_Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5LTE="


@dataclass
class WebhookReceiver:
    """An HTTP server that notes what it is posted."""

    raw: Mapping[str, object] = field(default_factory=dict)
    secrets: tuple[str, ...] = (*SECRETS, WEBHOOK_SECRET, WEBHOOK_SECRET.removeprefix("whsec_"))
    heard: list[Heard] = field(default_factory=list)
    requests: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    kind_of: Callable[[dict[str, str]], str] = lambda event: event["type"].removeprefix("alarm.")
    _answer: Callable[[], web.Response] = lambda: web.Response(status=204)
    _reached: asyncio.Event | None = None

    def refuse(self, status: int, headers: Mapping[str, str]) -> None:
        self._reached = None
        self._answer = lambda: web.Response(status=status, headers=headers, text="no " * 50)

    def accept(self, status: int = 204) -> None:
        self._reached = None
        self._answer = lambda: web.Response(status=status)

    def hang(self) -> asyncio.Event:
        self._reached = asyncio.Event()
        return self._reached

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        self.requests.append((request.headers.copy(), body))
        self.targets.append(request.raw_path)
        if self._reached is not None:
            self._reached.set()
            await asyncio.Event().wait()
        kind = self.kind_of(await request.json())
        self.heard.append(Heard(request.headers["webhook-id"], kind, body.decode()))
        return self._answer()


@asynccontextmanager
async def receive_webhook() -> AsyncIterator[WebhookReceiver]:
    receiver = WebhookReceiver()
    # Without an access log: that would show the URL, and this is not our side.
    server = RawTestServer(receiver.handle)
    await server.start_server(access_log=None)
    address = f"canary-user:canary-password@127.0.0.1:{server.port}"
    receiver.raw = {
        "type": "webhook",
        "url": f"http://{address}/canary-path?token=canary-query",
        "secret": WEBHOOK_SECRET,
        "headers": {"x-tenant": "canary-header"},
    }
    yield receiver
    await server.close()


class LogReceiver(logging.Handler):
    """The log that the line goes to. It never refuses."""

    def __init__(self) -> None:
        super().__init__()
        self.raw: Mapping[str, object] = {"type": "log"}
        self.secrets: tuple[str, ...] = ()
        self.heard: list[Heard] = []

    def emit(self, record: logging.LogRecord) -> None:
        line = record.getMessage()
        event_id = line.rpartition("(event ")[2].rstrip(")")
        self.heard.append(Heard(event_id, line.split()[0], line))

    def refuse(self, status: int, headers: Mapping[str, str]) -> None:
        raise NotImplementedError

    def hang(self) -> asyncio.Event:
        raise NotImplementedError


@asynccontextmanager
async def receive_log() -> AsyncIterator[LogReceiver]:
    receiver = LogReceiver()
    logger = logging.getLogger("alarmbridge.alarms")
    logger.addHandler(receiver)
    yield receiver
    logger.removeHandler(receiver)


RECEIVERS: Mapping[str, Callable[[], AbstractAsyncContextManager[Receiver]]] = {
    "alertmanager": receive_alertmanager,
    "apprise": receive_apprise,
    "jsm": receive_jsm,
    "log": receive_log,
    "pagerduty": receive_pagerduty,
    "servicenow": receive_servicenow,
    "snmp": receive_snmp,
    "syslog": receive_syslog,
    "webhook": receive_webhook,
}
"""By type of sink."""

ANSWERING = sorted({*RECEIVERS} - {"log", "snmp", "syslog"})
"""The types whose far end answers by a status of HTTP, and so can refuse."""

JUDGING = sorted({*ANSWERING} - {"apprise"})
"""The types that are told how they are refused, and so can tell what is final from what is not."""
