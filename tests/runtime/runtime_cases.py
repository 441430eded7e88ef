"""The parts of one bridge on fakes, over a real archive; and questions to that archive."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from runtime_fakes import NOW, FakeBox, FakeClock, FakeDice, FakeSink, FlakyArchive
from sqlalchemy import text

from alarmbridge.core.alarm import Alarm, ClearReason, State
from alarmbridge.core.decision import Decision
from alarmbridge.core.event import Event, tell_changed, tell_cleared, tell_raised
from alarmbridge.core.health import Manners
from alarmbridge.core.payload import DeviceFacts
from alarmbridge.core.routing import Subscription
from alarmbridge.core.severity import Severity
from alarmbridge.core.silence import Silence
from alarmbridge.mediant.client import AlarmsClient
from alarmbridge.runtime.dispatcher import Destination, Dispatcher
from alarmbridge.runtime.poller import Poller
from alarmbridge.runtime.ports import Bell, Credentials
from alarmbridge.runtime.recorder import Recorder
from alarmbridge.runtime.surroundings import Surroundings, Target
from alarmbridge.store.blind_spells import BlindSpell, list_spells
from alarmbridge.store.devices import DeviceEntry, register_devices
from alarmbridge.telemetry.metrics import Metrics

MANNERS = Manners(
    interval=timedelta(seconds=5),
    full_sync=timedelta(minutes=5),
    unreachable_after=3,
    auth_retry=timedelta(minutes=10),
)


@dataclass
class Bridge:
    """What `app` would put together: an archive, a recorder, and lanes and pollers as asked for.

    wakes: how often the lanes were woken. silences: those of the configuration.
    """

    archive: FlakyArchive
    clock: FakeClock = field(default_factory=FakeClock)
    dice: FakeDice = field(default_factory=FakeDice)
    metrics: Metrics = field(default_factory=Metrics)
    notify: Bell = field(default_factory=Bell)
    wakes: int = 0
    subscriptions: list[Subscription] = field(default_factory=list)
    lanes: list[Dispatcher] = field(default_factory=list)
    silences: list[Silence] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.recorder = Recorder(
            archive=self.archive,
            clock=self.clock,
            metrics=self.metrics,
            subscriptions=self.subscriptions,
            wake=self._wake,
            calendar=lambda _: tuple(self.silences),
        )

    def _wake(self) -> None:
        self.wakes += 1
        self.archive.journal.append("wake")

    async def register(self, *names: str) -> None:
        entries = [DeviceEntry(name=name, url=f"https://{name}") for name in names]
        async with self.archive.begin() as tx:
            await register_devices(tx, entries, now=NOW)

    def subscribe(self, sink: str) -> None:
        """Have everything owed to a sink that has no lane."""
        self.subscriptions.append(Subscription(sink=sink, key_for=lambda alarm, _: alarm.id))

    def make_lane(
        self,
        sink: FakeSink,
        name: str = "incidents",
        credential: str | None = None,
        **manners: Any,
    ) -> Dispatcher:
        lane = Dispatcher(
            Destination(name=name, sink=sink, **manners),
            archive=self.archive,
            clock=self.clock,
            dice=self.dice,
            metrics=self.metrics,
            notify=self.notify,
            calendar=lambda _: tuple(self.silences),
        )
        self.subscriptions.append(
            Subscription(sink=name, key_for=sink.key_for, rules=lane.rules, credential=credential)
        )
        self.lanes.append(lane)
        return lane

    def make_poller(
        self,
        box: FakeBox,
        name: str = "sbc-1",
        credentials: Credentials | None = None,
        **manners: Any,
    ) -> Poller:
        return Poller(
            Target(
                facts=facts_of(name),
                manners=replace(MANNERS, **manners),
                credentials=credentials,
            ),
            client=AlarmsClient(name, box),
            here=Surroundings(
                archive=self.archive,
                recorder=self.recorder,
                clock=self.clock,
                dice=self.dice,
                metrics=self.metrics,
            ),
        )

    async def raise_alarm(self, number: int = 1, device: str = "sbc-1", **other: Any) -> Alarm:
        """Have an alarm raised, as a poller would."""
        alarm = Alarm(
            id=f"alarm-{number}",
            device=device,
            severity=Severity.MAJOR,
            description=f"Trunk {number} is down",
            device_alarm_id=str(number),
            seen_at=self.clock.now(),
            **other,
        )
        sequence = (await self.recorder.load(device)).sequence + 1
        await self.tell(tell_raised(alarm, sequence=sequence, now=self.clock.now()))
        return alarm

    async def change_alarm(self, alarm: Alarm, severity: Severity) -> Alarm:
        sequence = (await self.recorder.load(alarm.device)).sequence + 1
        event = tell_changed(
            replace(alarm, severity=severity),
            previous_severity=alarm.severity,
            sequence=sequence,
            now=self.clock.now(),
        )
        await self.tell(event)
        return event.alarm

    async def clear_alarm(self, alarm: Alarm) -> None:
        closed = replace(alarm, state=State.CLEARED, clear_reason=ClearReason.DEVICE)
        sequence = (await self.recorder.load(alarm.device)).sequence + 1
        await self.tell(tell_cleared(closed, sequence=sequence, now=self.clock.now()))

    async def tell(self, *events: Event) -> None:
        device = events[0].alarm.device
        held = await self.recorder.load(device)
        facts = facts_of(device) if device else None
        await self.recorder.record(held, Decision(events=events), facts=facts)

    def count(self, name: str, **labels: str) -> float:
        """Say what a metric shows."""
        return self.metrics.registry.get_sample_value(f"alarmbridge_{name}", labels) or 0.0

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        async with self.archive.read() as tx:
            return [tuple(row) for row in (await tx.execute(text(sql))).rows]

    async def events(self) -> list[tuple[str, str]]:
        """All events in order: the kind, and the alarm's name or id on the device."""
        return [
            (str(kind), str(about))
            for kind, about in await self.rows(
                "SELECT e.kind, coalesce(a.name, a.device_alarm_id) FROM events e"
                " JOIN alarms a ON a.id = e.alarm_id ORDER BY e.position"
            )
        ]

    async def deliveries(self, sink: str = "incidents") -> list[tuple[str, str, str | None]]:
        """All deliveries to a sink in order: kind, state, reason."""
        rows = await self.rows("SELECT kind, state, reason, sink FROM deliveries ORDER BY id")
        return [(kind, state, reason) for kind, state, reason, to in rows if to == sink]

    async def spells(self) -> list[BlindSpell]:
        async with self.archive.read() as tx:
            return list((await list_spells(tx)).items)


def facts_of(name: str) -> DeviceFacts:
    return DeviceFacts(name=name, url=f"https://{name}", tags={"site": "ams"})


async def work(lane: Dispatcher) -> None:
    """Step until the lane finds nothing more to do and nothing is under way."""
    while await lane.step() or lane._flying:
        await asyncio.gather(*(attempt.task for attempt in lane._flying), return_exceptions=True)
