"""A simulated device, looked after by rounds over a real archive, without sockets."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from runtime_cases import Bridge, facts_of

from alarmbridge.core.bridge import DEVICE_LOGIN_FAILED
from alarmbridge.core.errors import LoginFailed, Unreachable
from alarmbridge.core.health import after_failure, after_success
from alarmbridge.mediant.inspector import Inspector
from alarmbridge.mediant.transport import NO_QUERY, Answer
from alarmbridge.runtime.watch.desk import Desk
from alarmbridge.runtime.watch.watcher import Round, Watcher
from alarmbridge.simulator.device import Device
from alarmbridge.simulator.habits import Habits
from alarmbridge.simulator.login import Level, Login
from alarmbridge.simulator.model import Mediant

HOUR = timedelta(hours=1)


class ModelLine:
    """A line to a simulated device at the bridge's time. down: nobody answers."""

    def __init__(self, bridge: Bridge, device: Device) -> None:
        self._bridge = bridge
        self._device = device
        self.down = False
        self.asked: list[str] = []

    async def get(self, path: str, query: Mapping[str, str] = NO_QUERY) -> Answer:
        return await self.inspect(path, query)

    async def inspect(self, path: str, query: Mapping[str, str] = NO_QUERY) -> Answer:
        self.asked.append(path)
        if self.down:
            raise Unreachable("sbc-1 cannot be reached")
        now = self._bridge.clock.now().timestamp()
        login = self._device.login.authorization
        answer = self._device.handle(path, query, now, authorization=login).answer
        if answer.status == 401:
            raise LoginFailed("sbc-1 refused the password")
        kind = answer.headers.get("Content-Type", "")
        return Answer(answer.status, kind, answer.body, 0.0, 0.1)

    def allow_login(self) -> None:
        """Nothing was refused."""


class Watched:
    """A device with what looks after it."""

    def __init__(self, bridge: Bridge, *, level: Level = "admin", **habits: Any) -> None:
        self.bridge = bridge
        now = bridge.clock.now().timestamp()
        self.model = Mediant("sbc-1", seed=3, now=now - 86400, habits=Habits(**habits))
        self.device = Device(self.model, Login("admin", "right", level=level))
        self.line = ModelLine(bridge, self.device)
        self.health = after_success(bridge.clock.now())
        self.desk = Desk(
            device="sbc-1",
            inspector=Inspector("sbc-1", self.line),
            archive=bridge.archive,
            recorder=bridge.recorder,
            clock=bridge.clock,
            facts=lambda: facts_of("sbc-1"),
        )

    @property
    def now(self) -> float:
        return self.bridge.clock.now().timestamp()

    def watcher(self, *rounds: Round) -> Watcher:
        return Watcher(
            "sbc-1",
            rounds,
            health=lambda: self.health,
            clock=self.bridge.clock,
            dice=self.bridge.dice,
        )

    def poll(self, *, refused: bool = False) -> None:
        """Have its poller look once more, and be refused or read it without trouble."""
        now = self.bridge.clock.now()
        self.health = (
            after_failure(self.health, DEVICE_LOGIN_FAILED, unreachable_after=3)
            if refused
            else after_success(now)
        )

    async def standing(self) -> list[tuple[str, str]]:
        """Tell the bridge's own alarms that stand, by name and subject."""
        held = await self.bridge.recorder.load("sbc-1")
        return sorted((one.name or "", one.device_alarm_id or "") for one in held.own)

    async def told(self) -> list[tuple[str, str]]:
        """Tell all events, by kind and the alarm's name."""
        return [
            (str(kind), str(name))
            for kind, name in await self.bridge.rows(
                "SELECT events.kind, alarms.name FROM events"
                " JOIN alarms ON alarms.id = events.alarm_id ORDER BY events.position"
            )
        ]
