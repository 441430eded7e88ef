"""One life of the daemon: its real engine, on ports of the simulation."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

import aiohttp

from alarmbridge.core.filters import Match
from alarmbridge.core.health import Manners
from alarmbridge.core.payload import DeviceFacts
from alarmbridge.core.routing import Subscription
from alarmbridge.core.silence import Silence
from alarmbridge.mediant.access import Access
from alarmbridge.mediant.client import AlarmsClient
from alarmbridge.mediant.http import HttpTransport
from alarmbridge.runtime.chores import StatusKeeper, Sweep
from alarmbridge.runtime.dispatcher import Destination
from alarmbridge.runtime.engine import Engine, Kinds
from alarmbridge.runtime.life import Life
from alarmbridge.runtime.loop import Stop
from alarmbridge.runtime.poller import Poller
from alarmbridge.runtime.ports import Bell
from alarmbridge.runtime.schedule import Chore
from alarmbridge.runtime.surroundings import Target
from alarmbridge.store.devices import DeviceEntry, register_devices
from alarmbridge.store.inline import InlineArchive
from alarmbridge.telemetry.metrics import Metrics

from .device_world import EPOCH, PASSWORD
from .far_end import FarEnd, ModelSink
from .line import ModelSession
from .loop import SimLoop
from .plan import CALM, CalmPlan, DevicePlan

MANNERS = Manners(auth_retry=timedelta(minutes=5))
MAX_CONNECTIONS = 2
_SWEEP_EVERY = 5.0
_STATUS_EVERY = 120.0


class SimClock:
    """The loop's time, and a wall clock that somebody may set."""

    def __init__(self, loop: SimLoop) -> None:
        self._loop = loop
        self.skew = 0.0

    def now(self) -> datetime:
        """Say what the wall shows."""
        return datetime.fromtimestamp(EPOCH + self._loop.time() + self.skew, UTC)

    def monotonic(self) -> float:
        """Say how many seconds have gone by."""
        return self._loop.time()

    async def wait(self, bell: Bell, seconds: float) -> None:
        """Wait until the bell rings, at most this long."""
        waiter = bell.arm()
        if waiter is None:
            return
        timer = self._loop.call_later(seconds, _wake, waiter)
        try:
            await waiter
        finally:
            timer.cancel()
            bell.disarm()


def _wake(waiter: "asyncio.Future[None]") -> None:
    if not waiter.done():
        waiter.set_result(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The classes that a life is made of; a planted bug hands in another one."""

    kinds: Kinds = field(default_factory=Kinds)
    client: type[AlarmsClient] = AlarmsClient
    archive: type[InlineArchive] = InlineArchive


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a life stands on, all of which survives it."""

    loop: SimLoop
    clock: SimClock
    session: ModelSession
    devices: Sequence[DevicePlan]
    far_ends: Sequence[FarEnd]
    parts: Parts = field(default_factory=Parts)
    calm: CalmPlan = field(default_factory=CalmPlan)


def _way_to(far_end: FarEnd, calm: CalmPlan) -> tuple[Destination, Subscription]:
    sink = ModelSink(far_end, shared=far_end.name == CALM and calm.shared)
    destination = Destination(name=far_end.name, sink=sink)
    if far_end.name == CALM:
        destination = replace(destination, rules=calm.rules, rate_limit=calm.rate)
    return destination, Subscription(
        sink=far_end.name, key_for=sink.key_for, rules=destination.rules
    )


def _silence(number: int, planned: tuple[float, float, str]) -> Silence:
    since, until, who = planned
    return Silence(
        id=f"plan/{number}",
        match=Match(devices=(who,) if who else ()),
        starts_at=datetime.fromtimestamp(EPOCH + since, UTC),
        ends_at=datetime.fromtimestamp(EPOCH + until, UTC),
    )


class NowAndThen:
    """Stands in for APScheduler, whose clock is the machine's."""

    def __init__(self, chore: Chore, every: float) -> None:
        self.name = chore.name
        self.bell = Bell()
        self.delay = self.pause = every
        self._chore = chore

    async def step(self) -> bool:
        """Do the chore; there is never more to do."""
        await self._chore.run()
        return False


class Daemon:
    """One life of the engine that `app.Program` runs."""

    def __init__(self, ground: Ground, archive: InlineArchive, dice: Random) -> None:
        self.metrics = Metrics()
        self.registered = False
        self._ground = ground
        self._archive = archive
        self._life = Life(clock=ground.clock, metrics=self.metrics)
        silences = [_silence(*numbered) for numbered in enumerate(ground.calm.silences)]
        self._engine = Engine(
            [_way_to(far_end, ground.calm) for far_end in ground.far_ends],
            archive=archive,
            clock=ground.clock,
            dice=dice,
            metrics=self.metrics,
            calendar=lambda _: silences,
            kinds=ground.parts.kinds,
        )
        for plan in ground.devices:
            self._follow(plan)
        self._chores = (
            NowAndThen(Sweep(self._engine.pollers, clock=ground.clock), _SWEEP_EVERY),
            NowAndThen(StatusKeeper(self._engine.pollers, archive=archive), _STATUS_EVERY),
        )

    @property
    def pollers(self) -> Sequence[Poller]:
        """The loops of the devices."""
        return self._engine.pollers

    @property
    def stop(self) -> Stop:
        """The wish to stop."""
        return self._life.stop

    async def run(self) -> None:
        """Register the devices, then run every loop until the wish to stop."""
        entries = [
            DeviceEntry(name=plan.name, url=f"http://{plan.name}") for plan in self._ground.devices
        ]
        async with self._archive.begin() as tx:
            await register_devices(tx, entries, now=self._ground.clock.now())
        self.registered = True
        await self._life.run([*self._engine.loops, *self._chores], self._engine.lanes)

    def _follow(self, plan: DevicePlan) -> None:
        ground = self._ground
        url = f"http://{plan.name}"
        line = HttpTransport(
            ground.session,  # type: ignore[arg-type]
            Access(
                name=plan.name,
                url=url,
                username="monitor",
                password=PASSWORD,
                max_connections=MAX_CONNECTIONS,
            ),
            True,
            aiohttp.ClientTimeout(total=10.0),
            clock=ground.clock.monotonic,
        )
        target = Target(
            facts=DeviceFacts(name=plan.name, url=url),
            manners=MANNERS,
            active_table_size=plan.habits.active_cap,
            history_table_size=plan.habits.history_cap,
        )
        self._engine.follow(target, ground.parts.client(plan.name, line))
