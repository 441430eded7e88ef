"""What is done from time to time beside polling and delivering; `schedule` says when."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from alarmbridge.core.bridge import DELIVERY_DEAD, SINK_FAILING, keep_own
from alarmbridge.core.delivery import DeliveryState
from alarmbridge.core.holds import SILENCE
from alarmbridge.core.lane import Lane
from alarmbridge.runtime.dispatcher import Dispatcher
from alarmbridge.runtime.gate import Calendar, silences_at
from alarmbridge.runtime.poller import Poller
from alarmbridge.runtime.ports import Bell, Clock
from alarmbridge.runtime.recorder import Recorder
from alarmbridge.store.archive import Archive
from alarmbridge.store.deliveries import count_deliveries
from alarmbridge.store.devices import save_told
from alarmbridge.store.flaps import forget_flaps
from alarmbridge.store.holds import release_held, silences_waited_for
from alarmbridge.store.lanes import bury_orphans, next_due_at
from alarmbridge.store.replay import MOST as AT_ONCE
from alarmbridge.store.replay import list_repeats, repeat
from alarmbridge.store.retention import prune_all

_log = logging.getLogger(__name__)

_FLAPS_KEPT = timedelta(days=14)
_ORPHANS_WAIT = timedelta(days=3)

_STATUSES_AT_ONCE = 100
"""Statements that are quick run in the loop itself: more of them at once would hold it up."""


class Sweep:
    """Has each device's tables read again in time, whatever its lastChange says."""

    name = "full sync"

    def __init__(self, pollers: Sequence[Poller], *, clock: Clock) -> None:
        self._pollers = pollers
        self._clock = clock

    async def run(self) -> None:
        """Ask for a sync wherever one is due; the next look at the device will make it."""
        now = self._clock.monotonic()
        for poller in self._pollers:
            if poller.sync_due <= now:
                poller.request_sync()


class StatusKeeper:
    """Stores what the devices say of themselves, for the restart that comes while we are down.

    And until when their tables were known: otherwise a gap found after quiet weeks and a restart
    of ours would claim all those weeks.
    """

    name = "device status"

    def __init__(self, pollers: Sequence[Poller], *, archive: Archive) -> None:
        self._pollers = pollers
        self._archive = archive

    async def run(self) -> None:
        """Store the latest status of every device that has told one."""
        for start in range(0, len(self._pollers), _STATUSES_AT_ONCE):
            async with self._archive.begin() as tx:
                for poller in self._pollers[start : start + _STATUSES_AT_ONCE]:
                    if (status := poller.status) is not None:
                        await save_told(tx, poller.name, status, read_at=poller.known_until)


class Repeats:
    """Has what stands unacknowledged told again by the sinks that are to repeat it."""

    name = "repeats"

    def __init__(self, lanes: Sequence[Dispatcher], *, archive: Archive, clock: Clock) -> None:
        self._lanes = [(lane, every) for lane in lanes if (every := lane.repeat_every) is not None]
        self._archive = archive
        self._clock = clock

    async def run(self) -> None:
        """Owe again some of what was told last so long ago, where nothing else waits to be told.

        No more than may go at once: news would wait behind it. The next run owes the next.
        """
        now = self._clock.now()
        for lane, every in self._lanes:
            before = now - every
            if not await self._may_repeat(lane, before, now):
                continue
            most = min(AT_ONCE, lane.rate_limit.number) if lane.rate_limit else AT_ONCE
            async with self._archive.begin() as tx:
                await repeat(tx, lane.destination, told_before=before, now=now, limit=most)
            lane.bell.ring()

    async def _may_repeat(self, lane: Dispatcher, before: datetime, now: datetime) -> bool:
        """Look before writing: otherwise every other writer would wait for the look."""
        async with self._archive.read() as tx:
            due_at = await next_due_at(tx, lane.destination)
            if lane.lane.failing or (due_at is not None and due_at <= now):
                return False
            return bool(await list_repeats(tx, lane.destination, told_before=before, limit=1))


class EndedSilences:
    """Has judged anew what is held by a silence that is in force no longer.

    To end a silence lets go of what it holds, but not of what a lane or the recorder was writing
    at that moment: that would be held until the silence would have ended.
    """

    name = "ended silences"

    def __init__(
        self,
        lanes: Sequence[Dispatcher],
        *,
        archive: Archive,
        clock: Clock,
        calendar: Calendar,
    ) -> None:
        self._lanes = lanes
        self._archive = archive
        self._clock = clock
        self._calendar = calendar

    async def run(self) -> None:
        """Let go of what they hold."""
        now = self._clock.now()
        async with self._archive.read() as tx:
            causes = await silences_waited_for(tx, now=now)
            if not causes:
                return
            in_force = {f"{SILENCE}{one.id}" for one in await silences_at(tx, self._calendar, now)}
        ended = causes - in_force
        for cause in sorted(ended):
            async with self._archive.begin() as tx:
                await release_held(tx, cause, now=now)
        if ended:
            for lane in self._lanes:
                lane.bell.ring()


class Retention:
    """Deletes what is older than the archive is to keep, a thousand alarms at a time."""

    name = "retention"

    def __init__(
        self, *, archive: Archive, clock: Clock, keep: timedelta, sinks: Sequence[str]
    ) -> None:
        self._archive = archive
        self._clock = clock
        self._keep = keep
        self._sinks = sinks

    async def run(self) -> None:
        """Bury what is owed to sinks that are gone, prune until nothing is too old, tidy up."""
        now = self._clock.now()
        await self._bury_orphans(now)
        async with self._archive.begin() as tx:
            await forget_flaps(tx, now - _FLAPS_KEPT)
        pruned = await prune_all(self._archive, now - self._keep)
        if pruned:
            _log.info("retention: deleted %d alarms older than %s", pruned, self._keep)

    async def _bury_orphans(self, now: datetime) -> None:
        total, buried = 0, 1
        while buried:
            async with self._archive.begin() as tx:
                buried = await bury_orphans(tx, self._sinks, before=now - _ORPHANS_WAIT, now=now)
            total += buried
        if total:
            _log.warning(
                "retention: gave up %d deliveries to sinks that are configured no longer", total
            )


class SelfReport:
    """Raises and clears the bridge's own alarms about its sinks; woken by the lanes."""

    name = "self-report"
    delay = 0.0
    pause = 15.0

    def __init__(
        self,
        lanes: Sequence[Dispatcher],
        *,
        archive: Archive,
        recorder: Recorder,
        clock: Clock,
        bell: Bell,
    ) -> None:
        self.bell = bell
        self.lanes = lanes
        self._archive = archive
        self._recorder = recorder
        self._clock = clock

    async def step(self) -> bool:
        """Compare what should stand with what does; store the difference. Never more to do."""
        held = await self._recorder.load("")
        async with self._archive.read() as tx:
            counts = await count_deliveries(tx, (DeliveryState.DEAD,))
        said = {
            one.device_alarm_id: one.description for one in held.own if one.name == SINK_FAILING
        }
        wanted = self._failing(said) | self._dead(counts)
        decision = keep_own(
            held, wanted, names=(SINK_FAILING, DELIVERY_DEAD), now=self._clock.now()
        )
        await self._recorder.record(held, decision, facts=None)
        return False

    def _failing(self, standing: Mapping[str | None, str]) -> dict[tuple[str, str], str]:
        """Word the alarms of sinks that fail. standing: the words of those that stand, by sink."""
        wanted = {}
        for lane in self.lanes:
            sink, said = lane.destination, standing.get(lane.destination)
            if lane.lane.alarming:
                wanted[SINK_FAILING, sink] = _word_failing(sink, lane.lane, said)
            elif said is not None and not lane.tried:
                # It knows of no success yet, nor of enough failures: it cannot say how its sink is.
                wanted[SINK_FAILING, sink] = said
        return wanted

    def _dead(self, counts: Mapping[tuple[str, DeliveryState], int]) -> dict[tuple[str, str], str]:
        # Not of a sink that is gone: to replay them would only bury them again, so that the
        # alarm would stand until they are old.
        return {
            (DELIVERY_DEAD, lane.destination): f"Deliveries to {lane.destination} were given up;"
            " see: alarmbridge deliveries list --state dead"
            for lane in self.lanes
            if counts.get((lane.destination, DeliveryState.DEAD))
        }


def _word_failing(sink: str, lane: Lane, said: str | None) -> str:
    if lane.shut is not None:
        return f"Sink {sink} is shut, nothing more is sent until a restart: {lane.shut}"
    failing = f"Sink {sink} is failing: "
    # The reason that came first stays: some come and go, and each would be a change.
    return said if said and said.startswith(failing) else f"{failing}{lane.reason}"
