"""When the chores run: APScheduler, and nothing else of the program knows it."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from alarmbridge.core.errors import StaleClaim, StoreError
from alarmbridge.runtime.ports import Bell, Clock
from alarmbridge.runtime.skew import Skew
from alarmbridge.telemetry.metrics import Metrics

_log = logging.getLogger(__name__)


class Chore(Protocol):
    """Something to be done now and then."""

    name: str

    async def run(self) -> None:
        """Do it once."""
        ...


class Schedule:
    """Runs chores at their intervals; one that overruns is not started twice.

    As a step of a loop it minds the wall clock, which APScheduler counts by: set back by an hour,
    it would leave every chore undone for that hour.
    """

    name = "schedule"
    delay = 0.0
    pause = 5.0

    def __init__(
        self, chores: Sequence[tuple[Chore, timedelta]], *, clock: Clock, metrics: Metrics
    ) -> None:
        self.bell = Bell()
        self._clock = clock
        self._skew = Skew(clock)
        self._intervals = {chore.name: every for chore, every in chores}
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        for chore, every in chores:
            self._scheduler.add_job(
                _run,
                _each(every),
                args=(chore, metrics),
                id=chore.name,
                name=chore.name,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )

    def start(self) -> None:
        """Start in the running loop."""
        self._scheduler.start()

    def stop(self) -> None:
        """Start nothing more, and break off what runs."""
        self._scheduler.shutdown(wait=False)

    async def step(self) -> bool:
        """Set the chores' next runs anew when the wall clock was set back. Never more to do."""
        if back := self._skew.set_back_by():
            _log.warning("%s: the clock was set back by %.0f s", self.name, back)
            for name, every in self._intervals.items():
                self._scheduler.reschedule_job(name, trigger=_each(every))
        self._skew.settle()
        return False


def _each(every: timedelta) -> IntervalTrigger:
    return IntervalTrigger(seconds=every.total_seconds(), jitter=_jitter(every))


def _jitter(every: timedelta) -> int | None:
    # Many bridges started by one roll-out would otherwise sweep in step for ever.
    return int(every.total_seconds() / 10) or None


async def _run(chore: Chore, metrics: Metrics) -> None:
    """Do it once; its failures are counted as those of the loops are."""
    try:
        await chore.run()
    except StaleClaim as error:
        _log.info("%s: %s", chore.name, error)
    except StoreError as error:
        metrics.store_errors.inc()
        _log.error("%s: %s", chore.name, error)
    except Exception:  # noqa: BLE001 - a bug in one chore must not end the others
        metrics.loop_errors.inc()
        _log.exception("%s: this should not happen; please report it", chore.name)
    except asyncio.CancelledError:
        # APScheduler would log it as an exception, and hold it back all the same.
        _log.info("%s: broken off by the stop", chore.name)
