"""A device on a raw socket, for what no HTTP server would send of its own accord."""

import asyncio
import datetime as dt
import ipaddress
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from alarmbridge.mediant.access import Access
from alarmbridge.mediant.http import HttpTransport
from alarmbridge.mediant.network import HttpNetwork

Script = Callable[[asyncio.StreamWriter], Awaitable[None]]

PATH = "/api/v1/status"


def http(body: bytes = b"{}", *, status: str = "200 OK", headers: str = "") -> bytes:
    """Write a whole answer, as a well-behaved device would."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def says(raw: bytes, *, then_close: bool = False) -> Script:
    """Send these bytes to every request."""

    async def script(writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        await writer.drain()
        if then_close:
            writer.close()

    return script


def repeats(first: bytes, then: bytes, *, times: int, pause: float = 0.0) -> Script:
    """Send one thing, and then another so many times."""

    async def script(writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        for _ in range(times):
            writer.write(then)
            await writer.drain()
            if pause:
                await asyncio.sleep(pause)

    return script


class Scripted:
    """Does its script for each request, and keeps the head of each.

    most: how many requests waited for an answer at once. connections: how many were opened.
    hung_up: set once the other side has left.
    """

    def __init__(self) -> None:
        self.script: Script = says(http())
        self.heads: list[str] = []
        self.connections = 0
        self.hung_up = asyncio.Event()
        self.most = 0
        self._waiting = 0
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

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            while True:
                self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
                self._waiting += 1
                self.most = max(self.most, self._waiting)
                try:
                    await self.script(writer)
                finally:
                    self._waiting -= 1
        except (asyncio.IncompleteReadError, ConnectionError):
            self.hung_up.set()
        finally:
            writer.close()


def line_to(server: Scripted, network: HttpNetwork, **access: object) -> HttpTransport:
    """Open a line to a server; access: what is to differ from the usual."""
    usual: dict[str, object] = {
        "name": "sbc-1",
        "url": f"http://127.0.0.1:{server.port}",
        "username": "monitor",
        "password": "canary-pa55",
        "timeout": 3.0,
    }
    return network.open_line(Access(**(usual | access)))  # type: ignore[arg-type] # a test's keywords


def make_certificate(folder: Path) -> tuple[str, bytes]:
    """Sign a certificate for 127.0.0.1 by itself; return its PEM file with the key, and its DER."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sbc-1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "sbc-1.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return str(file), made.public_bytes(serialization.Encoding.DER)
