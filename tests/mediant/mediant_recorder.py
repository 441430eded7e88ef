"""A device on a raw socket that hears whole requests, byte for byte, bodies included."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from alarmbridge.mediant.access import Access
from alarmbridge.mediant.http_full import FullHttpTransport
from alarmbridge.mediant.network import HttpNetwork
from alarmbridge.mediant.transport import Upload

STATUS = "/api/v1/status"
_PIECE = 64 * 1024


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
        return [line.partition(":")[0].lower() for line in self.head.split("\r\n")[1:] if line]

    def header(self, name: str) -> str | None:
        for line in self.head.split("\r\n")[1:]:
            found, _, value = line.partition(":")
            if found.lower() == name.lower():
                return value.strip()
        return None


Handler = Callable[[Heard, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[object]]


async def take(heard: Heard, reader: asyncio.StreamReader, *, keep: bool = True) -> None:
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
    body: bytes = b"", *, status: str = "200 OK", kind: str = "application/json", more: str = ""
) -> bytes:
    """Write a whole answer."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{more}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def always(raw: bytes) -> Handler:
    """Take every request whole, and send these bytes."""

    async def handle(
        heard: Heard, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await take(heard, reader)
        writer.write(raw)
        await writer.drain()

    return handle


class Recorder:
    """Does as `handle` says with each request, but lets everybody prove himself by the status.

    proving: whether GET of the status is answered without asking `handle`.
    """

    def __init__(self) -> None:
        self.handle: Handler = always(reply())
        self.proving = True
        self.proof = reply(b"{}")
        self.heard: list[Heard] = []
        self.connections = 0
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

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            while not writer.is_closing():
                heard = Heard(
                    (await reader.readuntil(b"\r\n\r\n")).decode().removesuffix("\r\n\r\n")
                )
                self.heard.append(heard)
                if self.proving and (heard.method, heard.target) == ("GET", STATUS):
                    writer.write(self.proof)
                    if b"Connection: close" in self.proof:
                        return
                else:
                    await self.handle(heard, reader, writer)
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def recording(context: ssl.SSLContext | None = None) -> AsyncIterator[Recorder]:
    """Have a recorder as long as it is needed. context: to speak TLS."""
    made = Recorder()
    await made.start(context)
    try:
        yield made
    finally:
        await made.stop()


def full_line(recorder: Recorder, network: HttpNetwork, **access: object) -> FullHttpTransport:
    """Open a line that can do everything; access: what is to differ from the usual."""
    usual: dict[str, object] = {
        "name": "sbc-1",
        "url": f"http://127.0.0.1:{recorder.port}",
        "username": "admin",
        "password": "canary-pa55",
        "timeout": 3.0,
    }
    made = Access(**(usual | access))  # type: ignore[arg-type] # a test's keywords
    return network.open_full_line(made)


def upload_of(content: bytes, filename: str = "cli.txt") -> Upload:
    """Make an upload of bytes."""
    rest = memoryview(content)

    def read(size: int) -> bytes:
        nonlocal rest
        piece, rest = rest[:size], rest[size:]
        return bytes(piece)

    return Upload(filename, len(content), read)


def zeros(size: int, filename: str = "software.cmp") -> Upload:
    """Make an upload of so many zeros, without ever holding them."""
    left = size

    def read(wanted: int) -> bytes:
        nonlocal left
        piece = min(wanted, left)
        left -= piece
        return bytes(piece)

    return Upload(filename, size, read)


def reset_hard(writer: asyncio.StreamWriter) -> None:
    """Break a connection off by a RST, as a device does that restarts."""
    found: socket.socket = writer.get_extra_info("socket")
    found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    writer.transport.abort()
