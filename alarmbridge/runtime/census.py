"""Counts what stands in the archive, for the metrics; so a scrape never asks the database."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from alarmbridge.core.delivery import DeliveryState
from alarmbridge.core.holds import DELAY, DIGEST, FLAPPING, SILENCE
from alarmbridge.runtime.dispatcher import Dispatcher
from alarmbridge.runtime.ports import Bell, Clock
from alarmbridge.store.archive import Archive
from alarmbridge.store.census import (
    count_active_by_severity,
    count_held,
    measure_size,
    oldest_owed,
)
from alarmbridge.store.deliveries import count_deliveries
from alarmbridge.telemetry.metrics import Metrics, Samples

_CAUSES = (DELAY, FLAPPING, DIGEST, SILENCE.rstrip(":"))


class Census:
    """What the archive holds, four times a minute. Only sinks that are configured are shown."""

    name = "census"
    delay = 0.0
    pause = 15.0

    def __init__(
        self, lanes: Sequence[Dispatcher], *, archive: Archive, clock: Clock, metrics: Metrics
    ) -> None:
        self.bell = Bell()
        self._sinks = [lane.destination for lane in lanes]
        self._archive = archive
        self._clock = clock
        self._metrics = metrics
        self._oldest: dict[str, datetime] = {}
        metrics.oldest_pending.read = self._ages

    async def step(self) -> bool:
        """Count once. Never finds more work."""
        now, metrics = self._clock.now(), self._metrics
        async with self._archive.read() as tx:
            active = await count_active_by_severity(tx)
            counts = await count_deliveries(tx)
            held = await count_held(tx, now=now)
            self._oldest = await oldest_owed(tx, self._sinks, now=now)
            size = await measure_size(tx)
        for severity, number in active.items():
            metrics.active_alarms.labels(severity.value).set(number)
        for sink in self._sinks:
            metrics.pending.labels(sink).set(counts.get((sink, DeliveryState.PENDING), 0))
            metrics.dead.labels(sink).set(counts.get((sink, DeliveryState.DEAD), 0))
            for cause in _CAUSES:
                metrics.held.labels(sink, cause).set(held.get((sink, cause), 0))
        metrics.archive_size.set(size)
        metrics.archive_answered.set(now.timestamp())
        return False

    def _ages(self) -> Samples:
        """Say how old the oldest are by now: an age that stood still would alarm nobody."""
        now = self._clock.now()
        return [(sink, _age(self._oldest.get(sink), now)) for sink in self._sinks]


def _age(since: datetime | None, now: datetime) -> float:
    return max(timedelta(0), now - since).total_seconds() if since is not None else 0.0
