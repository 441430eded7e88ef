"""Drains one sink's deliveries: take, deliver, decide, record."""

import asyncio
import logging
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from alarmbridge.core import lane as lanes
from alarmbridge.core.delivery import Delivery, DeliveryState, Outcome
from alarmbridge.core.errors import SinkError
from alarmbridge.core.lane import Lane
from alarmbridge.core.retry import Patience, after_acceptance, after_refusal, without_opener
from alarmbridge.runtime.notices import Notices
from alarmbridge.runtime.ports import Bell, Clock, Dice
from alarmbridge.runtime.skew import Skew
from alarmbridge.sinks.base import Sink
from alarmbridge.sinks.templates import Templates
from alarmbridge.store.archive import Archive
from alarmbridge.store.lanes import record, release, release_all, take
from alarmbridge.telemetry.metrics import Metrics

_log = logging.getLogger(__name__)

_LONGEST_PAUSE = 1.0
_GRACE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A sink and the manners of its lane. timeout: the longest that one attempt may take."""

    name: str
    sink: Sink
    concurrency: int = 8
    timeout: timedelta = timedelta(seconds=15)
    patience: Patience = field(default_factory=Patience)
    templates: Templates = field(default_factory=Templates)


@dataclass(slots=True)
class _Attempt:
    delivery: Delivery
    task: asyncio.Task[str | None]


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
    ) -> None:
        self.name = f"sink {destination.name}"
        self.destination = destination.name
        self.sink = destination.sink
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
        self._flying: dict[int, _Attempt] = {}
        self._retry_at: datetime | None = None
        self._skew = Skew(clock)
        self._notices = Notices(destination.name, destination.templates)

    async def step(self) -> bool:
        """Record what has come back, send what is due; say whether there was any of it."""
        await self._mind_the_clock()
        landed = await self._record_landed()
        sent = await self._send_due()
        self.pause = self._pause()
        return landed or sent

    async def finish(self, within: float) -> None:
        """Wait for what is under way, at most this many seconds, and record how it went.

        What is cut off then has not failed: it stays owed as though it had not been tried.
        """
        tasks = [attempt.task for attempt in self._flying.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=within)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._flying = {
            number: attempt
            for number, attempt in self._flying.items()
            if not attempt.task.cancelled()
        }
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
        self._skew.settle()

    async def _send_due(self) -> bool:
        now = self._clock.now()
        room = lanes.room(self.lane, concurrency=self._to.concurrency, now=now)
        room -= len(self._flying)
        if room <= 0:
            return False
        async with self._archive.read() as tx:
            due = await take(tx, self._to.name, now=now, limit=room, exclude=tuple(self._flying))
        dropped: list[Outcome] = []
        for delivery in due:
            if delivery.kind == "cleared" and not delivery.opener:
                dropped.append(without_opener(delivery, now=now))
                continue
            task = asyncio.create_task(self._attempt(delivery), name=f"deliver {delivery.id}")
            task.add_done_callback(lambda _: self.bell.ring())
            self._flying[delivery.id] = _Attempt(delivery, task)
        await self._record(dropped)
        return bool(due)

    async def _attempt(self, delivery: Delivery) -> str | None:
        notice = self._notices.make(delivery, sent_at=self._clock.now())
        limit = self._to.timeout + _GRACE
        try:
            async with asyncio.timeout(limit.total_seconds()):
                return await self._to.sink.deliver(notice)
        except TimeoutError as error:
            raise SinkError(f"no answer within {limit.total_seconds():g} s") from error

    async def _record_landed(self) -> bool:
        landed = [attempt for attempt in self._flying.values() if attempt.task.done()]
        if not landed:
            return False
        now, before, released = self._clock.now(), self.lane, frozenset[int]()
        lane, outcomes = before, []
        for attempt in landed:
            outcome, lane, back = self._judge(attempt, lane, now)
            outcomes.append(outcome)
            released |= back
        await self._record(outcomes, released - {outcome.delivery_id for outcome in outcomes})
        # Not before it is recorded, or a step that the archive refused would be judged twice.
        self.lane, self.tried = lane, True
        # Only now may the next delivery of the same alarms be taken, or a clear could be sent
        # from a record that still calls its raise pending.
        for attempt in landed:
            del self._flying[attempt.delivery.id]
        self._tell(before)
        return True

    def _judge(
        self, attempt: _Attempt, lane: Lane, now: datetime
    ) -> tuple[Outcome, Lane, frozenset[int]]:
        """Say what came of an attempt: its outcome, the lane after it, whom that releases."""
        delivery = attempt.delivery
        try:
            answer = attempt.task.result()
        except asyncio.CancelledError:
            error = SinkError("the sink broke it off")
        except SinkError as refusal:
            error = refusal
        except Exception as bug:  # noqa: BLE001 - a sink of somebody else's may raise anything
            error = SinkError(f"the sink failed with {type(bug).__name__}")
            _log.error("%s: %s", self.name, error.reason, exc_info=bug)
        else:
            return after_acceptance(delivery, answer=answer, now=now), *lanes.after_acceptance(lane)
        if error.gone:
            lane = lanes.after_gone(lane, reason=error.reason, now=now)
        elif not error.permanent:
            lane = lanes.after_failure(
                lane, delivery.id, reason=error.reason, now=now, retry_after=error.retry_after
            )
        outcome = after_refusal(
            delivery, error, patience=self._to.patience, now=now, dice=self._dice.random()
        )
        return outcome, lane, frozenset()

    async def _record(
        self, outcomes: list[Outcome], released: frozenset[int] = frozenset()
    ) -> None:
        if not outcomes and not released:
            return
        # Otherwise a storm's syncs would all be stored before the first of them is delivered.
        async with self._archive.begin(urgent=True) as tx:
            await record(tx, outcomes)
            if released:
                await release(tx, self._to.name, released, next_at=self._clock.now())
        later = [outcome.next_at for outcome in outcomes if outcome.next_at is not None]
        self._retry_at = min(later) if later else self._retry_at
        for outcome in outcomes:
            self._metrics.deliveries.labels(self._to.name, outcome.state.value).inc()
            if outcome.state is DeliveryState.DEAD:
                _log.error(
                    "%s: gave up delivery %d: %s", self.name, outcome.delivery_id, outcome.reason
                )

    def _tell(self, before: Lane) -> None:
        """Log a change of state, and have the bridge's own alarms reviewed."""
        if self.lane.shut and not before.shut:
            _log.error(
                "%s: shut, nothing more is sent until a restart: %s", self.name, self.lane.shut
            )
        elif self.lane.failing and not before.failing:
            _log.warning("%s: failing: %s", self.name, self.lane.reason)
        elif before.failing and not self.lane.failing:
            _log.info("%s: well again", self.name)
        if self.lane.alarming != before.alarming:
            self._notify.ring()

    def _pause(self) -> float:
        """Say how long nothing can be due; the archive is asked again at least once a second."""
        now = self._clock.now()
        moments = (self.lane.probe_at, self._retry_at)
        waits = [(at - now).total_seconds() for at in moments if at is not None and at > now]
        return min([_LONGEST_PAUSE, *waits])
