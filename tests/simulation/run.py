"""Runs the simulation by hand: many seeds, or one again with its trace, or one made smaller.

python -m tests.simulation.run --device-seconds 2000000 --jobs 2
python -m tests.simulation.run --seed 17 --trace
python -m tests.simulation.run --seed 17 --shrink
python -m tests.simulation.run --bug torn --seeds 40
"""

import argparse
import itertools
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial

from .bugs import BUGS
from .plan import draw_plan
from .shrink import shrink
from .world import Report, World


def main() -> int:
    """Parse the command line and run; the status is 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", help="run this one only")
    parser.add_argument("--first", type=int, default=1, help="the first of many seeds")
    parser.add_argument("--seeds", type=int, help="how many seeds")
    parser.add_argument("--device-seconds", type=float, default=300_000, help="or until so much")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--bug", choices=sorted(BUGS), help="plant a bug")
    parser.add_argument("--trace", action="store_true", help="print all that happens")
    parser.add_argument("--shrink", action="store_true", help="leave out what is not needed")
    parser.add_argument("--show", type=int, default=3, help="violations to print for each seed")
    options = parser.parse_args()
    if options.seed is not None:
        return _run_one(options)
    return _run_many(options)


def run_seed(seed: int | str, *, bug: str | None = None) -> Report:
    """Run one seed, with a bug planted or without."""
    return World(draw_plan(seed), parts=BUGS[bug].parts if bug else None).run()


def _run_one(options: argparse.Namespace) -> int:
    plan, parts = draw_plan(options.seed), BUGS[options.bug].parts if options.bug else None
    if options.shrink:
        plan = shrink(plan, parts=parts, tell=print)
        for op in plan.ops:
            print(f"  {op}")
        for device in plan.devices:
            print(f"  {device}")
    report = World(plan, parts=parts, out=sys.stdout if options.trace else None).run()
    _show(report, options.show)
    print(_summary([report], 0.0))
    return 1 if report.violations else 0


def _run_many(options: argparse.Namespace) -> int:
    began = time.perf_counter()
    reports: list[Report] = []
    for report in _reports(options):
        reports.append(report)
        if report.violations:
            _show(report, options.show)
        enough = options.seeds is None and _seconds(reports) >= options.device_seconds
        if enough or len(reports) == options.seeds:
            break
    print(_summary(reports, time.perf_counter() - began))
    return 1 if any(report.violations for report in reports) else 0


def _reports(options: argparse.Namespace) -> Iterator[Report]:
    work = partial(run_seed, bug=options.bug)
    seeds = itertools.count(options.first)
    if options.jobs == 1:
        yield from map(work, seeds)
        return
    with multiprocessing.get_context("spawn").Pool(options.jobs, maxtasksperchild=50) as pool:
        # In batches, because a pool draws its whole input at once.
        while True:
            yield from pool.imap_unordered(work, itertools.islice(seeds, 8 * options.jobs))


def _seconds(reports: list[Report]) -> float:
    return sum(report.device_seconds for report in reports)


def _show(report: Report, most: int) -> None:
    counts = Counter(violation.invariant for violation in report.violations)
    print(f"seed {report.seed}: {dict(counts)} (trace {report.digest})")
    for violation in report.violations[:most]:
        print(f"  {violation.invariant} at {violation.at:.3f}: {violation.words}")


def _summary(reports: list[Report], took: float) -> str:
    seconds = _seconds(reports)
    failed = [report.seed for report in reports if report.violations]
    words = (
        f"{len(reports)} seeds, {seconds:,.0f} device-seconds, "
        f"{sum(report.truths for report in reports):,} transitions, "
        f"{sum(report.events for report in reports):,} events, "
        f"{sum(report.accepted for report in reports):,} deliveries "
        f"({sum(report.repeated for report in reports):,} repeats), "
        f"{sum(report.kills for report in reports):,} kills, "
        f"{sum(report.gaps for report in reports):,} gaps, "
        f"{len(failed)} seeds with violations {failed[:20]}, trace {_digest(reports)}"
    )
    return words + (f"; {took:.1f} s, {seconds / took:,.0f} device-seconds/s" if took else "")


def _digest(reports: list[Report]) -> str:
    if len(reports) == 1:
        return reports[0].digest
    total = 0
    for report in reports:
        total ^= int(report.digest, 16)
    return f"{total:016x}"


if __name__ == "__main__":
    sys.exit(main())
