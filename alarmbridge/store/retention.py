"""Retention: what is old enough leaves, and nothing that is still owed to anybody."""

from datetime import datetime

from sqlalchemy import BindParameter, Integer, bindparam, delete, select

from alarmbridge.store.search import forget_words
from alarmbridge.store.tables import (
    PENDING,
    alarms,
    blind_spells,
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
_OLD_SPELLS = (
    select(blind_spells.c.id)
    .where(blind_spells.c.until < bindparam("before"))
    .order_by(blind_spells.c.id)
    .limit(bindparam("limit", type_=Integer))
)
_OLD_SILENCES = (
    select(silences.c.id)
    .where(silences.c.ends_at < bindparam("before"))
    .order_by(silences.c.ends_at, silences.c.id)
    .limit(bindparam("limit", type_=Integer))
)
_OLD_ACTIONS = (
    select(operator_actions.c.id)
    .where(operator_actions.c.at < bindparam("before"), operator_actions.c.alarm_id.is_(None))
    .order_by(operator_actions.c.at, operator_actions.c.id)
    .limit(bindparam("limit", type_=Integer))
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
_DELETE_ACTIONS = delete(operator_actions).where(
    operator_actions.c.id.in_(bindparam("action_ids", expanding=True))
)
_DELETE_SESSIONS = delete(sessions).where(sessions.c.ends_at < bindparam("before"))
_DELETE_ALARMS = delete(alarms).where(alarms.c.id.in_(_IN_ALARMS))
_DELETE_SPELLS = delete(blind_spells).where(
    blind_spells.c.id.in_(bindparam("spell_ids", expanding=True))
)
_DELETE_SILENCES = delete(silences).where(
    silences.c.id.in_(bindparam("silence_ids", expanding=True))
)

_DELETE_ALL_OF_ALARMS = (
    _DELETE_REMARKS,
    _DELETE_DELIVERIES,
    _DELETE_EVENTS,
    _DELETE_ALARM_ACTIONS,
    _DELETE_ALARMS,
)


async def prune(tx: Transaction, before: datetime, limit: int = MOST) -> int:
    """Delete alarms whose clear was written before that, the oldest first, with all about them.

    Returns how many, at most limit; repeat it while it is that many. An alarm with a pending
    delivery stays, however old, and so do active ones. Blind spells, silences and sessions that
    ended before leave too, and what people changed elsewhere.
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
    spells = await tx.execute(_OLD_SPELLS, {"before": before, "limit": size})
    for numbers in batches([row.id for row in spells.rows]):
        await tx.execute(_DELETE_SPELLS, {"spell_ids": numbers})
    ended = await tx.execute(_OLD_SILENCES, {"before": before, "limit": size})
    for numbers in batches([row.id for row in ended.rows]):
        await tx.execute(_DELETE_SILENCES, {"silence_ids": numbers})
    actions = await tx.execute(_OLD_ACTIONS, {"before": before, "limit": size})
    for numbers in batches([row.id for row in actions.rows]):
        await tx.execute(_DELETE_ACTIONS, {"action_ids": numbers})
    await tx.execute(_DELETE_SESSIONS, {"before": before})
    return len(leaving)
