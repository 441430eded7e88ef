"""A storm told by several sinks side by side: events a second by each, and CPU for each event.

    python bench/sinks.py [--alarms 5000] [--devices 250] [--sinks webhook syslog-udp …]

One daemon reads a farm on which all alarms are raised at one instant, stores them, and tells
every sink. Its CPU is that of the whole way, shared among all that was told; with one sink it is
that sink's. Beside it, in turns, a bare loop posts as many bodies of the same size to the same
receiver of webhooks, which is the least that telling costs.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import aiohttp
from far_ends import WAYS, receive_all
from parts import Daemon, Process, cpu, play_farm, settle, spread, webhook_to

POSTS = 8
PATIENCE = 300.0
QUIET = 10.0
"""Seconds without any news after which what has not come is lost."""


@dataclass(frozen=True)
class Run:
    """One storm. took: seconds until a sink's last event came; came: how many; by sink.

    used: CPU seconds of the daemon.
    """

    took: Mapping[str, float]
    came: Mapping[str, int]
    used: float

    @property
    def cost(self) -> float:
        """CPU milliseconds for each event that was told."""
        return self.used / sum(self.came.values()) * 1e3


def post_bare(pipe: Connection, url: str, number: int, size: int) -> None:
    """Post so many bodies of that size, a few at a time, when told to."""

    async def work() -> None:
        left = iter(range(number))
        body = b"x" * size

        async def post() -> None:
            for n in left:
                headers = {"webhook-id": f"bare-{n}", "content-type": "application/json"}
                response = await session.post(url, data=body, headers=headers)
                await response.read()

        async with aiohttp.ClientSession() as session:
            await asyncio.gather(*(post() for _ in range(POSTS)))

    pipe.send(None)
    pipe.recv()
    asyncio.run(work())
    pipe.send(None)
    # It stays until it is ended, otherwise its CPU could not be read any more.
    pipe.recv()


def sink_to(way: str, address: str) -> dict[str, Any]:
    """Configure the sink that tells this way."""
    if way == "webhook":
        return webhook_to(address)
    kind, _, how = way.partition("-")
    keys: dict[str, Any] = {"name": way, "type": kind, "address": address}
    return (
        keys if kind == "syslog" else {**keys, "version": "2c", "community": "bench", "notify": how}
    )


def wait_for(receiver: Process, ways: Sequence[str], number: int) -> dict[str, int]:
    """Wait until that many events came by each way, or no more come; return how many did."""
    deadline, news_at = time.monotonic() + PATIENCE, time.monotonic()
    counts: dict[str, int] = {}
    while time.monotonic() < min(deadline, news_at + QUIET):
        before, all_counts = counts, receiver.ask("counts")
        counts = {way: all_counts[way] for way in ways}
        if min(counts.values()) >= number:
            break
        if counts != before:
            news_at = time.monotonic()
        time.sleep(0.1)
    return counts


def run_daemon(options: argparse.Namespace, folder: Path, receiver: Process) -> Run:
    """Storm the daemon."""
    ways, first = options.sinks, options.devices
    sinks = [sink_to(way, receiver.ready[way]) for way in ways]
    with (
        Process(play_farm, options.devices) as farm,
        Daemon(folder / "daemon", farm.ready, interval=options.interval, sinks=sinks) as daemon,
    ):
        settle(farm, devices=options.devices)
        wait_for(receiver, ways, first)
        used, started = cpu(daemon.usage), farm.ask("storm", options.alarms)
        counts = wait_for(receiver, ways, first + options.alarms)
        used = cpu(daemon.usage) - used
    return Run(
        took={way: receiver.ask("moments", way)[-1] - started for way in ways},
        came={way: counts[way] - first for way in ways},
        used=used,
    )


def run_bare(options: argparse.Namespace, receiver: Process, size: int) -> tuple[float, float]:
    """Have the bare loop post as much; return seconds and CPU seconds."""
    with Process(post_bare, receiver.ready["webhook"], options.alarms, size) as loop:
        used, started = cpu(loop.usage), time.monotonic()
        loop.ask("go")
        return time.monotonic() - started, cpu(loop.usage) - used


def main() -> None:
    """Measure, and print each figure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--alarms", type=int, default=5000)
    parser.add_argument("--devices", type=int, default=250)
    parser.add_argument("--interval", type=float, default=1.0, help="seconds between two polls")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sinks", nargs="+", choices=WAYS, default=list(WAYS), metavar="SINK")
    options = parser.parse_args()
    ours: list[Run] = []
    bare: list[tuple[float, float]] = []
    for number in range(options.rounds):
        with (
            tempfile.TemporaryDirectory(prefix="alarmbridge-") as name,
            Process(receive_all) as far,
        ):
            ours.append(run_daemon(options, Path(name), far))
            size = far.ask("size", options.sinks[0])
            bare.append(run_bare(options, far, size))
        took = ", ".join(f"{way} {seconds:.1f} s" for way, seconds in ours[-1].took.items())
        print(
            f"  round {number + 1}: {took}, {ours[-1].used:.1f} s of CPU;"
            f" bare {bare[-1][0]:.1f} s, {bare[-1][1]:.1f} s of CPU, {size} bytes each",
            flush=True,
        )
    show(options, ours, bare)


def show(
    options: argparse.Namespace, ours: Sequence[Run], bare: Sequence[tuple[float, float]]
) -> None:
    """Print what all rounds came to."""
    bare_rates = [options.alarms / took for took, _ in bare]
    bare_costs = [used / options.alarms * 1e3 for _, used in bare]
    for way in options.sinks:
        rates = [run.came[way] / run.took[way] for run in ours]
        lost = options.alarms * len(ours) - sum(run.came[way] for run in ours)
        ratios = [rate / theirs for rate, theirs in zip(rates, bare_rates, strict=True)]
        print(
            f"{way:<12} {spread(rates, '.0f')} events/s, {spread(ratios, '.2f')} of the bare loop's"
            f"{f', {lost} lost' if lost else ''}"
        )
    ratios = [run.cost / theirs for run, theirs in zip(ours, bare_costs, strict=True)]
    print(
        f"{'bare loop':<12} {spread(bare_rates, '.0f')} events/s,"
        f" {spread(bare_costs, '.2f')} ms CPU per event"
    )
    print(
        f"{'alarmbridge':<12} {spread([run.cost for run in ours], '.2f')} ms CPU per event told,"
        f" {spread(ratios, '.1f')} of the bare loop's"
    )


if __name__ == "__main__":
    main()
