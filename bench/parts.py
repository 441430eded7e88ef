"""What the benchmarks share: the daemon and all that surrounds it, each in a process of its own."""

import asyncio
import json
import multiprocessing
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Self

import aiohttp
import psutil
from aiohttp import web

from alarmbridge.simulator.farm import Farm
from alarmbridge.simulator.script import storm

USERNAME, PASSWORD = "monitor", "alarmbridge"
AUTHORIZATION = aiohttp.encode_basic_auth(USERNAME, PASSWORD)
LAST_CHANGE = "/api/v1/alarms/active/lastChange"
SECRET = "whsec_YmVuY2gtc2VjcmV0LW9mLTMyLWJ5dGVzLWxvbmctLi4u"

Answer = Callable[[str, Any], Awaitable[Any]]


class Process:
    """A Python process that is told words over a pipe, and answers each."""

    def __init__(self, work: Callable[..., None], *arguments: Any) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._ours, theirs = spawn.Pipe()
        self._process = spawn.Process(target=work, args=(theirs, *arguments), daemon=True)
        self._process.start()
        self.usage = psutil.Process(self._process.pid)
        self.ready = self._ours.recv()

    def ask(self, word: str, value: Any = None) -> Any:
        """Say a word and wait for the answer."""
        self._ours.send((word, value))
        return self._ours.recv()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.join(10)


async def answer_words(pipe: Connection, ready: Any, answer: Answer) -> None:
    """Answer the words that come over a pipe until the process is ended."""
    words: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
    asyncio.get_running_loop().add_reader(pipe.fileno(), lambda: words.put_nowait(pipe.recv()))
    pipe.send(ready)
    while True:
        pipe.send(await answer(*await words.get()))


def play_farm(pipe: Connection, count: int) -> None:
    """Play devices on each of which one alarm stands; knows `counts` and `storm`, an answer each.

    counts: requests so far by what was asked. storm: raise that many alarms at once; answers
    with the moment.
    """

    async def work() -> None:
        async with Farm(count, username=USERNAME, password=PASSWORD) as farm:
            await farm.play(storm(list(farm.devices), alarms=count))

            async def answer(word: str, value: Any) -> Any:
                if word == "storm":
                    started = time.monotonic()
                    await farm.play(storm(list(farm.devices), alarms=value, seed=1))
                    return started
                counts: dict[str, int] = {}
                for device in farm.devices.values():
                    for endpoint, number in device.counters.requests.items():
                        counts[endpoint] = counts.get(endpoint, 0) + number
                return counts

            await answer_words(pipe, {name: farm.url(name) for name in farm.devices}, answer)

    asyncio.run(work())


def receive(pipe: Connection) -> None:
    """Accept webhooks; answers "count" with how many different ones came, "moments" with when."""

    async def work() -> None:
        came: dict[str, float] = {}

        async def accept(request: web.BaseRequest) -> web.Response:
            await request.read()
            came.setdefault(request.headers["webhook-id"], time.monotonic())
            return web.Response(status=204)

        async def answer(word: str, _value: Any) -> Any:
            return list(came.values()) if word == "moments" else len(came)

        runner = web.ServerRunner(web.Server(accept, access_log=None))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        await answer_words(pipe, f"http://{host}:{port}/", answer)

    asyncio.run(work())


def webhook_to(url: str) -> dict[str, Any]:
    """Configure the sink that posts to a URL, signed."""
    return {"name": "hook", "type": "webhook", "url": url, "secret": SECRET}


class Daemon:
    """`alarmbridge run` with a configuration of its own, the log beside it."""

    def __init__(
        self,
        folder: Path,
        devices: Mapping[str, str],
        *,
        interval: float,
        sinks: Sequence[Mapping[str, Any]] = (),
        database: str | None = None,
    ) -> None:
        folder.mkdir()
        self.database, self.port = folder / "alarmbridge.db", free_port()
        configuration = {
            "database": {"url": database or f"sqlite:///{self.database}", "upgrade_at_start": True},
            "api": {"listen": f"127.0.0.1:{self.port}"},
            "defaults": {
                "interval": f"{interval * 1000:.0f}ms",
                "username": USERNAME,
                "password": PASSWORD,
            },
            "devices": [{"name": name, "url": url} for name, url in devices.items()],
            "sinks": list(sinks),
        }
        file = folder / "alarmbridge.yaml"
        file.write_text(json.dumps(configuration), encoding="utf-8")
        command = [str(Path(sys.executable).with_name("alarmbridge")), "run", "--config", str(file)]
        self._log = folder / "log"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, stderr=log, cwd=folder)
        self.usage = psutil.Process(self._process.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        self._process.wait(20)
        if kind is not None:
            print(self._log.read_text(encoding="utf-8")[-2000:], file=sys.stderr)


def cpu(process: psutil.Process) -> float:
    """Seconds of CPU that a process has used, its own and the system's for it."""
    times = process.cpu_times()
    return float(times.user + times.system)


def settle(farm: Process, *, devices: int, within: float = 180.0) -> None:
    """Wait until every device was read, and for 3 s nothing but lastChange was asked."""
    deadline = time.monotonic() + within
    counts = farm.ask("counts")
    first, quiet = counts.get("status", 0) + devices, 0
    while quiet < 3:
        if time.monotonic() > deadline:
            raise SystemExit("the daemon's first syncs did not come to an end")
        time.sleep(1)
        before, counts = counts, farm.ask("counts")
        calm = counts.get("status", 0) >= first and _others(counts) == _others(before)
        quiet = quiet + 1 if calm else 0


def spread(values: Sequence[float], form: str) -> str:
    """Write the median of some figures, and between which they lie."""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:{form}} ({low:{form}} to {high:{form}})"


def _others(counts: Mapping[str, int]) -> int:
    return sum(counts.values()) - counts.get("lastChange", 0)


def free_port() -> int:
    """Find a port of loopback that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
