"""Retention: what is old enough leaves, and nothing that is still owed to anybody."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Integer, Table, bindparam, delete, select

from alarmbridge.store.alarm_words import forget_words
from alarmbridge.store.archive import Archive
from alarmbridge.store.tables import (
    PENDING,
    alarms,
    blind_spells,
    configurations,
    deliveries,
    delivery_remarks,
    events,
    operator_actions,
    sessions,
    silences,
)
from alarmbridge.store.transaction import Transaction, batches

MOST = 1000

_owed = (
    select(deliveries.c.id)
    .where(deliveries.c.alarm_id == alarms.c.id, deliveries.c.state == PENDING)
    .exists()
)
_OLD = (
    select(alarms.c.id)
    .where(alarms.c.closed_at < bindparam("before"), ~_owed)
    .order_by(alarms.c.closed_at, alarms.c.id)
    .limit(bindparam("limit", type_=Integer))
    .with_for_update(skip_locked=True)
)
_OWED = select(deliveries.c.alarm_id).where(
    deliveries.c.alarm_id.in_(bindparam("alarm_ids", expanding=True)),
    deliveries.c.state == PENDING,
)
_IN_ALARMS: BindParameter[str] = bindparam("alarm_ids", expanding=True)
_DELETE_REMARKS = delete(delivery_remarks).where(
    delivery_remarks.c.delivery_id.in_(
        select(deliveries.c.id).where(deliveries.c.alarm_id.in_(_IN_ALARMS))
    )
)
_DELETE_DELIVERIES = delete(deliveries).where(deliveries.c.alarm_id.in_(_IN_ALARMS))
_DELETE_EVENTS = delete(events).where(events.c.alarm_id.in_(_IN_ALARMS))
_DELETE_ALARM_ACTIONS = delete(operator_actions).where(operator_actions.c.alarm_id.in_(_IN_ALARMS))
_DELETE_SESSIONS = delete(sessions).where(sessions.c.ends_at < bindparam("before"))
_DELETE_ALARMS = delete(alarms).where(alarms.c.id.in_(_IN_ALARMS))
_DELETE_ALL_OF_ALARMS = (
    _DELETE_REMARKS,
    _DELETE_DELIVERIES,
    _DELETE_EVENTS,
    _DELETE_ALARM_ACTIONS,
    _DELETE_ALARMS,
)


class _Ageing:
    """Rows of a table that leave for their age alone."""

    def __init__(self, table: Table, at: ColumnElement[Any], *others: ColumnElement[bool]) -> None:
        self._old = (
            select(table.c.id)
            .where(at < bindparam("before"), *others)
            .order_by(at, table.c.id)
            .limit(bindparam("limit", type_=Integer))
        )
        self._delete = delete(table).where(table.c.id.in_(bindparam("numbers", expanding=True)))

    async def leave(self, tx: Transaction, before: datetime, limit: int) -> int:
        """Delete the oldest; returns how many."""
        rows = (await tx.execute(self._old, {"before": before, "limit": limit})).rows
        for numbers in batches([row.id for row in rows]):
            await tx.execute(self._delete, {"numbers": numbers})
        return len(rows)


_AGEING = (
    _Ageing(blind_spells, blind_spells.c.until),
    _Ageing(silences, silences.c.ends_at),
    _Ageing(operator_actions, operator_actions.c.at, operator_actions.c.alarm_id.is_(None)),
    _Ageing(configurations, configurations.c.checked_at),
)


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many alarms have left, and whether there may be more of anything that is to leave."""

    alarms: int
    more: bool


async def prune_all(archive: Archive, before: datetime) -> int:
    """Prune until nothing is that old, a thousand at a time, and tidy; returns how many alarms."""
    total, more = 0, True
    while more:
        async with archive.begin() as tx:
            pruned = await prune(tx, before)
        total, more = total + pruned.alarms, pruned.more
    await archive.tidy()
    return total


async def prune(tx: Transaction, before: datetime, limit: int = MOST) -> Pruned:
    """Delete alarms whose clear was written before that, the oldest first, with all about them.

    An alarm with a pending delivery stays, however old, and so do active ones. What else has ended
    before leaves too: blind spells, silences, sessions, what people changed elsewhere, and
    configurations that were last found so. limit: of each of these, at most `MOST`.
    """
    size = min(limit, MOST)
    old = [row.id for row in (await tx.execute(_OLD, {"before": before, "limit": size})).rows]
    owed: set[str] = set()
    for batch in batches(old):
        # Asked again under the lock: a replay may have come between.
        owed.update(row.alarm_id for row in (await tx.execute(_OWED, {"alarm_ids": batch})).rows)
    leaving = [alarm_id for alarm_id in old if alarm_id not in owed]
    for batch in batches(leaving):
        await forget_words(tx, batch)
        for statement in _DELETE_ALL_OF_ALARMS:
            await tx.execute(statement, {"alarm_ids": batch})
    left = [len(leaving), *[await one.leave(tx, before, size) for one in _AGEING]]
    await tx.execute(_DELETE_SESSIONS, {"before": before})
    return Pruned(len(leaving), more=size in left)
