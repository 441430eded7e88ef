"""A device on a raw socket, byte for byte, for what no HTTP server would send of its own accord."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from alarmbridge.mediant.access import Access
from alarmbridge.mediant.http import HttpTransport
from alarmbridge.mediant.http_full import FullHttpTransport
from alarmbridge.mediant.network import HttpNetwork

STATUS = "/api/v1/status"
PATH = "/api/v1/alarms/active"
_PIECE = 64 * 1024

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter


@dataclass
class Heard:
    """One request. rest: bytes of its body that have not been taken yet."""

    head: str
    body: bytearray = field(default_factory=bytearray)
    rest: int = 0
    whole: bool = False

    def __post_init__(self) -> None:
        self.rest = int(self.header("Content-Length") or 0)

    @property
    def method(self) -> str:
        return self.head.split(" ", 1)[0]

    @property
    def target(self) -> str:
        return self.head.split(" ", 2)[1]

    @property
    def names(self) -> list[str]:
        return [line.partition(":")[0].lower() for line in self.head.split("\r\n")[1:]]

    def header(self, name: str) -> str | None:
        for line in self.head.split("\r\n")[1:]:
            found, _, value = line.partition(":")
            if found.lower() == name.lower():
                return value.strip()
        return None


Handler = Callable[[Heard, Reader, Writer], Awaitable[object]]


async def take(heard: Heard, reader: Reader, *, keep: bool = True) -> None:
    """Take what is left of a request's body. keep: in memory."""
    while heard.rest:
        piece = await reader.read(min(_PIECE, heard.rest))
        if not piece:
            raise asyncio.IncompleteReadError(b"", heard.rest)
        heard.rest -= len(piece)
        if keep:
            heard.body += piece
    heard.whole = True


def reply(
    body: bytes = b"{}", *, status: str = "200 OK", kind: str = "application/json", more: str = ""
) -> bytes:
    """Write a whole answer, as a well-behaved device would. more: lines of its head."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{more}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def says(raw: bytes, *, then_close: bool = False) -> Handler:
    """Take every request whole, and send these bytes."""

    async def handle(heard: Heard, reader: Reader, writer: Writer) -> None:
        await take(heard, reader)
        writer.write(raw)
        await writer.drain()
        if then_close:
            writer.close()

    return handle


def repeats(first: bytes, then: bytes, *, times: int, pause: float = 0.0) -> Handler:
    """Send one thing, and then another so many times."""

    async def handle(_heard: Heard, _reader: Reader, writer: Writer) -> None:
        writer.write(first)
        for _ in range(times):
            writer.write(then)
            await writer.drain()
            if pause:
                await asyncio.sleep(pause)

    return handle


def reset_hard(writer: Writer) -> None:
    """Break a connection off by a RST, as a device does that restarts."""
    found: socket.socket = writer.get_extra_info("socket")
    found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    writer.transport.abort()


class RawDevice:
    """Does as `handle` says with each request, and keeps it.

    proof: the answer by which everybody proves himself at the status; None leaves that to `handle`.
    connections: how many were opened. waiting, most: how many requests wait for an answer, and did
    at once. hung_up: set once the other side has left.
    """

    def __init__(self) -> None:
        self.handle: Handler = says(reply())
        self.proof: bytes | None = reply()
        self.heard: list[Heard] = []
        self.connections = 0
        self.waiting = 0
        self.most = 0
        self.hung_up = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, context: ssl.SSLContext | None = None) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    def count(self, method: str) -> int:
        return sum(one.method == method for one in self.heard)

    async def _serve(self, reader: Reader, writer: Writer) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                heard = Heard(head.decode().removesuffix("\r\n\r\n"))
                self.heard.append(heard)
                await self._answer(heard, reader, writer)
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            self.hung_up.set()
        finally:
            writer.close()

    async def _answer(self, heard: Heard, reader: Reader, writer: Writer) -> None:
        if self.proof is not None and (heard.method, heard.target) == ("GET", STATUS):
            writer.write(self.proof)
            if b"Connection: close" in self.proof:
                writer.close()
            return
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        try:
            await self.handle(heard, reader, writer)
        finally:
            self.waiting -= 1


@asynccontextmanager
async def serving(context: ssl.SSLContext | None = None) -> AsyncIterator[RawDevice]:
    """Have a device as long as it is needed. context: to speak TLS."""
    made = RawDevice()
    await made.start(context)
    try:
        yield made
    finally:
        await made.stop()


def access_to(device: RawDevice, **access: object) -> Access:
    """Say how a device is reached; access: what is to differ from the usual."""
    usual: dict[str, object] = {
        "name": "sbc-1",
        "url": f"http://127.0.0.1:{device.port}",
        "username": "monitor",
        "password": "canary-pa55",
        "timeout": 3.0,
    }
    return Access(**(usual | access))  # type: ignore[arg-type] # a test's keywords


def line_to(device: RawDevice, network: HttpNetwork, **access: object) -> HttpTransport:
    """Open a line that only asks."""
    return network.open_line(access_to(device, **access))


def full_line_to(device: RawDevice, network: HttpNetwork, **access: object) -> FullHttpTransport:
    """Open a line that can do everything."""
    return network.open_full_line(access_to(device, **access))
