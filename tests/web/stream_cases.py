"""Streams under way: what is told, who looks for it, and a reader of what comes."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any, Self

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.decision import Decision
from alarmbridge.core.event import tell_raised
from alarmbridge.core.payload import DeviceFacts, build_body
from alarmbridge.core.severity import Severity
from alarmbridge.store.archive import Archive
from alarmbridge.store.decisions import save_decision
from alarmbridge.store.devices import DeviceEntry, register_devices
from alarmbridge.store.events import events_since
from alarmbridge.store.held import load_held
from alarmbridge.web.news import News

NOW = datetime(2026, 11, 23, 21, 4, 5, tzinfo=UTC)
DEVICES = ("sbc-1", "sbc-2")
STREAM = "/api/v1/events/stream"
WITHIN = 10.0


async def register(archive: Archive) -> None:
    """Have two devices in the archive."""
    entries = [DeviceEntry(name=name, url=f"https://{name}", tags={}) for name in DEVICES]
    async with archive.begin() as tx:
        await register_devices(tx, entries, now=NOW)


async def happen(archive: Archive, count: int = 1, device: str = "sbc-1", **alarm: Any) -> None:
    """Have so many alarms raised on a device, in one transaction."""
    async with archive.read() as tx:
        held = await load_held(tx, device, now=NOW)
    told = [
        tell_raised(
            Alarm(
                **{
                    "id": f"{device}/{number}",
                    "device": device,
                    "severity": Severity.MAJOR,
                    "description": "Trunk is down",
                    "source": f"Board#{number}",
                    "device_alarm_id": str(number),
                    "seen_at": NOW,
                }
                | alarm
            ),
            sequence=number,
            now=NOW,
        )
        for number in range(held.sequence + 1, held.sequence + 1 + count)
    ]
    facts = DeviceFacts(name=device, url=f"https://{device}", tags={})
    bodies = {event.id: build_body(event, facts) for event in told}
    async with archive.begin() as tx:
        await save_decision(tx, held, Decision(events=tuple(told)), bodies=bodies, now=NOW)


async def stored(archive: Archive) -> list[tuple[int, str]]:
    """List what is in the archive: each event's position and body."""
    async with archive.read() as tx:
        return [(one.position, one.body) for one in await events_since(tx, 0, limit=1000)]


@asynccontextmanager
async def looking(archive: Archive, **how: Any) -> AsyncIterator[News]:
    """Look for news as the daemon does, only sooner."""
    rung = asyncio.Event()
    news = News(archive, wake=rung.set, **how)

    async def look() -> None:
        while True:
            rung.clear()
            await news.look()
            with suppress(TimeoutError):
                async with asyncio.timeout(min(news.pause, 0.02)):
                    await rung.wait()

    task = asyncio.create_task(look())
    try:
        yield news
    finally:
        news.close()
        task.cancel()


class Listener:
    """Somebody who reads a stream block by block, and nothing that he does not ask for."""

    def __init__(self, port: int, path: str, **headers: str) -> None:
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        words = [f"GET {path} HTTP/1.0", "Host: 127.0.0.1", *lines, "", ""]
        self._words = "\r\n".join(words).encode()
        self._port = port
        self.status = 0
        self.headers: Mapping[str, str] = {}

    async def __aenter__(self) -> Self:
        # A small buffer, so that one who does not read is soon felt at the other end.
        self._reader, self._writer = await asyncio.open_connection(
            "127.0.0.1", self._port, limit=1 << 20
        )
        self._writer.write(self._words)
        head = (await self._until(b"\r\n\r\n")).decode().split("\r\n")
        self.status = int(head[0].split()[1])
        pairs = (line.partition(": ") for line in head[1:] if line)
        self.headers = {name.lower(): value for name, _, value in pairs}
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.transport.abort()

    async def block(self) -> dict[str, str]:
        """Read the next block: its fields, a comment's under no name."""
        lines = (await self._until(b"\n\n")).decode().split("\n")
        return {name: value.removeprefix(" ") for name, _, value in map(_part, lines) if value}

    async def message(self) -> dict[str, str]:
        """Read on to the next message, a block that has data."""
        while "data" not in (block := await self.block()):
            pass
        return block

    async def told(self, count: int) -> list[tuple[int, str]]:
        """Read so many messages; return what `stored` says of them."""
        told = [await self.message() for _ in range(count)]
        return [(int(one["id"]), one["data"]) for one in told]

    async def rest(self) -> bytes:
        """Read all that comes until the other end hangs up."""
        async with asyncio.timeout(WITHIN):
            return await self._reader.read()

    async def _until(self, end: bytes) -> bytes:
        async with asyncio.timeout(WITHIN):
            return await self._reader.readuntil(end)


def _part(line: str) -> tuple[str, str, str]:
    return line.partition(":")
