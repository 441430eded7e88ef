"""What Apprise's `json://` posts to: an HTTP server that keeps title, message and type."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import RawTestServer


@dataclass(frozen=True)
class Heard:
    """One message. event_id: what its last line names."""

    event_id: str
    kind: str
    text: str


@dataclass
class AppriseReceiver:
    """The server. messages: each body as it came; targets, headers: what came with it.

    released: whoever hangs is answered then.
    """

    raw: Mapping[str, object] = field(default_factory=dict)
    secrets: tuple[str, ...] = ("canary-user", "canary-password", "canary-path", "canary-query")
    heard: list[Heard] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    _answer: Callable[[], web.Response] = lambda: web.Response(status=204)
    _reached: asyncio.Event | None = None
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def refuse(self, status: int, headers: Mapping[str, str]) -> None:
        self._reached = None
        self._answer = lambda: web.Response(status=status, headers=headers, text="no " * 50)

    def accept(self) -> None:
        self._reached = None
        self._answer = lambda: web.Response(status=204)

    def hang(self) -> asyncio.Event:
        self._reached = asyncio.Event()
        return self._reached

    async def handle(self, request: web.BaseRequest) -> web.Response:
        body = await request.read()
        self.targets.append(request.raw_path)
        self.headers.append(request.headers.copy())
        if self._reached is not None:
            self._reached.set()
            await self.released.wait()
        message = json.loads(body)
        self.messages.append(message)
        title, text = message.get("title", ""), message.get("message", "")
        kind = "cleared" if title.startswith("CLEARED") else "raised"
        kind = "changed" if " (was " in title else kind
        self.heard.append(Heard(text.rpartition("\nEvent: ")[2], kind, body.decode()))
        return self._answer()


@asynccontextmanager
async def receive_apprise() -> AsyncIterator[AppriseReceiver]:
    receiver = AppriseReceiver()
    server = RawTestServer(receiver.handle)
    await server.start_server(access_log=None)
    address = f"canary-user:canary-password@127.0.0.1:{server.port}"
    receiver.raw = {
        "type": "apprise",
        "url": f"json://{address}/canary-path?-token=canary-query",
    }
    yield receiver
    # A thread that was left waiting would keep the server waiting.
    receiver.released.set()
    await server.close()
