"""The schedule, on a real APScheduler and intervals of milliseconds."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from runtime_fakes import FakeClock, until

from alarmbridge.core.errors import StaleClaim, StoreError
from alarmbridge.runtime.schedule import Schedule, _jitter
from alarmbridge.telemetry.metrics import Metrics

OFTEN = timedelta(milliseconds=5)


class Counted:
    """A chore that counts its runs; some of them fail, or hang."""

    def __init__(self, name: str, error: Exception | None = None) -> None:
        self.name = name
        self.runs = 0
        self.cancelled = False
        self.gate: asyncio.Event | None = None
        self._error = error

    async def run(self) -> None:
        self.runs += 1
        if self._error is not None:
            raise self._error
        if self.gate is not None:
            try:
                await self.gate.wait()
            except asyncio.CancelledError:
                self.cancelled = True
                raise


class Running:
    """Schedules that end with the test at the latest."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.metrics = Metrics()
        self._started: list[Schedule] = []

    def start(self, *chores: Counted) -> Schedule:
        made = Schedule(
            [(chore, OFTEN) for chore in chores], clock=self.clock, metrics=self.metrics
        )
        self._started.append(made)
        made.start()
        return made

    def count(self, counter: str) -> float:
        """Read one of the counters of errors."""
        (family,) = getattr(self.metrics, counter).collect()
        return float(family.samples[0].value)

    async def stop(self) -> None:
        while self._started:
            self._started.pop().stop()
        # APScheduler stops in the loop's next turn, and what it cancels ends in the one after.
        for _ in range(3):
            await asyncio.sleep(0)


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    made = Running()
    yield made
    await made.stop()


async def test_a_chore_runs_again_and_again(running: Running) -> None:
    chore = Counted("full sync")
    running.start(chore)
    await until(lambda: chore.runs >= 3)


async def test_a_chore_that_fails_is_logged_and_runs_again(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    chore = Counted("retention", StoreError("the disk is full"))
    running.start(chore)
    await until(lambda: chore.runs >= 2)
    ours = [record for record in caplog.records if record.name == "alarmbridge.runtime.schedule"]
    assert ours[0].getMessage() == "retention: the disk is full"
    assert ours[0].exc_info is None
    assert running.count("store_errors") >= 1
    assert running.count("loop_errors") == 0


async def test_a_chore_with_a_bug_is_logged_with_its_traceback_and_runs_again(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    chore = Counted("retention", ZeroDivisionError("oh"))
    running.start(chore)
    await until(lambda: chore.runs >= 2)
    (traced, *_) = [record for record in caplog.records if record.exc_info]
    assert traced.levelno == logging.ERROR
    assert isinstance(traced.exc_info and traced.exc_info[1], ZeroDivisionError)
    assert running.count("loop_errors") >= 1
    assert running.count("store_errors") == 0


async def test_a_chore_that_another_writer_overtook_is_no_error(running: Running) -> None:
    chore = Counted("device status", StaleClaim("sbc-1 is written by another alarmbridge"))
    running.start(chore)
    await until(lambda: chore.runs >= 2)
    assert running.count("store_errors") == running.count("loop_errors") == 0


async def test_a_chore_that_overruns_is_not_started_twice(running: Running) -> None:
    slow, quick = Counted("retention"), Counted("full sync")
    slow.gate = asyncio.Event()
    running.start(slow, quick)
    await until(lambda: slow.runs and quick.runs >= 5)
    assert slow.runs == 1
    slow.gate.set()
    await until(lambda: slow.runs >= 2)


async def test_after_the_stop_no_chore_starts(running: Running) -> None:
    chore, other = Counted("full sync"), Counted("retention")
    running.start(chore)
    await until(lambda: chore.runs)
    await running.stop()
    runs = chore.runs
    running.start(other)
    await until(lambda: other.runs >= 5)
    assert chore.runs == runs


async def test_a_chore_that_runs_at_the_stop_is_cancelled_without_a_word(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    chore = Counted("retention")
    chore.gate = asyncio.Event()
    running.start(chore)
    await until(lambda: chore.runs)
    await running.stop()
    assert chore.cancelled
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def put_off(schedule: Schedule, name: str) -> None:
    """Have a chore wait for a day, as a wall clock that was set back by one does."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    schedule._scheduler.modify_job(name, next_run_time=tomorrow)


async def test_a_clock_set_back_lets_no_chore_wait_out_the_step(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    # APScheduler has fixed the next run on the wall clock; then that is set back by a day.
    chore = Counted("full sync")
    schedule = running.start(chore)
    await until(lambda: chore.runs)
    put_off(schedule, "full sync")
    runs = chore.runs
    running.clock.set_wall(-86_400)
    for _ in range(2):
        assert await schedule.step() is False
    await until(lambda: chore.runs > runs + 1)
    assert caplog.messages == ["schedule: the clock was set back by 86400 s"]


async def test_a_clock_that_is_trimmed_or_set_on_puts_no_chore_off(running: Running) -> None:
    chore = Counted("retention")
    schedule = running.start(chore)
    put_off(schedule, "retention")
    before = schedule._scheduler.get_job("retention").next_run_time
    for seconds in (-0.5, -0.5, 3600):
        running.clock.set_wall(seconds)
        await schedule.step()
    assert schedule._scheduler.get_job("retention").next_run_time == before


def test_long_intervals_are_spread_and_short_ones_exact() -> None:
    assert _jitter(timedelta(seconds=5)) is None
    assert _jitter(timedelta(hours=1)) == 360
