"""Bugs planted on purpose: each hands the daemon one part that is wrong, as a mistake might be.

A simulation that finds none of them proves nothing. `seeds` are plans in which each was noticed;
the first of them are tried, and one has to be enough.
"""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import text

from alarmbridge.core.decision import Decision, Held
from alarmbridge.core.delivery import Delivery
from alarmbridge.core.device_time import DeviceTime
from alarmbridge.core.errors import SinkError
from alarmbridge.core.gate import Waiting
from alarmbridge.core.payload import DeviceFacts
from alarmbridge.core.reading import Reading, Settled, Snapshot, Unsettled
from alarmbridge.core.restart import Restart
from alarmbridge.core.retry import after_acceptance
from alarmbridge.mediant.client import AlarmsClient, Refusal, Table
from alarmbridge.mediant.parse import NO_PAGE, Page
from alarmbridge.runtime.dispatcher import Destination, Dispatcher
from alarmbridge.runtime.engine import Kinds
from alarmbridge.runtime.gate import Calendar, Gate
from alarmbridge.runtime.poller import Poller
from alarmbridge.runtime.recorder import Look, Recorder
from alarmbridge.runtime.surroundings import Surroundings, Target
from alarmbridge.runtime.sync import Sync, Told
from alarmbridge.store.inline import InlineArchive
from alarmbridge.store.lanes import record
from alarmbridge.store.sqlite import SqliteTransaction
from alarmbridge.store.transaction import QUICK

from .daemon import Parts


@dataclass(frozen=True, slots=True)
class Bug:
    """A planted bug. seeds: the plans in which it is looked for, the quickest first."""

    words: str
    parts: Parts
    seeds: tuple[int, ...]


class HastyPoller(Poller):
    """Trusts a lastChange that equals the one before, whether its second was over or not."""

    def _is_quiet(self, last_change: DeviceTime | None) -> bool:
        raw = last_change.raw if last_change else None
        return self.status is not None and raw == self._seen


class GullibleSync(Sync):
    """Takes whatever it read for settled and complete."""

    async def _decide(
        self, held: Held, snapshot: Settled | Unsettled, restart: Restart | None
    ) -> Decision:
        parts = {one.name: getattr(snapshot, one.name) for one in fields(Snapshot)}
        return await super()._decide(held, Settled(**parts), restart)


class GulliblePoller(Poller):
    """Has such a sync."""

    def __init__(
        self, target: Target, *, client: AlarmsClient, here: Surroundings, told: Told | None = None
    ) -> None:
        super().__init__(target, client=client, here=here, told=told)
        self._sync = GullibleSync(target, client=client, here=here, troubles=self._troubles)


class GullibleClient(AlarmsClient):
    """Takes an alarm that the list lacks for gone, without asking for it."""

    _listed: frozenset[str] = frozenset()

    async def fetch_page(
        self, table: Table, *, after: str | None = None, limit: int | None = None
    ) -> Page | Refusal:
        page = await super().fetch_page(table, after=after, limit=limit)
        if isinstance(page, Page) and table is Table.ACTIVE:
            before = self._listed if after is not None else frozenset[str]()
            self._listed = before | {row.id for row in page.rows}
        return page

    async def fetch_active(self, alarm_id: str) -> Reading | None:
        return await super().fetch_active(alarm_id) if alarm_id in self._listed else None


class ForgetfulClient(AlarmsClient):
    """Never reads the history."""

    async def fetch_page(
        self, table: Table, *, after: str | None = None, limit: int | None = None
    ) -> Page | Refusal:
        if table is Table.HISTORY:
            return NO_PAGE
        return await super().fetch_page(table, after=after, limit=limit)


class CursorFirstRecorder(Recorder):
    """Commits which rows were dealt with before what they came to."""

    async def record(
        self,
        held: Held,
        decision: Decision,
        *,
        facts: DeviceFacts | None,
        look: Look | None = None,
        **more: object,
    ) -> None:
        marks = replace(decision, events=(), evidence=())
        await super().record(held, marks, facts=facts, look=look)
        rest = replace(decision, new_marks=(), lost_marks=(), gap=None)
        await super().record(held, rest, facts=facts, **more)  # type: ignore[arg-type]


class MarkFirstDispatcher(Dispatcher):
    """Records a delivery as accepted, and sends it then."""

    async def _attempt(self, batch: Sequence[Delivery]) -> str | None:
        now = self._clock.now()
        async with self._archive.begin() as tx:
            await record(tx, [after_acceptance(one, answer=None, now=now) for one in batch])
        try:
            return await super()._attempt(batch)
        except SinkError:
            return None


class OvertakingDispatcher(Dispatcher):
    """Lets alarms that share a key overtake each other."""

    def __init__(self, destination: Destination, **ports: Any) -> None:
        sink = copy(destination.sink)
        sink.key_is_shared = False
        super().__init__(replace(destination, sink=sink), **ports)


class HushingGate(Gate):
    """Takes whatever was held for gone by the end of its hold."""

    def _waiting(self, delivery: Delivery, *known: Any) -> Waiting:
        waiting = super()._waiting(delivery, *known)
        return replace(waiting, closed_at=waiting.created_at)


class HushingDispatcher(Dispatcher):
    """Has a gate that keeps too much in."""

    def __init__(self, destination: Destination, *, calendar: Calendar, **ports: Any) -> None:
        super().__init__(destination, calendar=calendar, **ports)
        self._gate = HushingGate(
            destination.name, destination.rules, calendar, since=self._gate.since
        )


class DisorderlyArchive(InlineArchive):
    """Lets every pending delivery go, not only the oldest of its alarm."""

    async def commit(self, transaction: SqliteTransaction) -> None:
        free = text("UPDATE deliveries SET head = 1 WHERE state = 'pending' AND NOT head")
        await transaction.execute(free.execution_options(**QUICK))
        await super().commit(transaction)


BUGS: dict[str, Bug] = {
    "hasty": Bug(
        "an equal lastChange is trusted", Parts(kinds=Kinds(poller=HastyPoller)), (52, 10)
    ),
    "gullible": Bug(
        "one torn list is believed",
        Parts(kinds=Kinds(poller=GulliblePoller), client=GullibleClient),
        (58, 24),
    ),
    "forgetful": Bug("the history is never read", Parts(client=ForgetfulClient), (16, 39)),
    "cursor-first": Bug(
        "the cursor is committed before the events",
        Parts(kinds=Kinds(recorder=CursorFirstRecorder)),
        (35, 20),
    ),
    "mark-first": Bug(
        "a delivery is marked before it is accepted",
        Parts(kinds=Kinds(dispatcher=MarkFirstDispatcher)),
        (39, 18),
    ),
    "overtaking": Bug(
        "alarms that share a key overtake each other",
        Parts(kinds=Kinds(dispatcher=OvertakingDispatcher)),
        (28, 10),
    ),
    "hushing": Bug(
        "what was held is not told though it stands",
        Parts(kinds=Kinds(dispatcher=HushingDispatcher)),
        (18, 16),
    ),
    "disorderly": Bug("there is no order per alarm", Parts(archive=DisorderlyArchive), (1, 16)),
}
