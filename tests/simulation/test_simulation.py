"""The whole daemon under virtual time: no promise is broken, and planted bugs are noticed."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from .bugs import BUGS
from .run import run_seed
from .world import Report

pytestmark = pytest.mark.simulation

# Chosen for what they cost: small farms that have all habits and every kind of fault among them.
SEEDS = (1, 10, 13, 15, 16, 18, 20, 24, 28, 35, 39, 46, 52, 54, 58)


@cache
def report_of(seed: int) -> Report:
    return run_seed(seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_promise_is_broken(seed: int) -> None:
    violations = report_of(seed).violations
    assert not violations, "\n".join(f"{one.invariant}: {one.words}" for one in violations[:5])


def test_the_seeds_reach_what_they_are_for() -> None:
    reports = [report_of(seed) for seed in SEEDS]
    assert sum(report.kills for report in reports) > 10
    assert sum(report.gaps for report in reports) > 10
    assert sum(report.repeated for report in reports) > 10
    assert sum(report.truths for report in reports) > 1000
    assert sum(report.device_seconds for report in reports) > 50_000


def test_a_seed_replays_to_the_same_trace() -> None:
    assert run_seed(16).digest == report_of(16).digest


def test_a_trace_does_not_depend_on_how_python_hashes() -> None:
    command = [sys.executable, "-m", "tests.simulation.run", "--seed", "16"]
    told = {
        subprocess.run(
            command,
            env={**os.environ, "PYTHONHASHSEED": salt},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for salt in ("1", "2")
    }
    assert len(told) == 1
    assert report_of(16).digest in told.pop()


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_noticed(name: str) -> None:
    assert any(run_seed(seed, bug=name).violations for seed in BUGS[name].seeds)
