"""A program's surroundings: a webhook's far end, settings for a farm, an archive that dies."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, web
from pydantic import SecretStr

from alarmbridge.app import Program
from alarmbridge.settings.addresses import Listen
from alarmbridge.settings.models import ApiSettings, DatabaseSettings, DeviceSettings, Settings
from alarmbridge.simulator.farm import Farm
from alarmbridge.sinks.base import MatchConfig
from alarmbridge.sinks.webhook import Config as Webhook
from alarmbridge.store.archive import Archive
from alarmbridge.store.transaction import Transaction


async def until(holds: Callable[[], object], *, within: float = 10.0) -> None:
    """Wait for a condition; it has a deadline."""
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, "it did not come true in time"
        await asyncio.sleep(0.01)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Receiver:
    """Keeps the events that it is posted."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.url = ""

    def told(self, kind: str) -> list[dict[str, Any]]:
        return [event["data"] for event in self.events if event["type"] == f"alarm.{kind}"]

    async def receive(self, request: web.Request) -> web.Response:
        self.events.append(await request.json())
        return web.Response(status=204)


@asynccontextmanager
async def listening_receiver() -> AsyncIterator[Receiver]:
    receiver, app = Receiver(), web.Application()
    app.router.add_post("/", receiver.receive)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    yield receiver
    await runner.cleanup()


def settings_for(
    path: Path,
    farm: Farm | None = None,
    receiver: Receiver | None = None,
    *,
    names: tuple[str, ...] | None = None,
    **match: Any,
) -> Settings:
    """Settings for a farm's devices, or those named, and a receiver; all in a hurry."""
    devices = farm.devices if farm and names is None else names or ()
    sink_url = receiver.url if receiver else "http://127.0.0.1:9/"
    return Settings(
        database=DatabaseSettings(url=SecretStr(f"sqlite:///{path}")),
        api=ApiSettings(listen=Listen("127.0.0.1", free_port())),
        devices=tuple(
            DeviceSettings(
                name=name,
                url=farm.url(name) if farm else "http://127.0.0.1:9",
                username="monitor",
                password=SecretStr("alarmbridge"),
                interval=timedelta(seconds=0.1),
                tags={"site": "ams"},
            )
            for name in devices
        ),
        sinks=(Webhook(name="hook", url=SecretStr(sink_url), match=MatchConfig(**match)),),
    )


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Program]:
    """Run a program from its assembly until it has stopped."""
    async with AsyncExitStack() as stack:
        program = await Program.assemble(settings, stack)
        task = asyncio.create_task(program.run())
        try:
            yield program
        finally:
            program.stop.wish()
            await task


async def fetch(settings: Settings, path: str, **headers: str) -> tuple[int, str]:
    """Ask the program's own web server."""
    async with (
        ClientSession() as session,
        session.get(f"http://{settings.api.listen}{path}", headers=headers) as answer,
    ):
        return answer.status, await answer.text()


class KilledError(Exception):
    """What stands for a process that is no more."""


class DyingArchive:
    """An archive whose process is killed after so many commits."""

    def __init__(self, archive: Archive, *, commits: int) -> None:
        self._archive = archive
        self._left = commits
        self.read = archive.read

    @asynccontextmanager
    async def begin(self, *, urgent: bool = False) -> AsyncIterator[Transaction]:
        if self._left == 0:
            raise KilledError
        self._left -= 1
        async with self._archive.begin(urgent=urgent) as tx:
            yield tx
