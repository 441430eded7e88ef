"""The loop: what it does between steps, and that no wake-up and no wish is lost."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

import pytest
from runtime_fakes import FakeClock, until

from alarmbridge.core.errors import StaleClaim, StoreError
from alarmbridge.runtime.loop import Stop, run_loop
from alarmbridge.runtime.ports import Bell
from alarmbridge.runtime.pulse import Pulse
from alarmbridge.telemetry.metrics import Metrics

Does = Callable[[], bool]


class Work:
    """Does what was planned, one thing a step; then it finds nothing."""

    name = "sbc-1"
    delay = 0.0
    pause = 7.0

    def __init__(self, *planned: Does) -> None:
        self.bell = Bell()
        self.steps = 0
        self._planned = list(planned)

    async def step(self) -> bool:
        self.steps += 1
        await asyncio.sleep(0)
        return self._planned.pop(0)() if self._planned else False


class Running:
    """Loops under way, and all that they were given."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.stop = Stop()
        self.metrics = Metrics()
        self.pulse = Pulse(self.clock)
        self.tasks: list[asyncio.Task[None]] = []

    def start(self, work: Work) -> asyncio.Task[None]:
        running = run_loop(
            work, clock=self.clock, stop=self.stop, metrics=self.metrics, pulse=self.pulse
        )
        self.tasks.append(asyncio.create_task(running))
        return self.tasks[-1]

    def count(self, name: str) -> float | None:
        return self.metrics.registry.get_sample_value(f"alarmbridge_{name}_total")


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    made = Running()
    yield made
    made.stop.wish()
    async with asyncio.timeout(5):
        await asyncio.gather(*made.tasks)


def fails(error: Exception) -> Does:
    def do() -> bool:
        raise error

    return do


async def test_it_steps_at_once_and_then_after_each_pause(running: Running) -> None:
    work = Work()
    running.start(work)
    await until(lambda: running.clock.waits == [7.0])
    running.clock.advance(6.9)
    await asyncio.sleep(0)
    assert work.steps == 1
    running.clock.advance(0.1)
    await until(lambda: work.steps == 2)


async def test_the_first_step_comes_after_the_delay(running: Running) -> None:
    work = Work()
    work.delay = 3.0
    running.start(work)
    await until(lambda: running.clock.waits == [3.0])
    assert work.steps == 0
    running.clock.advance(3.0)
    await until(lambda: running.clock.waits == [3.0, 7.0])
    assert work.steps == 1


async def test_a_wish_to_stop_during_the_delay_lets_no_step_begin(running: Running) -> None:
    work = Work()
    work.delay = 3.0
    loop = running.start(work)
    await until(lambda: running.clock.waits)
    running.stop.wish()
    async with asyncio.timeout(5):
        await loop
    assert work.steps == 0


async def test_while_there_is_work_it_does_not_wait(running: Running) -> None:
    work = Work(lambda: True, lambda: True)
    running.start(work)
    await until(lambda: running.clock.waits)
    assert (work.steps, running.clock.waits) == (3, [7.0])


async def test_a_ring_ends_the_wait(running: Running) -> None:
    work = Work()
    running.start(work)
    await until(lambda: running.clock.waits)
    work.bell.ring()
    await until(lambda: work.steps == 2)


async def test_a_wake_up_during_the_last_look_is_not_lost(running: Running) -> None:
    # The step has asked the archive and found nothing; a recorder commits and rings; only then
    # does the step return and the loop begins to wait.
    work = Work(lambda: work.bell.ring() or False)  # type: ignore[func-returns-value]
    running.start(work)
    await until(lambda: running.clock.waits == [7.0, 7.0])
    assert work.steps == 2


async def test_a_wish_to_stop_ends_every_loop_that_waits(running: Running) -> None:
    loops = [running.start(Work()), running.start(Work())]
    await until(lambda: len(running.clock.waits) == 2)
    running.stop.wish()
    async with asyncio.timeout(5):
        await asyncio.gather(*loops)


async def test_a_wish_to_stop_lets_the_step_end_and_no_other_begin(running: Running) -> None:
    def wish() -> bool:
        running.stop.wish()
        return True

    work = Work(wish, lambda: True)
    async with asyncio.timeout(5):
        await running.start(work)
    assert (work.steps, running.clock.waits) == (1, [])


async def test_a_loop_that_starts_after_the_wish_does_nothing(running: Running) -> None:
    running.stop.wish()
    work = Work()
    async with asyncio.timeout(5):
        await running.start(work)
    assert work.steps == 0


async def test_a_lost_race_is_tried_again_at_once(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    running.start(Work(fails(StaleClaim("sbc-1 is no longer at event 3"))))
    await until(lambda: running.clock.waits == [0.0])
    assert caplog.messages == ["sbc-1: sbc-1 is no longer at event 3"]
    assert running.count("store_errors") == 0


async def test_an_archive_that_fails_is_left_alone_for_a_while(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    work = Work(fails(StoreError("the disk is full")))
    running.start(work)
    await until(lambda: running.clock.waits == [5.0])
    running.clock.advance(5)
    await until(lambda: running.clock.waits == [5.0, 7.0])
    assert caplog.messages == ["sbc-1: the disk is full"]
    assert running.count("store_errors") == 1


async def test_a_bug_is_logged_with_its_traceback_and_the_loop_goes_on(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    work = Work(fails(ZeroDivisionError("oh")))
    running.start(work)
    await until(lambda: running.clock.waits == [5.0])
    running.clock.advance(5)
    await until(lambda: work.steps == 2)
    (record,) = caplog.records
    assert "sbc-1: this should not happen" in record.getMessage()
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], ZeroDivisionError)
    assert running.count("loop_errors") == 1


async def test_a_step_that_never_returns_shows_in_the_pulse(running: Running) -> None:
    gate = asyncio.Event()

    class Hanging(Work):
        async def step(self) -> bool:
            if self.steps:
                await gate.wait()
            return await super().step()

    running.start(Hanging())
    await until(lambda: running.clock.waits)
    running.clock.advance(7 + 900)
    assert running.pulse.stopped() == []
    running.clock.advance(1)
    assert running.pulse.stopped() == ["sbc-1"]
    gate.set()


async def test_cancelling_passes_through(running: Running) -> None:
    loop = running.start(Work())
    running.tasks.clear()
    await until(lambda: running.clock.waits)
    loop.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loop
