"""Drains one sink's deliveries: take, judge, deliver, decide, record."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from alarmbridge.core import lane as lanes
from alarmbridge.core.delivery import Delivery, DeliveryState, Outcome
from alarmbridge.core.errors import SinkError
from alarmbridge.core.lane import Lane
from alarmbridge.core.noise import Rate, Rules
from alarmbridge.core.retry import Patience, after_acceptance, after_refusal
from alarmbridge.runtime.failures import failure_of
from alarmbridge.runtime.gate import Calendar, Gate, Sorted, no_calendar
from alarmbridge.runtime.notices import Notices
from alarmbridge.runtime.ports import Bell, Clock, Dice
from alarmbridge.runtime.refresh import Refresh
from alarmbridge.runtime.skew import Skew
from alarmbridge.runtime.throttle import Throttle
from alarmbridge.sinks.base import Sink
from alarmbridge.sinks.templates import Templates
from alarmbridge.store.archive import Archive
from alarmbridge.store.lanes import record, release, release_all, take
from alarmbridge.store.transaction import Transaction
from alarmbridge.telemetry.metrics import Metrics

_log = logging.getLogger(__name__)

_LONGEST_PAUSE = 1.0
_GRACE = timedelta(seconds=5)
_GATHERED_AT_ONCE = 1000
# Attempts that a refresh may take the time of, since it is many requests.
_REFRESH_TAKES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A sink and the manners of its lane.

    timeout: the longest that one attempt may take. repeat: how often what stands is told again.
    """

    name: str
    sink: Sink
    concurrency: int = 8
    timeout: timedelta = timedelta(seconds=15)
    patience: Patience = field(default_factory=Patience)
    templates: Templates = field(default_factory=Templates)
    rules: Rules = field(default_factory=Rules)
    repeat: timedelta | None = None
    rate_limit: Rate | None = None


@dataclass(slots=True)
class _Attempt:
    deliveries: Sequence[Delivery]
    task: asyncio.Task[str | None]
    late: str | None


class Dispatcher:
    """The lane of one sink.

    Order per alarm comes from the archive: only the oldest pending delivery of an alarm is
    taken, and the next one only once that is settled and recorded.
    """

    def __init__(
        self,
        destination: Destination,
        *,
        archive: Archive,
        clock: Clock,
        dice: Dice,
        metrics: Metrics,
        notify: Bell,
        calendar: Calendar = no_calendar,
    ) -> None:
        self.name = f"sink {destination.name}"
        self.destination = destination.name
        self.sink = destination.sink
        self.rules = destination.rules
        self.repeat_every = destination.repeat
        self.rate_limit = destination.rate_limit
        self.bell = Bell()
        self.delay = 0.0
        self.pause = _LONGEST_PAUSE
        self.lane = Lane()
        self.tried = False
        self._to = destination
        self._archive = archive
        self._clock = clock
        self._dice = dice
        self._metrics = metrics
        self._notify = notify
        self._flying: list[_Attempt] = []
        self._skew = Skew(clock)
        self._gate = Gate(destination.name, destination.rules, calendar, since=clock.now())
        self._notices = Notices(destination.name, destination.templates)
        self._throttle = Throttle(destination.rate_limit, clock=clock)
        self._refresh = Refresh(
            destination.name,
            destination.sink,
            self._notices,
            archive=archive,
            clock=clock,
            limit=_REFRESH_TAKES * destination.timeout,
            ring=self.bell.ring,
        )

    async def step(self) -> bool:
        """Record what has come back, send what is due; say whether there was any of it."""
        await self._mind_the_clock()
        landed = await self._record_landed()
        await self._note_refresh()
        sent = await self._send_or_refresh()
        self.pause = self._pause()
        return landed or sent

    async def finish(self, within: float) -> None:
        """Wait for what is under way, at most this many seconds, and record how it went.

        What is cut off then has not failed: it stays owed as though it had not been tried.
        """
        tasks = [attempt.task for attempt in self._flying]
        if tasks:
            await asyncio.wait(tasks, timeout=within)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._refresh.cancel()
        self._flying = [attempt for attempt in self._flying if not attempt.task.cancelled()]
        try:
            await self._record_landed()
        finally:
            await self._to.sink.aclose()

    async def _mind_the_clock(self) -> None:
        """Release everything when the wall clock was set back, or it would wait out the step."""
        if back := self._skew.set_back_by():
            now = self._clock.now()
            _log.warning("%s: the clock was set back by %.0f s", self.name, back)
            async with self._archive.begin() as tx:
                await release_all(tx, self._to.name, next_at=now)
            self.lane = replace(self.lane, probe_at=self.lane.probe_at and now)
            self._gate.since = min(self._gate.since, now)
        self._skew.settle()

    async def _send_or_refresh(self) -> bool:
        if self.lane.failing and self._refresh.failed:
            # It lets a delivery probe, or one that fails by its own fault would take every probe.
            sent = await self._send_due()
            if self._flying:
                self._refresh.failed = False
                return sent
        return False if self._refreshes() else await self._send_due()

    def _refreshes(self) -> bool:
        """Say whether the lane is left to a refresh; begin one that is due.

        Not beside deliveries, or a clear could be overtaken by a refresh that still lacks it.
        """
        if not self._refresh.under_way and self._refresh.due and self._lane_room() > 0:
            if not self._flying:
                self._refresh.start()
            return True
        return self._refresh.under_way

    def _lane_room(self) -> int:
        return lanes.room(self.lane, concurrency=self._to.concurrency, now=self._clock.now())

    async def _send_due(self) -> bool:
        now = self._clock.now()
        room = self._throttle.bound(self._lane_room() - len(self._flying))
        if room <= 0:
            return False
        async with self._archive.read() as tx:
            due, passed = await self._look(tx, now, room)
            if passed.gathers:
                due, passed = await self._look(tx, now, _GATHERED_AT_ONCE)
        for batch in passed.batches[:room]:
            late = self._throttle.note(batch[0])
            task = asyncio.create_task(self._attempt(batch), name=f"deliver {batch[0].id}")
            task.add_done_callback(lambda _: self.bell.ring())
            self._flying.append(_Attempt(batch, task, late))
        await self._record(passed.outcomes)
        return bool(due)

    async def _look(
        self, tx: Transaction, now: datetime, limit: int
    ) -> tuple[Sequence[Delivery], Sorted]:
        due = await take(
            tx,
            self._to.name,
            now=now,
            limit=limit,
            # Whole alarms: what was replayed waits for what it was put before and is under way,
            # or nobody could tell which of them the far end took last.
            exclude={one.alarm_id for attempt in self._flying for one in attempt.deliveries},
            by_key=self._to.sink.key_is_shared,
        )
        return due, await self._gate.sort(tx, due, now=now)

    async def _attempt(self, batch: Sequence[Delivery]) -> str | None:
        notice = self._notices.gather(batch, sent_at=self._clock.now())
        limit = self._to.timeout + _GRACE
        try:
            async with asyncio.timeout(limit.total_seconds()):
                return await self._to.sink.deliver(notice)
        except TimeoutError as error:
            raise SinkError(f"no answer within {limit.total_seconds():g} s") from error

    async def _record_landed(self) -> bool:
        landed = [attempt for attempt in self._flying if attempt.task.done()]
        if not landed:
            return False
        now, before, released = self._clock.now(), self.lane, frozenset[int]()
        lane, outcomes = before, []
        for attempt in landed:
            outcome, lane, back = self._judge(attempt, lane, now)
            outcomes += outcome
            released |= back
        await self._record(outcomes, released - {outcome.delivery_id for outcome in outcomes})
        self._note_latency(landed, outcomes)
        # Not before it is recorded, or a step that the archive refused would be judged twice.
        self.lane = lane
        # Only now may the next delivery of the same alarms be taken, or a clear could be sent
        # from a record that still calls its raise pending.
        self._flying = [attempt for attempt in self._flying if attempt not in landed]
        self._tell(before)
        return True

    def _judge(
        self, attempt: _Attempt, lane: Lane, now: datetime
    ) -> tuple[list[Outcome], Lane, frozenset[int]]:
        """Say what came of an attempt: its outcomes, the lane after it, whom that releases."""
        batch = attempt.deliveries
        error = failure_of(attempt.task, self.name)
        if error is None:
            answer = attempt.task.result()
            taken = [
                after_acceptance(one, answer=answer, now=now, reason=attempt.late) for one in batch
            ]
            return taken, *lanes.after_acceptance(lane)
        lane = self._after_failure(lane, batch[0].id, error, now)
        # One throw for all of a batch, so that they stay together.
        dice = self._dice.random()
        refused = [
            after_refusal(one, error, patience=self._to.patience, now=now, dice=dice)
            for one in batch
        ]
        return refused, lane, frozenset()

    def _after_failure(self, lane: Lane, delivery_id: int, error: SinkError, now: datetime) -> Lane:
        if error.gone:
            return lanes.after_gone(lane, reason=error.reason, now=now)
        if error.permanent:
            return lane
        return lanes.after_failure(
            lane, delivery_id, reason=error.reason, now=now, retry_after=error.retry_after
        )

    async def _note_refresh(self) -> None:
        """Take a refresh that failed for a failure of the far end, and one that did not alike."""
        before = self.lane
        match self._refresh.take_result():
            case SinkError() as error:
                self.lane = self._after_failure(before, _NO_DELIVERY, error, self._clock.now())
            case True:
                lane, released = lanes.after_acceptance(before)
                await self._record([], released)
                self.lane = lane
            case None:
                return
        self._tell(before)

    async def _record(
        self, outcomes: Sequence[Outcome], released: frozenset[int] = frozenset()
    ) -> None:
        if not outcomes and not released:
            return
        # Otherwise a storm's syncs would all be stored before the first of them is delivered.
        async with self._archive.begin(urgent=True) as tx:
            await record(tx, outcomes)
            if released:
                await release(tx, self._to.name, released, next_at=self._clock.now())
        for outcome in outcomes:
            self._metrics.deliveries.labels(self._to.name, outcome.state.value).inc()
            if outcome.state is DeliveryState.DEAD:
                _log.error(
                    "%s: gave up delivery %d: %s", self.name, outcome.delivery_id, outcome.reason
                )

    def _note_latency(self, landed: Sequence[_Attempt], outcomes: Sequence[Outcome]) -> None:
        owed_at = {one.id: one.created_at for attempt in landed for one in attempt.deliveries}
        latency = self._metrics.delivery_latency.labels(self._to.name)
        for outcome in outcomes:
            if outcome.state is DeliveryState.DELIVERED:
                latency.observe((outcome.at - owed_at[outcome.delivery_id]).total_seconds())

    def _tell(self, before: Lane) -> None:
        """Log a change of state, and have the bridge's own alarms reviewed."""
        # One failure proves nothing: after a restart the sink's alarm may stand, and be right.
        self.tried = self.tried or self.lane.alarming or not self.lane.failures
        if self.lane.shut and not before.shut:
            _log.error(
                "%s: shut, nothing more is sent until a restart: %s", self.name, self.lane.shut
            )
        elif self.lane.failing and not before.failing:
            _log.warning("%s: failing: %s", self.name, self.lane.reason)
        elif before.failing and not self.lane.failing:
            _log.info("%s: well again", self.name)
        if (self.lane.alarming, self.lane.shut) != (before.alarming, before.shut):
            self._notify.ring()

    def _pause(self) -> float:
        """Say how long nothing can be due; the archive is asked again at least once a second."""
        probe_at, now = self.lane.probe_at, self._clock.now()
        probe = (probe_at - now).total_seconds() if probe_at is not None else 0.0
        return min(wait for wait in (_LONGEST_PAUSE, probe, self._throttle.wait) if wait > 0)


_NO_DELIVERY = 0
