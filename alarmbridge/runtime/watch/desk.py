"""How a round has what it found decided and stored."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from alarmbridge.core.bridge import keep_own, pass_by
from alarmbridge.core.decision import Decision, Held
from alarmbridge.core.errors import StaleClaim
from alarmbridge.core.payload import DeviceFacts
from alarmbridge.mediant.inspector import Inspector
from alarmbridge.runtime.ports import Clock
from alarmbridge.runtime.recorder import Also, Recorder
from alarmbridge.store.archive import Archive

_TRIES = 5

Wanted = Mapping[tuple[str, str], str]
"""Which alarms are to stand: by name and subject, the words."""

_NO_WORDS: Mapping[tuple[str, str], str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What all rounds of one device share. facts: what events say of the device now."""

    device: str
    inspector: Inspector
    archive: Archive
    recorder: Recorder
    clock: Clock
    facts: Callable[[], DeviceFacts]

    async def keep(
        self,
        wanted: Callable[[Wanted], Wanted],
        *,
        names: Collection[str],
        cleared: str,
        cleared_as: Mapping[tuple[str, str], str] = _NO_WORDS,
    ) -> None:
        """Have exactly the wanted alarms of these names stand.

        wanted: is told which do, and says which shall. cleared_as: the words of an end, by name
        and subject; cleared: those of any other.
        """

        def decide(held: Held, now: datetime) -> Decision:
            standing = {
                (alarm.name or "", alarm.device_alarm_id or ""): alarm.description
                for alarm in held.own
                if alarm.name in names
            }
            return keep_own(
                held,
                wanted(standing),
                names=names,
                now=now,
                cleared=cleared,
                cleared_as=cleared_as,
            )

        await self._settle(decide)

    async def pass_by(
        self, name: str, *, subject: str, words: str, cleared: str, also: Also
    ) -> None:
        """Tell of what is over at once, and store more in the same transaction."""

        def decide(held: Held, now: datetime) -> Decision:
            return Decision(
                events=pass_by(
                    name,
                    device=self.device,
                    subject=subject,
                    words=words,
                    cleared=cleared,
                    sequence=held.sequence + 1,
                    now=now,
                )
            )

        await self._settle(decide, also)

    async def _settle(
        self, decide: Callable[[Held, datetime], Decision], also: Also | None = None
    ) -> None:
        """Decide by what is held, anew where the poller was quicker; nothing is asked again."""
        for left in reversed(range(_TRIES)):
            held = await self.recorder.load(self.device)
            decision = decide(held, self.clock.now())
            try:
                await self.recorder.record(held, decision, facts=self.facts(), also=also)
            except StaleClaim:
                if not left:
                    raise
            else:
                return
