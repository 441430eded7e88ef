"""What a newcomer types first: `demo`, and `simulate` with `check --probe`."""

import asyncio
import os
import re
import signal
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from acceptance_parts import COMMAND
from acceptance_ports import free_port

pytestmark = pytest.mark.acceptance

EVENT = re.compile(r"\d\d:\d\d:\d\d  . (raised|changed|cleared) +\w+ +sim-\d +\S")
SUM = re.compile(r"Told: (.+)\. Active on the devices now: (\d+)\.")
DEADLINE = 30


@asynccontextmanager
async def running(*words: str, folder: Path) -> AsyncIterator[Process]:
    """Start a command as a process, and end it whatever becomes of the test."""
    process = await asyncio.create_subprocess_exec(
        COMMAND, *words, cwd=folder, stdout=PIPE, stderr=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def rest_of(process: Process) -> tuple[int | None, list[str], str]:
    """Wait for its end: its status, the lines that it still printed, and what it complained of."""
    async with asyncio.timeout(DEADLINE):
        printed, complained = await process.communicate()
    return process.returncode, printed.decode().splitlines(), complained.decode()


async def test_the_demo_shows_what_it_does_and_ends_by_itself(tmp_path: Path) -> None:
    listen = f"127.0.0.1:{free_port()}"
    async with running("demo", "--for", "8s", "--listen", listen, folder=tmp_path) as demo:
        assert demo.stdout is not None
        greeting = await demo.stdout.readline()
        assert greeting.startswith(b"Playing 3 Mediants")
        async with aiohttp.ClientSession() as session:
            probing = [await probed(session, f"http://{listen}/{one}") for one in PROBES]
        status, lines, complained = await rest_of(demo)
    assert (status, probing) == (0, [200] * len(PROBES))
    assert "Traceback" not in complained
    assert any(listen in line for line in lines[:3])
    events = [found[1] for line in lines if (found := EVENT.match(line))]
    # The script begins alike each time: by the eighth second three stand and one was transient.
    told = Counter(events)
    assert (told["raised"], told["cleared"]) >= (4, 1)
    summary = SUM.fullmatch(lines[-1])
    assert summary is not None, lines[-1]
    assert summary[1] == ", ".join(f"{count} {kind}" for kind, count in sorted(told.items()))
    assert int(summary[2]) >= told["raised"] - told["cleared"] - 1
    assert os.listdir(tmp_path) == [], "nothing is left behind"  # noqa: PTH208 - as ASYNC240 asks


PROBES = ("healthz", "readyz", "metrics")


async def probed(session: aiohttp.ClientSession, url: str) -> int:
    """Ask until somebody listens there; return the status of the answer."""
    async with asyncio.timeout(DEADLINE):
        while True:
            try:
                async with session.get(url) as answer:
                    if answer.status == 200:
                        return answer.status
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)


async def test_the_demo_ends_at_ctrl_c_with_its_summary(tmp_path: Path) -> None:
    words = ("demo", "--listen", f"127.0.0.1:{free_port()}")
    async with running(*words, folder=tmp_path) as demo:
        assert demo.stdout is not None
        async with asyncio.timeout(DEADLINE):
            while not EVENT.match((await demo.stdout.readline()).decode()):
                pass
        demo.send_signal(signal.SIGINT)
        status, lines, complained = await rest_of(demo)
    assert status == 0
    assert SUM.fullmatch(lines[-1])
    assert "Traceback" not in complained


async def test_what_simulate_prints_is_a_configuration_that_check_can_probe(
    tmp_path: Path,
) -> None:
    ports = ("--port", str(free_port(4)), "--control-port", str(free_port()))
    storm = ("--script", "storm", "--alarms", "8")
    file = tmp_path / "simulated.yaml"
    async with running("simulate", "--devices", "4", *ports, *storm, folder=tmp_path) as farm:
        assert farm.stdout is not None
        async with asyncio.timeout(DEADLINE):
            printed = [(await farm.stdout.readline()).decode() for _ in range(3 + 4)]
        file.write_text("".join(printed), encoding="utf-8")
        words = ("check", "--probe", "--config", str(file))
        async with running(*words, folder=tmp_path) as check:
            status, lines, complained = await rest_of(check)
        assert (status, complained) == (0, "")
        assert "The configuration is right; devices: 4, sinks: 0." in lines
        rows = [line.split() for line in lines if line.startswith("sim-")]
        assert [row[0] for row in rows] == ["sim-1", "sim-2", "sim-3", "sim-4"]
        assert all(row[-3:] == ["7.20A.200.014", "2", "-"] for row in rows), rows

        farm.send_signal(signal.SIGINT)
        status, lines, complained = await rest_of(farm)
        assert (status, lines, complained) == (0, ["", "# ended"], "")

        async with running(*words, folder=tmp_path) as check:
            status, lines, _ = await rest_of(check)
        assert status == 1
        assert sum("refused" in line for line in lines) == 4, lines
