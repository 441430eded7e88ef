"""A real Alertmanager on loopback, what amtool sees in it, and what it tells its own receiver."""

import asyncio
import json
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from acceptance.acceptance_ports import free_port
from aiohttp import web
from aiohttp.test_utils import RawTestServer
from receivers import need_program

PREFIX = "/canary-prefix"
USER, PASSWORD = "canary-user", "canary-password"
_HASHED = "$2b$04$1YD8NLaQSzmgfwWntjf0LOVWvhZpgFZpXOElphoApKJxJvYj9P.E."
_PACKAGE = "prometheus-alertmanager"


async def until(holds: Callable[[], Awaitable[object]], *, within: float = 10.0) -> None:
    """Wait for a condition; it has a deadline, and says so when that has passed."""
    deadline = time.monotonic() + within
    while not await holds():
        assert time.monotonic() < deadline, "it did not come true in time"
        await asyncio.sleep(0.05)


class AlertmanagerProgram:
    """The program, below a path and behind a password, to be started and killed at will.

    told: the payloads that it has posted to its webhook receiver.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._program = need_program("prometheus-alertmanager", _PACKAGE)
        self._amtool = need_program("amtool", _PACKAGE)
        self._process: subprocess.Popen[bytes] | None = None
        self._address = f"127.0.0.1:{free_port()}"
        self._own_url = f"http://{self._address}{PREFIX}"
        self.url = f"http://{USER}:{PASSWORD}@{self._address}{PREFIX}"
        self.told: list[dict[str, Any]] = []

    async def hear(self, request: web.BaseRequest) -> web.Response:
        """Note what its receiver is told."""
        self.told.append(json.loads(await request.read()))
        return web.Response()

    def configure(self, receiver: str) -> None:
        """Write its configuration. receiver: where it tells what it has heard, at once."""
        hook = {"name": "hook", "webhook_configs": [{"url": receiver}]}
        route = {
            "receiver": "hook",
            "group_by": ["..."],
            "group_wait": "0s",
            "group_interval": "1s",
        }
        files = {
            "configuration": {"route": route, "receivers": [hook]},
            "web": {"basic_auth_users": {USER: _HASHED}},
            "client": {"basic_auth": {"username": USER, "password": PASSWORD}},
        }
        for name, said in files.items():
            (self._folder / name).write_text(json.dumps(said), encoding="utf-8")

    async def start(self) -> None:
        """Start it; returns once it answers."""
        self._run()
        await until(self._answers, within=15)

    def _run(self) -> None:
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    self._program,
                    "--config.file=configuration",
                    "--web.config.file=web",
                    f"--web.route-prefix={PREFIX}",
                    "--storage.path=storage",
                    f"--web.listen-address={self._address}",
                    "--cluster.listen-address=",
                ],
                cwd=self._folder,
                stdout=log,
                stderr=log,
            )

    async def _answers(self) -> bool:
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"{self.url}/-/ready") as response,
            ):
                return response.status == 200
        except aiohttp.ClientConnectionError:
            return False

    async def stop(self, *, kill: bool = False) -> None:
        """End it as systemd does, or so that it can keep nothing."""
        if self._process is not None:
            process, self._process = self._process, None
            process.kill() if kill else process.terminate()
            await asyncio.to_thread(process.wait, 15)

    async def has_told(self, status: str, *, alerts: int = 1) -> bool:
        """Say whether its receiver was told of so many alerts that are firing or resolved."""
        return len(self.told_of(status)) >= alerts

    def told_of(self, status: str) -> list[dict[str, Any]]:
        """Give what its receiver was told of alerts that are firing or resolved."""
        return [said for said in self.told if said["status"] == status]

    async def query(self, *matchers: str) -> list[dict[str, Any]]:
        """Ask amtool which alerts stand."""
        said = await self._run_amtool("alert", "query", "--output=json", *matchers)
        alerts: list[dict[str, Any]] = json.loads(said)
        return alerts

    async def _run_amtool(self, *words: str) -> str:
        command: Sequence[str | Path] = (
            self._amtool,
            f"--alertmanager.url={self._own_url}",
            "--http.config.file=client",
            *words,
        )
        done = await asyncio.to_thread(
            subprocess.run, command, cwd=self._folder, capture_output=True, text=True, check=True
        )
        return done.stdout


@asynccontextmanager
async def run_alertmanager(folder: Path) -> AsyncIterator[AlertmanagerProgram]:
    """Run one whose files are in a folder."""
    program = AlertmanagerProgram(folder)
    receiver = RawTestServer(program.hear)
    await receiver.start_server(access_log=None)
    program.configure(f"http://127.0.0.1:{receiver.port}/")
    try:
        await program.start()
        yield program
    finally:
        await program.stop(kill=True)
        await receiver.close()
