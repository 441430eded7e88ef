"""What every incident tool does: take requests, keep what is open, note what breaks a contract."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiohttp import web
from aiohttp.test_utils import RawTestServer


@dataclass(frozen=True)
class Heard:
    """One request that was understood, as the conformance suite compares it."""

    event_id: str | None
    kind: str
    text: str


@dataclass
class Incident:
    """What is open. fields: as they stand by now. count: how often it was said to be open."""

    key: str
    fields: dict[str, Any]
    count: int = 1
    notes: list[str] = field(default_factory=list)


class Refused(Exception):
    """A request that the tool does not take."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body


class Desk:
    """An incident tool.

    incidents: those that are open, by key. closed: the keys of those that were. violations: what
    broke the contract, a line each. requests: method, target and headers of all that came.
    """

    secrets: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.raw: Mapping[str, object] = {}
        self.heard: list[Heard] = []
        self.incidents: dict[str, Incident] = {}
        self.closed: set[str] = set()
        self.violations: list[str] = []
        self.requests: list[tuple[str, str, Mapping[str, str]]] = []
        self._kinds: dict[str, str] = {}
        self._answer: Callable[[], web.Response] | None = None
        self._reached: asyncio.Event | None = None

    def configure(self, url: str) -> None:
        """Set `raw`, by which a sink reaches this address."""
        raise NotImplementedError

    async def take(self, request: web.BaseRequest) -> web.Response:
        """Do what the real one does with a request. Raises Refused."""
        raise NotImplementedError

    def refuse(self, status: int, headers: Mapping[str, str]) -> None:
        self._reached = None
        self._answer = lambda: web.Response(status=status, headers=headers, text="no " * 50)

    def accept(self) -> None:
        self._reached = self._answer = None

    def hang(self) -> asyncio.Event:
        self._reached = asyncio.Event()
        return self._reached

    async def handle(self, request: web.BaseRequest) -> web.Response:
        self.requests.append((request.method, request.raw_path, request.headers.copy()))
        await request.read()
        if self._reached is not None:
            self._reached.set()
            await asyncio.Event().wait()
        if self._answer is not None:
            return self._answer()
        try:
            return await self.take(request)
        except Refused as refused:
            return web.json_response(refused.body, status=refused.status)

    def open(self, key: str, fields: dict[str, Any], event_id: str, text: str) -> bool:
        """Open an incident, or count that an open one was said again; say whether it is new."""
        repeat, new = event_id in self._kinds, key not in self.incidents
        if new and key in self.closed and not repeat:
            self.violations.append(f"{key} is opened again after it was closed")
        kind = self._kinds.setdefault(event_id, "raised" if new else "changed")
        self.heard.append(Heard(event_id, kind, text))
        if new:
            self.incidents[key] = Incident(key, fields)
        else:
            self.incidents[key].count += 1
        return new

    def close(self, key: str, event_id: str | None, text: str) -> bool:
        """Close an incident; say whether it was open."""
        self.heard.append(Heard(event_id, "cleared", text))
        was_open = self.incidents.pop(key, None) is not None
        if not was_open and key not in self.closed:
            self.violations.append(f"{key} is closed and was never opened")
        self.closed.add(key)
        return was_open

    def check(self, kept: bool, breach: str) -> None:
        """Note a breach of the contract unless it was kept."""
        if not kept:
            self.violations.append(breach)

    def check_keys(self, mapping: Mapping[str, Any], known: Collection[str], where: str) -> None:
        """Note keys that the tool does not know."""
        self.check(mapping.keys() <= {*known}, f"{where} has {sorted({*mapping} - {*known})}")

    def check_texts(self, mapping: Mapping[str, Any], caps: Mapping[str, int]) -> None:
        """Note each value that is no text, is empty, or is longer than its field takes."""
        for key, cap in caps.items():
            value = mapping.get(key)
            if value is not None:
                kept = isinstance(value, str) and 0 < units(value) <= cap
                self.check(kept, f"{key} is no text of 1 to {cap} characters")


def units(text: str) -> int:
    """Count characters as Java and JavaScript do, the strictest way there is."""
    return len(text.encode("utf-16-le")) // 2


async def read_json(request: web.BaseRequest) -> dict[str, Any]:
    """Read a request's JSON object. Raises Refused."""
    if request.content_type != "application/json":
        raise Refused(415, {"message": "not JSON"})
    try:
        body = await request.json()
    except ValueError:
        raise Refused(400, {"message": "malformed JSON"}) from None
    if not isinstance(body, dict):
        raise Refused(400, {"message": "no object"})
    return body


D = TypeVar("D", bound=Desk)


@asynccontextmanager
async def serve(desk: D, port: int = 0) -> AsyncIterator[D]:
    """Serve a tool on loopback; any port that is free where none is given."""
    # Without an access log: that would show what is secret, and this is not our side.
    server = RawTestServer(desk.handle, port=port or None)
    await server.start_server(access_log=None)
    desk.configure(f"http://127.0.0.1:{server.port}")
    yield desk
    await server.close()
