"""Live readers of the event stream during a storm: does everybody get everything, and who pays?

A farm plays devices, and one alarmbridge follows them. Some rounds have readers of
`/api/v1/events/stream`, some have none, in turns. Then thousands of alarms are raised at once.
Among the readers some take nothing for a while and then all, and some hang up and come back with
Last-Event-ID, again and again. Each must have every event once, in the archive's order.

Printed is what polling costs and how long it takes with and without them, in the quiet before and
in the storm: the time between the beginnings of two polls of a device, and CPU.
"""

import argparse
import asyncio
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from parts import Daemon, Process, answer_words, cpu, play_farm, settle, spread

PATIENCE = 300.0
PATH = "/api/v1/events/stream"
SLOW_FOR = 8.0


@dataclass
class Reader:
    """One reader, and the positions that he was told. slow: takes nothing for that long, once.

    hangs_up: after every so many events, and comes back.
    """

    port: int
    slow: float = 0.0
    hangs_up: int = 0
    came: list[int] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)
    place: int | None = None
    returns: int = 0

    async def read(self, begun: asyncio.Semaphore) -> None:
        """Read for ever, coming back whenever the stream ends."""
        while True:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)
            resume = "" if self.place is None else f"Last-Event-ID: {self.place}\r\n"
            writer.write(f"GET {PATH} HTTP/1.0\r\nHost: 127.0.0.1\r\n{resume}\r\n".encode())
            try:
                await self._take(reader, begun)
            finally:
                writer.transport.abort()
            self.returns += 1

    async def _take(self, reader: asyncio.StreamReader, begun: asyncio.Semaphore) -> None:
        if b" 200 " not in await reader.readline():
            raise SystemExit("a reader was not let in")
        fresh, taken, told = self.place is None, 0, False
        while line := await reader.readline():
            if line.startswith(b"id: "):
                self.place = int(line[4:])
                if fresh:
                    fresh = False
                    begun.release()
            elif line.startswith(b"data: "):
                told = True
            elif line == b"\n" and told:
                told, taken = False, taken + 1
                self.came.append(self.place or 0)
                self.moments.append(time.monotonic())
                if self.hangs_up and taken == self.hangs_up:
                    return
                if self.slow and len(self.came) == 1:
                    await asyncio.sleep(self.slow)


def read_streams(pipe: Connection, port: int, count: int) -> None:
    """Read by many; answers "count" with the fewest that any has, "all" with what each has."""

    async def work() -> None:
        readers = [
            Reader(port, slow=SLOW_FOR * (at % 10 == 1), hangs_up=97 * (at % 10 == 2))
            for at in range(count)
        ]
        begun = asyncio.Semaphore(0)
        reading = [asyncio.create_task(reader.read(begun)) for reader in readers]
        for _ in readers:
            await begun.acquire()

        async def answer(word: str, _value: object) -> object:
            broken = [task for task in reading if task.done()]
            if broken:
                raise SystemExit(f"{len(broken)} readers broke off: {broken[0]}")
            if word == "count":
                return min(len(reader.came) for reader in readers)
            return [
                (reader.came, reader.moments, bool(reader.slow), reader.returns)
                for reader in readers
            ]

        await answer_words(pipe, None, answer)

    asyncio.run(work())


@dataclass(frozen=True)
class Round:
    """What one round came to. quiet, stormy: CPU per poll in ms before, CPU in s of the storm.

    gaps: 50th and 99th percentile of the seconds between two polls of a device in the storm.
    """

    quiet: float
    quiet_rate: float
    stormy: float
    took: float
    polls: float
    words: str


def positions(database: Path) -> list[int]:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as archive:
        return [row[0] for row in archive.execute("SELECT position FROM events ORDER BY position")]


def wait_for_events(daemon: Daemon, number: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while (stored := len(positions(daemon.database))) < number:
        if time.monotonic() > deadline:
            raise SystemExit(f"only {stored} of {number} events were stored")
        time.sleep(0.1)


def run_round(options: argparse.Namespace, folder: Path, readers: int) -> Round:
    """Storm a daemon that so many read."""
    with (
        Process(play_farm, options.devices) as farm,
        Daemon(folder / "daemon", farm.ready, interval=options.interval) as daemon,
    ):
        settle(farm, devices=options.devices)
        before = len(positions(daemon.database))
        if not readers:
            return measure(options, farm, daemon, before, None)
        with Process(read_streams, daemon.port, readers) as crowd:
            return measure(options, farm, daemon, before, crowd)


def measure(
    options: argparse.Namespace, farm: Process, daemon: Daemon, before: int, crowd: Process | None
) -> Round:
    """Measure a quiet while, then the storm."""
    used, polls, began = cpu(daemon.usage), farm.ask("counts")["lastChange"], time.monotonic()
    time.sleep(options.quiet)
    quiet, polled = cpu(daemon.usage) - used, farm.ask("counts")["lastChange"] - polls
    rate = polled / (time.monotonic() - began)
    used, polls, began = cpu(daemon.usage), farm.ask("counts")["lastChange"], time.monotonic()
    farm.ask("storm", options.alarms)
    wait_for_events(daemon, before + options.alarms)
    took = time.monotonic() - began
    stormed = farm.ask("counts")["lastChange"] - polls
    stormy = cpu(daemon.usage) - used
    words = check(daemon, before, options.alarms, crowd) if crowd is not None else ""
    return Round(quiet / polled * 1e3, rate, stormy, took, stormed / took, words)


def check(daemon: Daemon, before: int, alarms: int, crowd: Process) -> str:
    """Wait until every reader has as many as were stored, and compare each with the archive."""
    deadline = time.monotonic() + PATIENCE
    while crowd.ask("count") < alarms and time.monotonic() < deadline:
        time.sleep(0.2)
    stored = positions(daemon.database)[before:]
    told = crowd.ask("all")
    wrong = [came for came, *_ in told if came != stored]
    if wrong:
        raise SystemExit(f"{len(wrong)} of {len(told)} readers had other events than the archive")
    returns, slow = sum(one[3] for one in told), sum(one[2] for one in told)
    lags = [
        last - first
        for moments in zip(*(one[1] for one in told if not one[2] and not one[3]), strict=True)
        for first, last in [(min(moments), max(moments))]
    ]
    return (
        f"{len(told)} readers had all {len(stored)} events once and in order, {slow} of them after"
        f" {SLOW_FOR:.0f} s of taking none, and {returns} times one came back; from the first live"
        f" reader to the last {statistics.median(lags) * 1e3:.0f} ms, at most {max(lags):.2f} s"
    )


def show(name: str, rounds: Sequence[Round]) -> None:
    print(
        f"{name:<12} quiet: {spread([one.quiet * 1e3 for one in rounds], '.0f')} µs CPU per poll,"
        f" {spread([one.quiet_rate for one in rounds], '.0f')} polls/s; storm:"
        f" {spread([one.took for one in rounds], '.1f')} s,"
        f" {spread([one.stormy for one in rounds], '.1f')} s of CPU,"
        f" {spread([one.polls for one in rounds], '.0f')} polls/s"
    )


def main() -> None:
    """Measure, and print each figure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--alarms", type=int, default=10_000)
    parser.add_argument("--devices", type=int, default=200)
    parser.add_argument("--readers", type=int, default=500)
    parser.add_argument("--interval", type=float, default=1.0, help="seconds between two polls")
    parser.add_argument("--quiet", type=float, default=15.0, help="seconds of the quiet before")
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    runs: dict[int, list[Round]] = {options.readers: [], 0: []}
    for number in range(options.rounds):
        for readers, rounds in runs.items():
            with tempfile.TemporaryDirectory(prefix="alarmbridge-") as name:
                rounds.append(run_round(options, Path(name), readers))
            print(f"  round {number + 1}, {readers} readers: {rounds[-1]}", flush=True)
    for readers, rounds in runs.items():
        show(f"{readers} readers", rounds)
    pairs = list(zip(runs[options.readers], runs[0], strict=True))
    print(
        f"ratio        quiet: {spread([a.quiet / b.quiet for a, b in pairs], '.2f')} in CPU,"
        f" {spread([a.quiet_rate / b.quiet_rate for a, b in pairs], '.2f')} in polls/s; storm:"
        f" {spread([a.took / b.took for a, b in pairs], '.2f')} in time,"
        f" {spread([a.stormy / b.stormy for a, b in pairs], '.2f')} in CPU,"
        f" {spread([a.polls / b.polls for a, b in pairs], '.2f')} in polls/s"
    )


if __name__ == "__main__":
    main()
