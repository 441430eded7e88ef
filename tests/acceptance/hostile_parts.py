"""The parts of a scenario with bad input: impostors, a canary, a look at what the process shows."""

import asyncio
import base64
import subprocess
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
import psutil
from acceptance_parts import COMMAND, PASSWORD, Bridge, ask, until
from acceptance_receiver import SECRET, Receiver
from aiohttp import web

_MIB = 1024 * 1024
_JSON = b"Content-Type: application/json\r\n"
_OPENING = b'{"alarms": [{"id": "1", "description": "'

Misdeed = Callable[[asyncio.StreamWriter, bytes], Awaitable[None]]
"""What an impostor does to a connection; it is given the head of the request."""


@cache
def _bomb() -> bytes:
    gzip = zlib.compressobj(1, wbits=16 + zlib.MAX_WBITS)
    block = b"x" * _MIB
    return (
        gzip.compress(_OPENING)
        + b"".join(gzip.compress(block) for _ in range(400))
        + (gzip.compress(b'"}]}') + gzip.flush())
    )


async def _pour(writer: asyncio.StreamWriter, block: bytes) -> None:
    while True:
        writer.write(block)
        await writer.drain()


async def say_no_http(writer: asyncio.StreamWriter, _: bytes) -> None:
    writer.write(b"\x16\x03\x01SSH-2.0-dropbear, and no HTTP at all\r\n\r\n")


async def explode(writer: asyncio.StreamWriter, _: bytes) -> None:
    """400 MiB, gzipped though nobody asked for it."""
    bomb = _bomb()
    length = b"Content-Length: %d\r\n" % len(bomb)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n" + _JSON + length + b"\r\n" + bomb)


async def never_end(writer: asyncio.StreamWriter, _: bytes) -> None:
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n" + _JSON + b"\r\n" + _OPENING
    )
    await _pour(writer, b"x" * 65536)


async def never_end_in_chunks(writer: asyncio.StreamWriter, _: bytes) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + _JSON + b"\r\n")
    await _pour(writer, (b"400\r\n" + b"x" * 1024 + b"\r\n") * 60)


async def never_end_the_head(writer: asyncio.StreamWriter, _: bytes) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    await _pour(writer, b"X-More: to come\r\n" * 100)


async def never_begin(writer: asyncio.StreamWriter, _: bytes) -> None:
    await _pour(writer, b"HTTP/1.1 100 Continue\r\n\r\n")


async def repeat_the_request(writer: asyncio.StreamWriter, head: bytes) -> None:
    """An error page that shows the credentials that it got, as debuggers do."""
    said = head.decode().partition("Authorization: ")[2].partition("\r\n")[0]
    body = b'{"description": "no such user: %s"}' % said.encode()
    length = b"Content-Length: %d\r\n" % len(body)
    writer.write(b"HTTP/1.1 500 Oops\r\n" + _JSON + length + b"\r\n" + body)


class Impostor:
    """A socket in a device's place: hangs up at first, and once awake does its misdeed."""

    def __init__(self, misdeed: Misdeed) -> None:
        self.awake = False
        self._misdeed = misdeed
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.url = ""

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._begin, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()
        self.url = f"http://{host}:{port}"

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            if self.awake:
                await self._misdeed(writer, head)
                await writer.drain()
        writer.close()


class Canary:
    """A host that nothing leads to but a redirect; keeps what it was asked, headers too."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.url = ""

    async def receive(self, request: web.BaseRequest) -> web.Response:
        self.asked.append(f"{request.method} {request.path_qs} {dict(request.headers)}")
        return web.Response(status=204)


@asynccontextmanager
async def opened_canary() -> AsyncIterator[Canary]:
    canary = Canary()
    runner = web.ServerRunner(web.Server(canary.receive), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    canary.url = f"http://{host}:{port}"
    try:
        yield canary
    finally:
        await runner.cleanup()


@asynccontextmanager
async def opened_impostors(misdeeds: dict[str, Misdeed]) -> AsyncIterator[dict[str, Impostor]]:
    # Otherwise it is packed while the time of others is measured.
    _bomb()
    async with AsyncExitStack() as stack:
        impostors = {name: Impostor(misdeed) for name, misdeed in misdeeds.items()}
        for impostor in impostors.values():
            await impostor.start()
            stack.push_async_callback(impostor.stop)
        yield impostors


@asynccontextmanager
async def watched_memory(bridge: Bridge) -> AsyncIterator[list[float]]:
    """Sample a bridge's resident memory, in MiB beyond what it is now."""
    process = psutil.Process(bridge.pid)
    before, growth = process.memory_info().rss, [0.0]

    async def watch() -> None:
        while True:
            growth.append((process.memory_info().rss - before) / _MIB)
            await asyncio.sleep(0.05)

    watching = asyncio.create_task(watch())
    try:
        yield growth
    finally:
        watching.cancel()


def stands(receiver: Receiver) -> dict[str, set[str]]:
    """Name the bridge's own alarms that stand, by device, from what was told."""
    found: dict[str, dict[str, str]] = {}
    for event in receiver.events:
        alarm, device = event["data"]["alarm"], event["data"]["device"]
        if alarm["origin"] != "bridge" or device is None:
            continue
        standing = found.setdefault(device["name"], {})
        if event["type"] == "alarm.cleared":
            standing.pop(alarm["id"], None)
        else:
            standing[alarm["id"]] = alarm["name"]
    return {device: set(names.values()) for device, names in found.items() if names}


async def stands_as(receiver: Receiver, expected: dict[str, set[str]], *, within: float) -> None:
    """Wait for exactly these to stand, and show the difference if they never do."""
    with suppress(AssertionError):
        await until(lambda: stands(receiver) == expected, within=within)
    found = stands(receiver)
    odd = {name for name in found | expected if found.get(name) != expected.get(name)}
    assert not odd, {name: (found.get(name), expected.get(name)) for name in odd}


async def fetch(configuration: dict[str, Any], path: str) -> str:
    url = f"http://{configuration['api']['listen']}{path}"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return await response.text()


async def leaks(bridge: Bridge, receiver: Receiver, configuration: dict[str, Any]) -> list[str]:
    """Say which secrets can be read where: in all that the program says to anybody."""
    token = base64.b64encode(f"monitor:{PASSWORD}".encode()).decode()
    secrets = {
        "the password": PASSWORD,
        "the Authorization header": token,
        "the webhook's secret": SECRET.removeprefix("whsec_"),
        "the webhook's path": receiver.url.rpartition("/")[2],
    }
    said = {
        "its log": bridge.log.read_text(encoding="utf-8"),
        "the process list": " ".join(psutil.Process(bridge.pid).cmdline()),
        "the notices": "".join(receiver.bodies.values()),
        "/metrics": await fetch(configuration, "/metrics"),
        "/readyz": await fetch(configuration, "/readyz"),
    }
    commands = [("alarms",), ("events",), ("devices",), ("deliveries", "list")]
    printed = await asyncio.gather(*(ask(bridge, *words, "--json") for words in commands))
    said |= dict(zip(map(" ".join, commands), printed, strict=True))
    silent = [where for where, words in said.items() if not words]
    assert not silent, "what says nothing proves nothing"
    return [
        f"{name} in {where}"
        for name, secret in secrets.items()
        for where in said
        if secret in said[where]
    ]


def run_once(file: Path, *words: str, before: Callable[[], None] | None = None) -> tuple[int, str]:
    """Run a command that is to end by itself at once; return its status and all that it printed.

    before: done in the new process before it becomes the command.
    """
    ended = subprocess.run(
        [COMMAND, *words, "--config", str(file)],
        cwd=file.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=15,
        check=False,
        preexec_fn=before,
    )
    return ended.returncode, ended.stdout.decode()
