"""A webhook's far end: verifies what it gets, keeps it, refuses or vanishes on demand."""

import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from acceptance_ports import free_port
from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

SECRET = "whsec_" + "Y2FuYXJ5LXNlY3JldC1vZi0zMi1ieXRlcy1sb25nLi4="
ACCEPTED = 204


@dataclass(frozen=True, slots=True)
class Accepted:
    """One event as it was accepted; at: when, UTC seconds. repeat: its id had come before."""

    event: dict[str, Any]
    at: float
    repeat: bool

    @property
    def kind(self) -> str:
        return str(self.event["type"]).removeprefix("alarm.")

    @property
    def alarm(self) -> dict[str, Any]:
        alarm: dict[str, Any] = self.event["data"]["alarm"]
        return alarm

    @property
    def alarm_id(self) -> str:
        return str(self.alarm["id"])

    @property
    def origin(self) -> str:
        return str(self.alarm["origin"])

    @property
    def sequence(self) -> int:
        return int(self.event["data"]["sequence"])

    @property
    def device(self) -> str:
        device = self.event["data"]["device"]
        return device["name"] if device else ""


class Receiver:
    """Whoever is told.

    log: all that was accepted, repeats too, in that order. events, bodies: the same, each once.
    faults: what no bridge may send. statuses: how many requests got which answer.
    answer: asked for the status of each answer; then: called once an event is accepted, before
    the bridge has the answer.
    """

    def __init__(self) -> None:
        self.log: list[Accepted] = []
        self.events: list[dict[str, Any]] = []
        self.bodies: dict[str, str] = {}
        self.faults: list[str] = []
        self.statuses: Counter[int] = Counter()
        self.answer: Callable[[], int] = lambda: ACCEPTED
        self.then: Callable[[], object] = lambda: None
        self.port = free_port()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/canary-token"

    @property
    def repeats(self) -> int:
        return sum(one.repeat for one in self.log)

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/canary-token", self._receive)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def told(self, kind: str, *, origin: str = "device", name: str | None = None) -> list[Any]:
        """The events of a kind, raised for one, that were accepted so far."""
        return [
            one.event
            for one in self.log
            if not one.repeat
            and (one.kind, one.origin) == (kind, origin)
            and name in {None, one.alarm["name"]}
        ]

    async def _receive(self, request: web.Request) -> web.Response:
        body, event_id = await request.text(), request.headers.get("webhook-id", "")
        status = self.answer()
        self.statuses[status] += 1
        if status != ACCEPTED:
            return web.Response(status=status)
        try:
            Webhook(SECRET).verify(body, dict(request.headers))
        except WebhookVerificationError as error:
            self.faults.append(f"{event_id}: {error}")
        self._accept(event_id, body)
        self.then()
        return web.Response(status=status)

    def _accept(self, event_id: str, body: str) -> None:
        repeat = event_id in self.bodies
        if self.bodies.setdefault(event_id, body) != body:
            self.faults.append(f"{event_id}: its repeat has another body")
        event = json.loads(body)
        if event["data"]["event_id"] != event_id:
            self.faults.append(f"{event_id}: its body bears another id")
        if not repeat:
            self.events.append(event)
        self.log.append(Accepted(event, time.time(), repeat))
