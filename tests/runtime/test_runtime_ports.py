"""The bell: no ring is lost, whoever waits when."""

from alarmbridge.runtime.ports import Bell


async def test_a_ring_wakes_who_waits() -> None:
    bell = Bell()
    waiter = bell.arm()
    assert waiter is not None
    bell.ring()
    bell.ring()
    assert waiter.done()


async def test_a_ring_while_nobody_waits_is_kept_for_the_next_wait_and_for_no_other() -> None:
    bell = Bell()
    bell.ring()
    bell.ring()
    assert bell.arm() is None
    assert bell.arm() is not None


async def test_who_was_woken_hears_the_same_ring_no_second_time() -> None:
    bell = Bell()
    assert bell.arm() is not None
    bell.ring()
    bell.disarm()
    assert bell.arm() is not None


async def test_a_ring_after_the_wait_has_ended_is_kept() -> None:
    bell = Bell()
    bell.arm()
    bell.disarm()
    bell.ring()
    assert bell.arm() is None
