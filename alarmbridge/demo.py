"""The demo: simulated devices, an archive in a temporary folder, a receiver that prints."""

import asyncio
import tempfile
from collections import Counter
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import web
from pydantic import SecretStr
from rich.console import Console
from rich.text import Text

from alarmbridge.app import Program, prepare_schema
from alarmbridge.core.errors import AlarmbridgeError
from alarmbridge.settings.addresses import Listen
from alarmbridge.settings.models import (
    ApiSettings,
    DatabaseSettings,
    DeviceSettings,
    Settings,
)
from alarmbridge.simulator.farm import Farm
from alarmbridge.simulator.script import lively
from alarmbridge.sinks.webhook import Config as WebhookConfig
from alarmbridge.telemetry.logs import printable

_MARKS = {"alarm.raised": "▲ raised", "alarm.changed": "◆ changed", "alarm.cleared": "✓ cleared"}
_COLOURS = {
    "critical": "bold red",
    "major": "red",
    "minor": "yellow",
    "warning": "cyan",
    "indeterminate": "magenta",
}


async def run_demo(*, lasting: timedelta | None, count: int, listen: Listen) -> None:
    """Play, follow and print until Ctrl-C, or for as long as told; then sum up.

    Raises AlarmbridgeError when `listen` cannot be had.
    """
    console = Console(highlight=False)
    receiver = _Receiver(console)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="alarmbridge-")))
        farm = await stack.enter_async_context(Farm(count))
        url = await receiver.start(stack)
        settings = _settings(farm, folder=folder, sink_url=url, listen=listen)
        await prepare_schema(settings)
        try:
            program = await Program.assemble(settings, stack)
        except AlarmbridgeError as error:
            raise AlarmbridgeError(f"{error} Give another one by --listen.") from error
        _greet(console, settings, folder, lasting)
        playing = asyncio.create_task(farm.play(lively(list(farm.devices))), name="script")
        stack.callback(playing.cancel)
        program.stop_on_signals()
        if lasting is not None:
            loop = asyncio.get_running_loop()
            loop.call_later(lasting.total_seconds(), program.stop.wish)
        await program.run()
    receiver.sum_up(farm)


def _settings(farm: Farm, *, folder: Path, sink_url: str, listen: Listen) -> Settings:
    devices = tuple(
        DeviceSettings(
            name=name,
            url=farm.url(name),
            username="monitor",
            password=SecretStr("alarmbridge"),
            interval=timedelta(seconds=1),
            tags={"site": "demo"},
        )
        for name in farm.devices
    )
    return Settings(
        database=DatabaseSettings(url=SecretStr(f"sqlite:///{folder}/demo.db")),
        api=ApiSettings(listen=listen),
        devices=devices,
        sinks=(WebhookConfig(name="demo", url=SecretStr(sink_url)),),
    )


def _greet(console: Console, settings: Settings, folder: Path, lasting: timedelta | None) -> None:
    listen, count = settings.api.listen, len(settings.devices)
    until = "Ctrl-C" if lasting is None else f"{lasting.total_seconds():g} seconds have passed"
    for line in (
        f"Playing {count} Mediants, looking at each once a second.",
        f"The archive is {folder}/demo.db, deleted at the end.",
        f"Probes and metrics: http://{listen}/readyz and http://{listen}/metrics",
        f"What a webhook receiver is told, until {until}:",
        "",
    ):
        console.print(line, soft_wrap=True, markup=False)


class _Receiver:
    """A webhook receiver that prints one line for each event."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._told: Counter[str] = Counter()
        self._seen: set[str] = set()

    async def start(self, stack: AsyncExitStack) -> str:
        """Listen on a free loopback port; return the URL to post to."""
        app = web.Application()
        app.router.add_post("/", self._receive)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        return f"http://{host}:{port}/"

    def sum_up(self, farm: Farm) -> None:
        """Say what was told, and what stands on the devices now."""
        told = ", ".join(f"{count} {kind}" for kind, count in sorted(self._told.items()))
        active = sum(len(device.model.standing) for device in farm.devices.values())
        self._console.print(f"\nTold: {told or 'nothing'}. Active on the devices now: {active}.")

    async def _receive(self, request: web.Request) -> web.Response:
        event: dict[str, Any] = await request.json()
        if event["data"]["event_id"] not in self._seen:
            self._seen.add(event["data"]["event_id"])
            self._told[event["type"].removeprefix("alarm.")] += 1
            self._print(event)
        return web.Response(status=204)

    def _print(self, event: dict[str, Any]) -> None:
        alarm, device = event["data"]["alarm"], event["data"]["device"]
        words = alarm["description"]
        if event["type"] == "alarm.cleared":
            words = alarm["clear_description"] or words
        line = Text(event["timestamp"][11:19] + "  ")
        line.append(f"{_MARKS[event['type']]:<10}", style=_style(event))
        line.append(f" {alarm['severity']:<13} {device['name'] if device else 'alarmbridge':<8} ")
        line.append(printable(f"{alarm['source'] or '-'}: {words}"))
        self._console.print(line, soft_wrap=True)


def _style(event: dict[str, Any]) -> str:
    if event["type"] == "alarm.cleared":
        return "green"
    return _COLOURS[event["data"]["alarm"]["severity"]]
