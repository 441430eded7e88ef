"""What the daemon refuses at its start, and what it survives of its archive while it runs."""

import asyncio
import ctypes
import resource
import socket
import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest
from acceptance_oracle import differences
from acceptance_parts import PASSWORD, Bridge, agreed, configure, until
from acceptance_ports import free_port
from acceptance_receiver import Receiver
from hostile_parts import fetch, run_once

from alarmbridge.simulator.farm import Farm
from alarmbridge.simulator.script import churn

pytestmark = pytest.mark.acceptance

RunBridge = Callable[[Mapping[str, Any]], Bridge]

FAILED, MISCONFIGURED = 1, 2
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1
PLAIN = """
database: {url: "sqlite:///%s"}
api: {listen: "127.0.0.1:%d"}
"""


def plain_file(folder: Path, *, database: str = "alarmbridge.db", port: int | None = None) -> Path:
    """Write a configuration without devices, which nothing but the refusal could stop."""
    file = folder / "alarmbridge.yaml"
    file.write_text(PLAIN % (folder / database, port or free_port()), encoding="utf-8")
    return file


def refused(file: Path, *, status: int = FAILED) -> list[str]:
    """Run the daemon; it must end by itself, with that status and in plain words."""
    ended, printed = run_once(file, "run")
    assert ended == status, printed
    assert "Traceback" not in printed
    return printed.splitlines()


def test_a_database_that_is_newer_than_the_program_is_refused(tmp_path: Path) -> None:
    file = plain_file(tmp_path)
    assert run_once(file, "db", "upgrade")[0] == 0
    with closing(sqlite3.connect(tmp_path / "alarmbridge.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999_from_the_future'")
    assert "9999_from_the_future, which this alarmbridge does not know" in refused(file)[-1]
    with closing(sqlite3.connect(tmp_path / "alarmbridge.db")) as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchall() == [
            ("9999_from_the_future",)
        ]


def test_a_directory_in_the_databases_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "alarmbridge.db").mkdir()
    assert "is no file" in refused(plain_file(tmp_path))[-1]


def test_a_database_in_a_directory_that_is_missing_is_refused(tmp_path: Path) -> None:
    line = refused(plain_file(tmp_path, database="nowhere/alarmbridge.db"))[-1]
    assert str(tmp_path / "nowhere") in line
    assert not (tmp_path / "nowhere").exists()


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "alarmbridge.db").write_bytes(b"the minutes of a meeting\n" * 100)
    assert "no SQLite database" in refused(plain_file(tmp_path))[-1]
    assert (tmp_path / "alarmbridge.db").read_bytes() == b"the minutes of a meeting\n" * 100


def test_a_database_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    file = plain_file(tmp_path)
    assert run_once(file, "db", "upgrade")[0] == 0
    (tmp_path / "alarmbridge.db").chmod(0o400)
    ended, printed = run_once(file, "run", before=obey_modes)
    assert ended == FAILED
    assert "it cannot be written" in printed.splitlines()[-1]
    assert "Traceback" not in printed


def obey_modes() -> None:
    """Give up root's right to write what is read-only; for anybody else this changes nothing."""
    ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0)


def test_a_port_in_use_is_refused(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = refused(plain_file(tmp_path, port=port))[-1]
    assert f"127.0.0.1:{port}" in line


async def test_a_second_daemon_on_one_database_is_refused(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge
) -> None:
    async with Farm(1, password=PASSWORD) as farm:
        bridge = run_bridge(configure(tmp_path, farm, receiver))
        await until(lambda: farm.devices["sim-1"].counters.total)
        (tmp_path / "second").mkdir()
        file = plain_file(tmp_path / "second", database="../alarmbridge.db")
        line = (await asyncio.to_thread(refused, file))[-1]
        assert f"Another alarmbridge (process {bridge.pid})" in line
        assert await bridge.stop() == 0


def test_five_mistakes_are_five_lines_with_their_paths(tmp_path: Path) -> None:
    file = tmp_path / "alarmbridge.yaml"
    file.write_text(
        f"""
        database: {{url: "mysql://localhost/alarms"}}
        defaults: {{username: monitor, password: {PASSWORD}, interval: 5 parsecs}}
        devices:
          - {{name: sbc-1, url: "https://10.4.0.1", colour: green}}
          - {{name: sbc-1, url: "https://10.4.0.2"}}
        sinks:
          - {{name: hook, type: webhook, url: "http://127.0.0.1:9/", secret: {PASSWORD}}}
        """,
        encoding="utf-8",
    )
    lines = refused(file, status=MISCONFIGURED)
    paths = [
        "database.url",
        "defaults.interval",
        "devices[0].colour",
        "devices[1].name",
        "sinks[0].secret",
    ]
    assert len(lines) == len(paths), lines
    for path in paths:
        assert sum(path in line for line in lines) == 1, (path, lines)
    assert PASSWORD not in "".join(lines)


async def test_a_database_that_another_program_holds_is_waited_for(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge
) -> None:
    async with Farm(3, seed=8, tokens=True, password=PASSWORD) as farm:
        configuration = configure(tmp_path, farm, receiver)
        bridge = run_bridge(configuration)
        await until(lambda: all(one.counters.requests["history"] for one in farm.devices.values()))
        playing = asyncio.create_task(farm.play(churn(list(farm.devices), seed=8, every=0.2)))
        await until(lambda: receiver.told("raised"))
        with closing(sqlite3.connect(tmp_path / "alarmbridge.db", timeout=5)) as other:
            other.execute("BEGIN IMMEDIATE")
            released_at = time.monotonic() + 8
            await until(lambda: "another program has been holding it" in log_of(bridge), within=20)
            before = len(receiver.events)
            await until(lambda: time.monotonic() > released_at)
            assert len(receiver.events) == before, "nothing is told that is not stored"
            assert await fetch(configuration, "/healthz"), "it lives, whatever it waits for"
            other.rollback()
        playing.cancel()
        await agreed(farm, receiver, within=30)
        assert await bridge.stop() == 0


async def test_a_full_disk_is_waited_for(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge
) -> None:
    # A limit on the size of files stands for the full disk: the write-ahead log cannot grow.
    async with Farm(3, seed=9, tokens=True, password=PASSWORD) as farm:
        bridge = run_bridge(configure(tmp_path, farm, receiver))
        await until(lambda: all(one.counters.requests["history"] for one in farm.devices.values()))
        _, hard = resource.prlimit(bridge.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(bridge.pid, resource.RLIMIT_FSIZE, (256 * 1024, hard))
        playing = asyncio.create_task(farm.play(churn(list(farm.devices), seed=9, every=0.2)))
        await until(lambda: log_of(bridge).count("the disk") > 3, within=40)
        assert differences(farm, receiver)
        playing.cancel()
        resource.prlimit(bridge.pid, resource.RLIMIT_FSIZE, (hard, hard))
        await agreed(farm, receiver, within=40)
        assert await bridge.stop() == 0


async def test_sigterm_at_any_moment_is_a_clean_end(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge
) -> None:
    dice = Random(10)
    async with Farm(4, seed=10, tokens=True, password=PASSWORD) as farm:
        bridge = run_bridge(configure(tmp_path, farm, receiver))
        playing = asyncio.create_task(farm.play(churn(list(farm.devices), seed=10, every=0.1)))
        for _ in range(6):
            asked = sum(one.counters.total for one in farm.devices.values())
            await until(lambda asked=asked: total_of(farm) > asked)
            await asyncio.sleep(dice.uniform(0.0, 0.7))
            assert await bridge.stop() == 0
            bridge.start()
        playing.cancel()
        await agreed(farm, receiver, within=30)
        assert await bridge.stop() == 0
        assert "Traceback" not in log_of(bridge)


def total_of(farm: Farm) -> int:
    return sum(one.counters.total for one in farm.devices.values())


def log_of(bridge: Bridge) -> str:
    return bridge.log.read_text(encoding="utf-8")
