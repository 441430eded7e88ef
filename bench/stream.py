"""Live readers of the event stream during a storm: does everybody get everything, and who pays?

A farm plays devices, and one alarmbridge follows them. Some rounds have readers of
`/api/v1/events/stream`, some have none, in turns. Then thousands of alarms are raised at once.
Among the readers some take nothing for a while and then all, and some hang up and come back with
Last-Event-ID, again and again. Each must have every event once, in the archive's order.

Printed is what polling costs and how often it is done with and without them, in the quiet before
and in the storm. The readers' process takes what the daemon and the farm leave of the machine,
because readers sit elsewhere.
"""

import argparse
import asyncio
import os
import re
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import cast

from parts import Daemon, Process, answer_words, cpu, play_farm, settle, spread

PATIENCE = 300.0
PATH = "/api/v1/events/stream"
SLOW_FOR = 8.0

_MESSAGE = re.compile(rb"id: (\d+)\nevent: ")
_PLACE = re.compile(rb":[^\n]*\nid: (\d+)\n\n")
_tasks: set[object] = set()


class Reader(asyncio.Protocol):
    """One reader, and the positions that he was told. slow: takes nothing for that long, once.

    hangs_up: after so many events, again and again, and comes back. It splits what comes at its
    messages and looks no further, so that it costs little beside what is measured.
    """

    def __init__(self, port: int, *, slow: float = 0.0, hangs_up: int = 0) -> None:
        self.slow, self._port, self._hangs_up = slow, port, hangs_up
        self.place: int | None = None
        self.came: list[int] = []
        self.moments: list[float] = []
        self.returns = 0
        self.begun = asyncio.Event()
        self._rest, self._before = b"", 0

    async def connect(self) -> None:
        """Begin to read, or go on."""
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self, "127.0.0.1", self._port)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._rest, self._before = b"", len(self.came)
        resume = "" if self.place is None else f"Last-Event-ID: {self.place}\r\n"
        self._transport.write(f"GET {PATH} HTTP/1.0\r\nHost: 127.0.0.1\r\n{resume}\r\n".encode())

    def data_received(self, data: bytes) -> None:
        whole, end, self._rest = (self._rest + data).rpartition(b"\n\n")
        whole += end
        first = _PLACE.search(whole) if self.place is None else None
        if first:
            self.place = int(first[1])
            self.begun.set()
        told = [int(number) for number in _MESSAGE.findall(whole)]
        if not told:
            return
        if self.slow and not self.came:
            self._transport.pause_reading()
            asyncio.get_running_loop().call_later(self.slow, self._transport.resume_reading)
        self.came += told
        self.moments += [time.monotonic()] * len(told)
        self.place = told[-1]
        if self._hangs_up and len(self.came) - self._before >= self._hangs_up:
            self.returns += 1
            self._transport.abort()

    def connection_lost(self, _exc: Exception | None) -> None:
        _tasks.add(asyncio.ensure_future(self.connect()))


def read_streams(pipe: Connection, port: int, count: int) -> None:
    """Read by many; answers "count" with the fewest that any has, "all" with what each has."""

    os.nice(19)

    async def work() -> None:
        readers = [
            Reader(port, slow=SLOW_FOR * (at % 10 == 1), hangs_up=499 * (at % 10 == 2))
            for at in range(count)
        ]
        for reader in readers:
            await reader.connect()
        for reader in readers:
            await reader.begun.wait()

        async def answer(word: str, _value: object) -> object:
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
    """What one round came to.

    quiet: µs of CPU per poll before the storm; quiet_rate: polls per second then. took: seconds
    until the storm was stored; stormy: seconds of CPU in that time; polls: a second, then.
    words: how the readers fared.
    """

    quiet: float
    quiet_rate: float
    took: float
    stormy: float
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
    words = check(daemon, before, began, crowd) if crowd is not None else ""
    return Round(quiet / polled * 1e6, rate, took, stormy, stormed / took, words)


def check(daemon: Daemon, before: int, began: float, crowd: Process) -> str:
    """Wait until every reader has as many as were stored, and compare each with the archive."""
    stored = positions(daemon.database)[before:]
    deadline = time.monotonic() + PATIENCE
    while crowd.ask("count") < len(stored) and time.monotonic() < deadline:
        time.sleep(0.2)
    told = crowd.ask("all")
    wrong = [came for came, *_ in told if came != stored]
    if wrong:
        raise SystemExit(f"{len(wrong)} of {len(told)} readers had other events than the archive")
    returns, slow = sum(one[3] for one in told), sum(one[2] for one in told)
    steady = [one[1] for one in told if not one[2] and not one[3]]
    lags = [max(moments) - min(moments) for moments in zip(*steady, strict=True)]
    last = max(moments[-1] for moments in steady) - began
    return (
        f"{len(told)} readers had all {len(stored)} events once and in order, {slow} of them after"
        f" {SLOW_FOR:.0f} s of taking none, and {returns} times one came back; the last of the"
        f" others had all after {last:.1f} s; from the first of them to the last"
        f" {statistics.median(lags) * 1e3:.0f} ms, at most {max(lags):.2f} s"
    )


def show(name: str, rounds: Sequence[Round]) -> None:
    print(
        f"{name} quiet: {spread([one.quiet for one in rounds], '.0f')} µs CPU per poll,"
        f" {spread([one.quiet_rate for one in rounds], '.0f')} polls/s; storm:"
        f" {spread([one.took for one in rounds], '.1f')} s,"
        f" {spread([one.stormy for one in rounds], '.1f')} s of CPU,"
        f" {spread([one.polls for one in rounds], '.0f')} polls/s",
        flush=True,
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
            show(f"  round {number + 1}, {readers} readers:", rounds[-1:])
            if rounds[-1].words:
                print(f"    {rounds[-1].words}")
    for readers, rounds in runs.items():
        show(f"{readers} readers:", rounds)
    pairs = list(zip(runs[options.readers], runs[0], strict=True))
    print(
        f"ratio: quiet: {spread([a.quiet / b.quiet for a, b in pairs], '.2f')} in CPU,"
        f" {spread([a.quiet_rate / b.quiet_rate for a, b in pairs], '.2f')} in polls/s; storm:"
        f" {spread([a.took / b.took for a, b in pairs], '.2f')} in time,"
        f" {spread([a.stormy / b.stormy for a, b in pairs], '.2f')} in CPU,"
        f" {spread([a.polls / b.polls for a, b in pairs], '.2f')} in polls/s"
    )


if __name__ == "__main__":
    main()
