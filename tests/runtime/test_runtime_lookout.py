"""The lookout: when it looks, and that it gathers what comes soon after another."""

import asyncio

from runtime_fakes import FakeClock, until

from alarmbridge.runtime.lookout import Lookout
from alarmbridge.runtime.ports import Bell


class Watch:
    """Finds something a number of times."""

    def __init__(self, finds: int) -> None:
        self.finds = finds
        self.pause = 1.0

    async def look(self) -> bool:
        self.finds -= 1
        self.pause = 3600.0
        return self.finds >= 0


async def test_what_was_found_is_followed_by_a_rest() -> None:
    clock = FakeClock()
    lookout = Lookout(Watch(1), bell=Bell(), clock=clock)

    looking = asyncio.create_task(lookout.step())
    await until(lambda: clock.waits)
    resting = not looking.done()
    clock.advance(0.5)

    assert await looking
    assert (resting, clock.waits) == (True, [0.5])


async def test_where_nothing_is_found_the_next_ring_is_heard_at_once() -> None:
    clock = FakeClock()
    lookout = Lookout(Watch(0), bell=Bell(), clock=clock)

    assert lookout.pause == 1.0
    assert not await lookout.step()
    assert clock.waits == []
    assert lookout.pause == 3600.0
