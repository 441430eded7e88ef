"""An unchanged poll: its CPU beside a bare aiohttp loop's, a device's memory, and no write.

    python bench/poll.py [--devices 1000] [--interval 1] [--rounds 5] [--seconds 10]

The farm, the daemon and the bare loop are processes of their own; the daemon and the bare loop
take turns, so that both meet what else the machine does. CPU is user and system time of the
process, for each GET that arrived at the farm.
"""

import argparse
import asyncio
import random
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path

import aiohttp
import psutil
from parts import AUTHORIZATION, LAST_CHANGE, Daemon, Process, cpu, play_farm, settle, spread

AIM_RATIO = 1.3
AIM_KIB = 40
WARM_UP = 4.0
CALM_DOWN = 10.0


def poll_bare(pipe: Connection, bases: Sequence[str], interval: float) -> None:
    """Ask every device for its lastChange once in the interval, and do nothing else."""

    async def follow(session: aiohttp.ClientSession, url: str) -> None:
        await asyncio.sleep(random.random() * interval)
        while True:
            response = await session.get(url, headers={"Authorization": AUTHORIZATION})
            await response.read()
            await asyncio.sleep(interval)

    async def work() -> None:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            pipe.send(None)
            await asyncio.gather(*(follow(session, base + LAST_CHANGE) for base in bases))

    asyncio.run(work())


def measure_cpu(farm: Process, process: psutil.Process, seconds: float) -> tuple[float, int, int]:
    """Watch a process; return µs of CPU per lastChange, how many of them, and other requests."""
    counts, used = farm.ask("counts"), cpu(process)
    time.sleep(seconds)
    used, after = cpu(process) - used, farm.ask("counts")
    polls = after["lastChange"] - counts["lastChange"]
    return used / polls * 1e6, polls, sum(after.values()) - sum(counts.values()) - polls


def look_at_files(database: Path, connection: sqlite3.Connection) -> list[object]:
    """Look at all by which a write would show: the file, its log, and what SQLite says itself."""
    files = [database, database.with_name(database.name + "-wal")]
    stats = [file.stat() for file in files if file.exists()]
    version = connection.execute("PRAGMA data_version").fetchone()
    return [version, *((stat.st_mtime_ns, stat.st_size) for stat in stats)]


def compare_cpu(options: argparse.Namespace, folder: Path) -> None:
    """Let the daemon and the bare loop take turns, and print what each poll cost them."""
    ours: list[float] = []
    bare: list[float] = []
    polls = others = writes = 0
    with Process(play_farm, options.devices) as farm:
        for number in range(options.rounds):
            with Daemon(folder / f"{number}", farm.ready, interval=options.interval) as daemon:
                settle(farm, devices=options.devices)
                uri = f"file:{daemon.database}?mode=ro"
                with closing(sqlite3.connect(uri, uri=True)) as connection:
                    before = look_at_files(daemon.database, connection)
                    cost, asked, other = measure_cpu(farm, daemon.usage, options.seconds)
                    writes += look_at_files(daemon.database, connection) != before
                ours.append(cost)
                polls, others = polls + asked, others + other
            bases = list(farm.ready.values())
            with Process(poll_bare, bases, options.interval) as loop:
                time.sleep(WARM_UP + options.interval)
                bare.append(measure_cpu(farm, loop.usage, options.seconds)[0])
            words = f"alarmbridge {ours[-1]:.0f} µs, bare {bare[-1]:.0f} µs"
            print(f"  round {number + 1}: {words}", flush=True)
    ratios = [mine / theirs for mine, theirs in zip(ours, bare, strict=True)]
    print(f"CPU per unchanged poll, alarmbridge   {spread(ours, '.0f')} µs")
    print(f"CPU per unchanged poll, bare aiohttp  {spread(bare, '.0f')} µs")
    print(
        f"ratio                                 {spread(ratios, '.2f')}  aim: at most {AIM_RATIO}"
    )
    print(f"other requests during {polls} polls   {others}")
    print(f"rounds in which the database changed  {writes} of {options.rounds}  aim: 0")


def measure_memory(options: argparse.Namespace, folder: Path, count: int) -> None:
    """Print what a device adds to the resident memory of a daemon without any."""
    with Process(play_farm, count) as farm:
        with Daemon(folder / f"empty-{count}", {}, interval=1) as daemon:
            time.sleep(CALM_DOWN)
            empty = daemon.usage.memory_info().rss
        # Not more polls at once than with the number of devices that the CPU is measured with.
        interval = options.interval * max(1, count / options.devices)
        with Daemon(folder / f"many-{count}", farm.ready, interval=interval) as daemon:
            settle(farm, devices=count)
            time.sleep(CALM_DOWN)
            ours = daemon.usage.memory_info().rss
        with Process(poll_bare, [], interval) as loop:
            time.sleep(WARM_UP)
            bare = -loop.usage.memory_info().rss
        with Process(poll_bare, list(farm.ready.values()), interval) as loop:
            time.sleep(WARM_UP + 2 * interval)
            bare += loop.usage.memory_info().rss
    kib = (ours - empty) / count / 1024
    print(
        f"memory per device, {count} devices     {kib:.1f} KiB  aim: at most {AIM_KIB}"
        f"  (an open connection to each included; empty {empty / 2**20:.0f} MiB,"
        f" full {ours / 2**20:.0f} MiB; bare aiohttp {bare / count / 1024:.1f} KiB)"
    )


def main() -> None:
    """Measure, and print each figure with its aim."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--devices", type=int, default=1000)
    parser.add_argument("--interval", type=float, default=1.0, help="seconds between two polls")
    parser.add_argument("--rounds", type=int, default=5, help="0: leave the CPU out")
    parser.add_argument("--seconds", type=float, default=10.0, help="length of one measurement")
    parser.add_argument("--memory", type=int, nargs="*", default=[1000, 4000], metavar="DEVICES")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="alarmbridge-") as name:
        folder = Path(name)
        if options.rounds:
            compare_cpu(options, folder)
        for count in options.memory:
            measure_memory(options, folder, count)


if __name__ == "__main__":
    main()
