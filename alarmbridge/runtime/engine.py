"""What follows devices and tells sinks, put together: the daemon runs it, the simulation tries it.

target, client ──▶ poller ──▶ recorder ──▶ archive ──▶ dispatcher ──▶ sink
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from alarmbridge.core.routing import Subscription
from alarmbridge.mediant.client import AlarmsClient
from alarmbridge.runtime.chores import SelfReport
from alarmbridge.runtime.dispatcher import Destination, Dispatcher
from alarmbridge.runtime.gate import Calendar
from alarmbridge.runtime.loop import Step
from alarmbridge.runtime.poller import Poller
from alarmbridge.runtime.ports import Bell, Clock, Dice
from alarmbridge.runtime.recorder import Recorder
from alarmbridge.runtime.surroundings import Surroundings, Target
from alarmbridge.runtime.sync import Told
from alarmbridge.store.archive import Archive
from alarmbridge.telemetry.metrics import Metrics


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinds:
    """What it is made of; the simulation plants mistakes in these."""

    poller: type[Poller] = Poller
    recorder: type[Recorder] = Recorder
    dispatcher: type[Dispatcher] = Dispatcher
    report: type[SelfReport] = SelfReport


class Engine:
    """Pollers, the recorder, a lane for each sink, and the report on these.

    sinks: each with what it subscribes to. heard: is called after events were stored.
    """

    def __init__(
        self,
        sinks: Sequence[tuple[Destination, Subscription]],
        *,
        archive: Archive,
        clock: Clock,
        dice: Dice,
        metrics: Metrics,
        calendar: Calendar,
        heard: Callable[[], None] = lambda: None,
        kinds: Kinds = Kinds(),
    ) -> None:
        notify = Bell()
        self._heard = heard
        self._kinds = kinds
        self.pollers: list[Poller] = []
        self.lanes = [
            kinds.dispatcher(
                destination,
                archive=archive,
                clock=clock,
                dice=dice,
                metrics=metrics,
                notify=notify,
                calendar=calendar,
            )
            for destination, _ in sinks
        ]
        self.recorder = kinds.recorder(
            archive=archive,
            clock=clock,
            metrics=metrics,
            subscriptions=[subscription for _, subscription in sinks],
            wake=self.wake,
            calendar=calendar,
        )
        self._report = kinds.report(
            self.lanes, archive=archive, recorder=self.recorder, clock=clock, bell=notify
        )
        self._here = Surroundings(
            archive=archive, recorder=self.recorder, clock=clock, dice=dice, metrics=metrics
        )

    @property
    def loops(self) -> Sequence[Step]:
        """All loops but the lanes', which end after these."""
        return [*self.pollers, self._report]

    def follow(self, target: Target, client: AlarmsClient, told: Told | None = None) -> Poller:
        """Make the loop of a device. told: is told of its events once they are stored."""
        poller = self._kinds.poller(target, client=client, here=self._here, told=told)
        self.pollers.append(poller)
        return poller

    def wake(self) -> None:
        """Have every lane look at once for what is owed."""
        self._heard()
        for lane in self.lanes:
            lane.bell.ring()
