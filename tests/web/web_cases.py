"""A web server under way, and how it is asked."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp.test_utils import unused_port

from alarmbridge.store.archive import Archive
from alarmbridge.store.transaction import Transaction
from alarmbridge.web.access import Guard, Role, Token
from alarmbridge.web.server import Part, WebServer

TOKENS = ("canary-token-1", "canary-token-2")
REFUSED: tuple[dict[str, str], ...] = (
    {},
    {"Authorization": ""},
    {"Authorization": "Bearer"},
    {"Authorization": "Bearer canary-token"},
    {"Authorization": "Bearer canary-token-1 canary-token-2"},
    {"Authorization": "Basic canary-token-1"},
    {"Authorization": "canary-token-1"},
    {"Cookie": "token=canary-token-1"},
)
UNAUTHORIZED = {"type": "about:blank", "title": "Unauthorized", "status": 401}


def server_of(guard: Guard, *parts: Part) -> WebServer:
    """Make a server of some parts."""
    return WebServer(host="127.0.0.1", port=unused_port(), guard=guard, parts=parts)


def guard_of(*tokens: str, role: Role = Role.ADMIN) -> Guard:
    return Guard(
        [Token(name=f"n{at}", role=role, token=token) for at, token in enumerate(tokens, 1)]
    )


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Served:
    """A server under way."""

    def __init__(self, session: aiohttp.ClientSession, server: WebServer) -> None:
        self.port = server.port
        self.server = server
        self._session = session

    async def ask(
        self, path: str, method: str = "GET", *, body: object = None, **headers: str
    ) -> Answer:
        """Ask for a path; a body that is no bytes is sent as JSON."""
        url = f"http://127.0.0.1:{self.port}{path}"
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        if data is not None:
            sent = {"Content-Type": "application/json"} | sent
        async with self._session.request(
            method, url, data=data, headers=sent, allow_redirects=False
        ) as answer:
            return Answer(answer.status, answer.headers.copy(), await answer.text())

    async def say(self, words: bytes) -> bytes:
        """Say something on a bare connection; return all that comes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(words)
        async with asyncio.timeout(5):
            answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answer

    def routes(self) -> list[tuple[str, str]]:
        """List every route there is, as method and path."""
        assert self.server._runner is not None
        routes = self.server._runner.app.router.routes()
        return [(route.method, route.resource.canonical) for route in routes if route.resource]


class Breaking:
    """An archive that fails after some looks."""

    def __init__(self, archive: Archive, failure: Exception, *, looks: int = 1) -> None:
        self._looks = iter([archive] * looks)
        self._failure = failure

    def read(self) -> AbstractAsyncContextManager[Transaction]:
        for archive in self._looks:
            return archive.read()
        raise self._failure


Start = Callable[..., Awaitable[Served]]
Serve = Callable[[WebServer], Awaitable[Served]]
