"""Tries one sink: a marked alarm is raised and cleared there, by the real way of a delivery.

The archive is one of its own, for as long as the trial lasts: the real one keeps no alarm that
never was, and a daemon that runs is not disturbed. Filters and rules are left out, because they
would have the test wait, or not be sent at all.
"""

import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from alarmbridge.core.bridge import SINK_TEST, clear_own, raise_own
from alarmbridge.core.decision import Decision
from alarmbridge.core.delivery import DeliveryState
from alarmbridge.core.event import KINDS, Event
from alarmbridge.core.routing import Subscription
from alarmbridge.runtime.dispatcher import Destination, Dispatcher
from alarmbridge.runtime.ports import Bell
from alarmbridge.runtime.recorder import Recorder
from alarmbridge.sinks.base import SinkConfig
from alarmbridge.store.archive import Archive, open_archive
from alarmbridge.store.deliveries import ListedDelivery, list_deliveries
from alarmbridge.store.schema import upgrade
from alarmbridge.system import SystemClock, system_dice
from alarmbridge.telemetry.metrics import Metrics
from alarmbridge.translation import destination_of


@dataclass(frozen=True, slots=True)
class Tried:
    """What the far end made of one event. words: its answer, or why it did not accept."""

    kind: str
    accepted: bool
    words: str


async def try_sink(config: SinkConfig) -> AsyncIterator[Tried]:
    """Raise an alarm at a sink, and clear it if that was accepted; say what came of each.

    Each is tried once.
    """
    with tempfile.TemporaryDirectory(prefix="alarmbridge-") as folder:
        url = f"sqlite:///{Path(folder) / 'trial.db'}"
        await upgrade(url)
        archive = open_archive(url)
        trial = _Trial(destination_of(config), archive)
        try:
            async for tried in trial.run():
                yield tried
        finally:
            await trial.lane.finish(within=0)
            await archive.dispose()


class _Trial:
    """The parts of a daemon that a delivery passes, for one sink."""

    def __init__(self, destination: Destination, archive: Archive) -> None:
        self._archive = archive
        self._clock = SystemClock()
        metrics = Metrics()
        plain = Destination(
            name=destination.name,
            sink=destination.sink,
            timeout=destination.timeout,
            templates=destination.templates,
        )
        self.lane = Dispatcher(
            plain,
            archive=archive,
            clock=self._clock,
            dice=system_dice(),
            metrics=metrics,
            notify=Bell(),
        )
        sink = destination.sink
        self._recorder = Recorder(
            archive=archive,
            clock=self._clock,
            metrics=metrics,
            subscriptions=[
                Subscription(sink=plain.name, key_for=sink.key_for, credential=sink.credential)
            ],
            wake=self.lane.bell.ring,
        )

    async def run(self) -> AsyncIterator[Tried]:
        name = self.lane.destination
        raised = raise_own(
            SINK_TEST,
            device="",
            subject=name,
            words=f"This is a test of sink {name}; nothing needs to be done.",
            sequence=1,
            now=self._clock.now(),
        )
        yield (told := await self._tell(raised))
        if not told.accepted:
            return
        cleared = clear_own(
            raised.alarm,
            words=f"The test of sink {name} is over.",
            sequence=2,
            now=self._clock.now(),
        )
        yield await self._tell(cleared)

    async def _tell(self, event: Event) -> Tried:
        held = await self._recorder.load("")
        await self._recorder.record(held, Decision(events=(event,)), facts=None)
        while True:
            await self.lane.step()
            async with self._archive.read() as tx:
                (latest, *_) = (await list_deliveries(tx, alarms=(event.alarm.id,))).items
            if latest.event_id == event.id and (tried := _tried(latest, KINDS[type(event)])):
                return tried
            await self._clock.wait(self.lane.bell, self.lane.pause)


def _tried(delivery: ListedDelivery, kind: str) -> Tried | None:
    if delivery.state is DeliveryState.PENDING and not delivery.attempts:
        return None
    accepted = delivery.state is DeliveryState.DELIVERED
    words = delivery.answer if accepted else delivery.reason
    return Tried(kind, accepted, words or "accepted")
