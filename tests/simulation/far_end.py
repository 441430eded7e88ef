"""The far end of a sink: accepts, refuses, hangs and loses answers, and remembers what it took."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from zlib import crc32

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.delivery import Notice
from alarmbridge.core.errors import SinkError
from alarmbridge.sinks.base import Sink

_FOR_EVER = 1e9


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One notice that the far end took, at a virtual moment."""

    at: float
    notice: Notice


class FarEnd:
    """One destination; it outlives the daemon's lives. `mode` is how it behaves just now."""

    def __init__(self, name: str, *, seed: str, tell: Callable[..., None]) -> None:
        self.name = name
        self.mode = "well"
        self.accepted: list[Acceptance] = []
        self.buried: set[str] = set()
        self.poison = 0.0
        self.poison_status = 400
        self._tell = tell
        self._dice = Random(f"{seed}/far end/{name}")
        self._salt = f"{seed}/{name}/"

    def heal(self) -> None:
        """Behave from now on. What is refused for good stays so."""
        self.mode = "well"
        if self.poison_status != 400:
            self.poison = 0.0

    def is_poisoned(self, alarm_id: str) -> bool:
        """Whether nothing about this alarm is ever taken."""
        return crc32((self._salt + alarm_id).encode()) % 1000 < self.poison * 1000

    async def take(self, notice: Notice) -> str:
        """Treat a notice as the mode has it; SinkError unless it is accepted in the end."""
        await asyncio.sleep(0.002 + 0.1 * self._dice.random())
        mode = self.mode
        if mode == "outage":
            raise SinkError(f"{self.name} cannot be reached")
        if mode == "refuse":
            raise SinkError(f"{self.name} answered HTTP 503")
        if mode == "busy":
            wait = timedelta(seconds=40 * self._dice.random())
            raise SinkError(f"{self.name} answered HTTP 429", retry_after=wait)
        if mode == "hang":
            await asyncio.sleep(_FOR_EVER)
        if self.is_poisoned(notice.alarm_id):
            final = self.poison_status == 400
            if final:
                self.buried.add(notice.event_id)
            raise SinkError(f"{self.name}: HTTP {self.poison_status}", permanent=final)
        if mode == "slow":
            await asyncio.sleep(9 * self._dice.random())
        now = asyncio.get_running_loop().time()
        self.accepted.append(Acceptance(now, notice))
        self._tell("accept", self.name, notice.event_id, notice.kind)
        await asyncio.sleep(0.002 + 0.1 * self._dice.random())
        if mode == "lose":
            raise SinkError(f"{self.name} hung up before it answered")
        return "HTTP 204"


class ModelSink(Sink):
    """The port to a far end, made anew in each life of the daemon."""

    def __init__(self, far_end: FarEnd, *, shared: bool = False) -> None:
        self._far_end = far_end
        self.key_is_shared = shared

    async def deliver(self, notice: Notice) -> str | None:
        """Hand it over."""
        return await self._far_end.take(notice)

    async def aclose(self) -> None:
        """Hold nothing."""

    def key_for(self, alarm: Alarm, tags: Mapping[str, str]) -> str:  # noqa: ARG002 - the seam's
        """Use a key of its own form, so that a mixed-up key shows; shared, one of many alarms."""
        about = (alarm.device, alarm.oid, alarm.source) if self.key_is_shared else (alarm.id,)
        return f"{self._far_end.name}/{about}"
