"""The life of a daemon's loops: begun together, missed when they stop moving, ended in order."""

import asyncio
import logging
from collections.abc import Sequence

from alarmbridge.core.errors import AlarmbridgeError
from alarmbridge.runtime.dispatcher import Dispatcher
from alarmbridge.runtime.loop import Step, Stop, run_loop
from alarmbridge.runtime.ports import Bell, Clock
from alarmbridge.runtime.pulse import Pulse
from alarmbridge.telemetry.metrics import Metrics

_log = logging.getLogger(__name__)

_FINISH_WITHIN = 4.0


class Life:
    """Runs loops until `stop` is wished."""

    def __init__(self, *, clock: Clock, metrics: Metrics) -> None:
        self.stop = Stop()
        self.pulse = Pulse(clock)
        self._clock = clock
        self._metrics = metrics
        self._begun = False

    def unwell(self) -> list[str]:
        """Say, a sentence each, what is not as it should be; [] while all loops move."""
        unwell = [f"loop {name} has stopped" for name in self.pulse.stopped()]
        return unwell if self._begun else [*unwell, "the loops have not begun yet"]

    async def run(self, loops: Sequence[Step], lanes: Sequence[Dispatcher]) -> None:
        """Run the loops, the lanes' among them, until the wish to stop.

        Then what runs is finished within four seconds, what came back from sinks is recorded, and
        sinks are closed. A loop that ends unasked ends all.
        """
        try:
            async with asyncio.TaskGroup() as group:
                running = [self._start(group, loop) for loop in (*loops, *lanes)]
                group.create_task(self._end_late(running), name="stop")
                self._begun = True
        finally:
            await _finish(lanes)

    def _start(self, group: asyncio.TaskGroup, loop: Step) -> asyncio.Task[None]:
        # From now on, so that one that hangs in its very first step is missed as well.
        self.pulse.beat(loop.name, loop.delay)
        running = run_loop(
            loop, clock=self._clock, stop=self.stop, metrics=self._metrics, pulse=self.pulse
        )
        return group.create_task(running, name=loop.name)

    async def _end_late(self, running: Sequence[asyncio.Task[None]]) -> None:
        """Wait for the wish to stop, and end whatever takes longer than it may."""
        wish = Bell()
        self.stop.listen(wish)
        while not self.stop.wished:
            await self._clock.wait(wish, 3600.0)
        _, late = await asyncio.wait(running, timeout=_FINISH_WITHIN)
        for loop in late:
            loop.cancel()


async def _finish(lanes: Sequence[Dispatcher]) -> None:
    """Finish every lane, also when another one's end fails."""
    ends = await asyncio.gather(
        *(lane.finish(_FINISH_WITHIN) for lane in lanes), return_exceptions=True
    )
    for lane, end in zip(lanes, ends, strict=True):
        if isinstance(end, AlarmbridgeError):
            _log.error("%s: %s", lane.name, end)
        elif end is not None:
            _log.error("%s: this should not happen; please report it", lane.name, exc_info=end)
