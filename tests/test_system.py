"""The real clock, in real time but by milliseconds, and the real dice."""

import asyncio
import resource
from datetime import UTC, timedelta

import pytest

from alarmbridge.runtime.ports import Bell
from alarmbridge.system import SystemClock, allow_many_connections, system_dice

LONG = 3600.0


async def waiting(clock: SystemClock, *bells: Bell, seconds: float) -> list[asyncio.Task[None]]:
    """Begin to wait on each bell."""
    tasks = [asyncio.create_task(clock.wait(bell, seconds)) for bell in bells]
    await asyncio.sleep(0)
    return tasks


async def test_a_wait_ends_no_earlier_than_asked_and_in_the_next_slot() -> None:
    clock = SystemClock()
    begin = clock.monotonic()
    async with asyncio.timeout(5):
        await clock.wait(Bell(), 0.01)
    # A timer may fire a clock tick early; the upper bound leaves room for a busy machine.
    assert 0.009 < clock.monotonic() - begin < 1


async def test_a_wait_for_nothing_ends_as_well() -> None:
    async with asyncio.timeout(5):
        await SystemClock().wait(Bell(), 0.0)
        await SystemClock().wait(Bell(), -5.0)


async def test_a_ring_ends_a_long_wait() -> None:
    bell = Bell()
    (task,) = await waiting(SystemClock(), bell, seconds=LONG)
    assert not task.done()
    bell.ring()
    async with asyncio.timeout(5):
        await task


async def test_a_ring_that_ended_a_wait_does_not_end_the_next() -> None:
    clock, bell = SystemClock(), Bell()
    for _ in range(2):
        (task,) = await waiting(clock, bell, seconds=LONG)
        assert not task.done()
        bell.ring()
        await task


async def test_a_ring_before_the_wait_ends_it_and_no_later_one() -> None:
    clock, bell = SystemClock(), Bell()
    bell.ring()
    async with asyncio.timeout(5):
        await clock.wait(bell, LONG)
    (task,) = await waiting(clock, bell, seconds=LONG)
    assert not task.done()
    bell.ring()
    await task


async def test_all_that_wait_for_one_slot_share_one_timer() -> None:
    class Counting(asyncio.SelectorEventLoop):
        timers = 0

        def call_at(self, *args: object, **kwargs: object) -> asyncio.TimerHandle:
            self.timers += 1
            return super().call_at(*args, **kwargs)  # type: ignore[arg-type]

    async def wait_often() -> int:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, Counting)
        clock, bells = SystemClock(), [Bell() for _ in range(1000)]
        tasks = await waiting(clock, *bells, seconds=LONG)
        timers = loop.timers
        for bell in bells:
            bell.ring()
        await asyncio.gather(*tasks)
        return timers

    loop = Counting()
    try:
        # They may begin on both sides of a slot's edge.
        assert await asyncio.to_thread(loop.run_until_complete, wait_often()) <= 2
    finally:
        loop.close()


async def test_a_slot_wakes_all_that_are_due_whoever_was_woken_or_left_before() -> None:
    clock, bells = SystemClock(), [Bell() for _ in range(4)]
    rung, cancelled, *patient = await waiting(clock, *bells, seconds=0.01)
    bells[0].ring()
    cancelled.cancel()
    async with asyncio.timeout(5):
        await asyncio.gather(rung, *patient)
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    assert clock._slots == {}


async def test_who_was_cancelled_can_wait_again() -> None:
    clock, bell = SystemClock(), Bell()
    (task,) = await waiting(clock, bell, seconds=LONG)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    (again,) = await waiting(clock, bell, seconds=LONG)
    assert not again.done()
    bell.ring()
    async with asyncio.timeout(5):
        await again


def test_now_is_in_utc_and_the_steady_clock_never_goes_back() -> None:
    clock = SystemClock()
    assert clock.now().tzinfo is UTC
    assert clock.now() - clock.now() < timedelta(seconds=1)
    assert clock.monotonic() <= clock.monotonic()


def test_dice_show_from_0_up_to_1_and_nobody_can_foretell_them() -> None:
    thrown = [system_dice().random() for _ in range(100)]
    assert len(set(thrown)) == 100
    assert all(0 <= one < 1 for one in thrown)


def test_a_process_may_have_as_many_connections_as_the_machine_allows() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
        allow_many_connections()
        soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)

    assert soft == (65_536 if most == resource.RLIM_INFINITY else min(most, 65_536))
