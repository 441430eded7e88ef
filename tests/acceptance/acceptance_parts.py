"""The parts of a scenario: the installed command as a process, a webhook receiver, the truth."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook

from alarmbridge.simulator.farm import Farm

COMMAND = str(Path(sys.executable).with_name("alarmbridge"))
SECRET = "whsec_" + "Y2FuYXJ5LXNlY3JldC1vZi0zMi1ieXRlcy1sb25nLi4="
PASSWORD = "canary-password-of-the-devices"


async def until(holds: Callable[[], object], *, within: float = 20.0) -> None:
    """Wait for a condition; it has a deadline, and says so when that has passed."""
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, "it did not come true in time"
        await asyncio.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Receiver:
    """A webhook's far end: verifies what it gets, keeps it, refuses or vanishes on demand."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.arrived_at: list[float] = []
        self.bodies: dict[str, str] = {}
        self.repeats = 0
        self.status = 204
        self.port = free_port()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/canary-token"

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/canary-token", self._receive)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def told(self, kind: str, *, origin: str = "device", name: str | None = None) -> list[Any]:
        """The events of a kind, raised for one, that were accepted so far."""
        return [
            event
            for event in self.events
            if event["type"] == f"alarm.{kind}"
            and event["data"]["alarm"]["origin"] == origin
            and name in {None, event["data"]["alarm"]["name"]}
        ]

    async def _receive(self, request: web.Request) -> web.Response:
        body = await request.text()
        Webhook(SECRET).verify(body, dict(request.headers))
        if self.status != 204:
            return web.Response(status=self.status)
        event_id = request.headers["webhook-id"]
        if event_id in self.bodies:
            assert self.bodies[event_id] == body
            self.repeats += 1
        else:
            self.bodies[event_id] = body
            self.events.append(json.loads(body))
            self.arrived_at.append(time.time())
        return web.Response(status=204)


class Bridge:
    """`alarmbridge run` as a process, killed, stopped and started at will."""

    def __init__(self, folder: Path, configuration: Mapping[str, Any]) -> None:
        self.file = folder / "alarmbridge.yaml"
        self.file.write_text(json.dumps(configuration), encoding="utf-8")
        self.log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [COMMAND, "run", "--config", str(self.file)], stderr=log, cwd=self.file.parent
            )

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    async def stop(self) -> int:
        """Ask it to stop, as systemd does; return its exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return await asyncio.to_thread(self._process.wait, 10)

    def end(self) -> None:
        if self._process is not None and self._process.poll() is None:
            with suppress(ProcessLookupError):
                self._process.kill()
            self._process.wait()


def configure(folder: Path, farm: Farm, receiver: Receiver, **changes: Any) -> dict[str, Any]:
    """Write a configuration for a farm; changes are laid over its defaults."""
    return {
        "database": {"url": f"sqlite:///{folder}/alarmbridge.db"},
        "api": {"listen": f"127.0.0.1:{free_port()}"},
        "defaults": {
            "interval": "300ms",
            "full_sync": "5s",
            "username": "monitor",
            "password": PASSWORD,
            **changes,
        },
        "devices": [{"name": name, "url": farm.url(name)} for name in farm.devices],
        "sinks": [{"name": "hook", "type": "webhook", "url": receiver.url, "secret": SECRET}],
    }


def differences(farm: Farm, receiver: Receiver) -> list[str]:
    """Compare what was told with what the simulator knows to be true; nothing is as it should."""
    faults = []
    lives: dict[str, list[str]] = defaultdict(list)
    open_now: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for event in receiver.events:
        alarm, device = event["data"]["alarm"], event["data"]["device"]
        if alarm["origin"] == "bridge":
            continue
        kind = event["type"].removeprefix("alarm.")
        lives[alarm["id"]].append(kind)
        counts[device["name"], kind] += 1
        if kind == "cleared":
            open_now[device["name"]].pop(alarm["id"], None)
        else:
            open_now[device["name"]][alarm["id"]] = (alarm["description"], alarm["severity"])
    for alarm_id, life in lives.items():
        if life[0] != "raised" or "raised" in life[1:] or "cleared" in life[:-1]:
            faults.append(f"{alarm_id} was told as {life}")
    for name, device in farm.devices.items():
        stands = sorted(
            (one.description, one.severity.lower()) for one in device.model.standing.values()
        )
        told = sorted(open_now[name].values())
        if stands != told:
            faults.append(f"{name}: stands {stands}, told {told}")
        for kind in ("raised", "cleared"):
            true = sum(
                one.kind == kind and one.reason != "escalation" for one in device.model.truth
            )
            if true != counts[name, kind]:
                faults.append(f"{name}: {true} {kind}, told {counts[name, kind]}")
    return faults
