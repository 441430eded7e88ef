"""How reading a device fails: counted, an alarm once it has come to that, and over again."""

import logging
from datetime import datetime

from alarmbridge.core.bridge import (
    DEVICE_LOGIN_FAILED,
    DEVICE_UNREACHABLE,
    DEVICE_UNREADABLE,
)
from alarmbridge.core.decision import Held
from alarmbridge.core.errors import DeviceError, LoginFailed
from alarmbridge.core.health import (
    TROUBLES,
    Health,
    Refusal,
    after_failure,
    after_success,
    declare,
    pause_after_failure,
    recover,
    trouble_of,
    wait_after_refusal,
)
from alarmbridge.core.payload import DeviceFacts
from alarmbridge.runtime.recorder import Blind, Sighted
from alarmbridge.runtime.surroundings import Surroundings, Target
from alarmbridge.store.blind_spells import SpellKind
from alarmbridge.store.devices import load_refusal

_log = logging.getLogger(__name__)

_SPELLS = {
    DEVICE_LOGIN_FAILED: SpellKind.LOGIN,
    DEVICE_UNREACHABLE: SpellKind.UNREACHABLE,
    DEVICE_UNREADABLE: SpellKind.UNREADABLE,
}


class Troubles:
    """The health of one device's reads, and the alarms of the bridge's own that stand for it."""

    __slots__ = ("_failing_since", "_here", "_target", "health", "known")

    def __init__(self, target: Target, here: Surroundings) -> None:
        self._target = target
        self._here = here
        self._failing_since: datetime | None = None
        self.health = Health()
        self.known = target.credentials is None
        """Whether it is known what became of these credentials before this life."""

    async def look_back(self) -> float:
        """Find, once, whether these very credentials were refused before this life.

        Otherwise a restart would be a second guess, and many of them would lock the user out.
        Returns the seconds to wait before they are tried again, 0.0 where they may be now.
        """
        target, here = self._target, self._here
        async with here.archive.read() as tx:
            refusal = await load_refusal(tx, target.name)
        self.known = True
        if target.credentials is None or refusal is None:
            return 0.0
        wait = wait_after_refusal(refusal, target.manners, now=here.clock.now())
        if not wait or not await target.credentials.match(refusal.digest):
            return 0.0
        self.health = after_failure(
            self.health,
            DEVICE_LOGIN_FAILED,
            unreachable_after=target.manners.unreachable_after,
        )
        _log.warning(
            "%s: these credentials were refused before; they are tried again in %.0f s",
            target.name,
            wait.total_seconds(),
        )
        return wait.total_seconds()

    def note_success(self) -> None:
        """Note that the device was asked and answered well."""
        self.health = after_success(self._here.clock.now())
        self._failing_since = None

    async def suffer(self, error: DeviceError, *, facts: DeviceFacts) -> float:
        """Count a failed read, and raise an alarm when that is what it has come to.

        Returns the seconds to wait before the next one.
        """
        here, target, now = self._here, self._target, self._here.clock.now()
        kind, before = trouble_of(error), self.health
        self._failing_since = self._failing_since or before.good_at or now
        health = after_failure(before, kind, unreachable_after=target.manners.unreachable_after)
        here.metrics.failed_polls.inc()
        here.metrics.failed_reads.labels(kind).inc()
        if health.misses == 1:
            _log.warning("%s", self._in_words(error))
        refusal = await self._refusal(error, now)
        if health.trouble is not None and (refusal or health.trouble != before.trouble):
            held = await here.recorder.load(target.name)
            decision = declare(held, health.trouble, words=str(error), now=now)
            blind = Blind(kind=_SPELLS[kind], since=self._failing_since, reason=str(error))
            await here.recorder.record(
                held,
                decision,
                facts=facts,
                sight=None if decision.empty else blind,
                refusal=refusal,
            )
        if health.trouble != before.trouble:
            _log.error("%s; raised %s", self._in_words(error), health.trouble)
        self.health = health
        return pause_after_failure(health, target.manners).total_seconds()

    async def end(self, held: Held, *, facts: DeviceFacts) -> Held:
        """End the alarms that say that it cannot be read; returns what is held then."""
        if not any(alarm.name in TROUBLES for alarm in held.own):
            return held
        here, name = self._here, self._target.name
        decision = recover(held, now=here.clock.now())
        await here.recorder.record(held, decision, facts=facts, sight=Sighted())
        _log.info("%s: can be read again", name)
        return await here.recorder.load(name)

    def _in_words(self, error: DeviceError) -> str:
        name, words = self._target.name, str(error)
        return words if words.startswith(name) else f"{name}: {words}"

    async def _refusal(self, error: DeviceError, now: datetime) -> Refusal | None:
        credentials = self._target.credentials
        if credentials is None or not isinstance(error, LoginFailed):
            return None
        return Refusal(at=now, digest=await credentials.digest())
