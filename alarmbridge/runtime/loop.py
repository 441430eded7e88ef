"""The one loop that everything runs in."""

import logging
from typing import Protocol

from alarmbridge.core.errors import StaleClaim, StoreError
from alarmbridge.runtime.ports import Bell, Clock
from alarmbridge.runtime.pulse import Pulse
from alarmbridge.telemetry.metrics import Metrics

_log = logging.getLogger(__name__)

_PAUSE_AFTER_ERROR = 5.0


class Step(Protocol):
    """Something that is done again and again.

    name: for the log. bell: rings when there may be work. delay: seconds until the first look;
    pause: until the next.
    """

    name: str
    bell: Bell
    delay: float
    pause: float

    async def step(self) -> bool:
        """Do one piece of work; say whether there was any."""
        ...


class Stop:
    """The wish to stop, heard by every loop at once."""

    def __init__(self) -> None:
        self._bells: list[Bell] = []
        self.wished = False

    def listen(self, bell: Bell) -> None:
        """Have this bell rung when the wish comes."""
        self._bells.append(bell)

    def wish(self) -> None:
        """Ask every loop to end after what it is doing."""
        self.wished = True
        for bell in self._bells:
            bell.ring()


async def run_loop(work: Step, *, clock: Clock, stop: Stop, metrics: Metrics, pulse: Pulse) -> None:
    """Step, go on while there is work, else wait to be woken, stopped, or for the pause."""
    stop.listen(work.bell)
    if work.delay and not stop.wished:
        await clock.wait(work.bell, work.delay)
    while not stop.wished:
        try:
            found, pause = await work.step(), work.pause
        except StaleClaim as error:
            _log.info("%s: %s", work.name, error)
            found, pause = False, 0.0
        except StoreError as error:
            metrics.store_errors.inc()
            _log.error("%s: %s", work.name, error)
            found, pause = False, _PAUSE_AFTER_ERROR
        except Exception:  # noqa: BLE001 - a bug in one step must not blind the whole bridge
            metrics.loop_errors.inc()
            _log.exception("%s: this should not happen; please report it", work.name)
            found, pause = False, _PAUSE_AFTER_ERROR
        pulse.beat(work.name, pause)
        if not found and not stop.wished:
            await clock.wait(work.bell, pause)
