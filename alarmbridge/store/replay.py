"""Replay: deliveries that were given up, or are to be said again, owed once more."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Row, bindparam, or_, select, update

from alarmbridge.core.delivery import DeliveryState
from alarmbridge.core.event import EventKind
from alarmbridge.store.heads import demote, lock, promote
from alarmbridge.store.remarks import Remark, forget_since, save_remarks
from alarmbridge.store.tables import ACTIVE, DEAD, PENDING, alarms, deliveries
from alarmbridge.store.transaction import Transaction, batches

MOST = 1000
"""Deliveries in one transaction, so that replaying a year does not stop everybody else."""

_AGAIN = "to be told again"
_AS_NEW: dict[str, Any] = {
    "state": DeliveryState.PENDING.value,
    "head": False,
    "attempts": 0,
    "created_at": bindparam("now"),
    "next_at": bindparam("now"),
    "settled_at": None,
    "reason": None,
    "answer": None,
    "held_by": None,
    "held_until": None,
    "forced": bindparam("force"),
}
_REPLAY = (
    update(deliveries).where(deliveries.c.id.in_(bindparam("ids", expanding=True))).values(_AS_NEW)
)
# The clear follows its raise, whatever became of it before: a far end that is told the raise once
# more has the alarm open again.
_REVIVE = (
    update(deliveries)
    .where(
        deliveries.c.alarm_id == bindparam("of_alarm"),
        deliveries.c.sink == bindparam("lane"),
        deliveries.c.id > bindparam("opener_id"),
        deliveries.c.kind == EventKind.CLEARED.value,
        deliveries.c.state != PENDING,
    )
    .values(_AS_NEW)
)

_later = deliveries.alias("later")
_TO_REPEAT = (
    select(deliveries.c.id)
    .join(alarms, alarms.c.id == deliveries.c.alarm_id)
    .where(
        alarms.c.state == ACTIVE,
        alarms.c.acknowledged_at.is_(None),
        deliveries.c.sink == bindparam("lane"),
        deliveries.c.kind != EventKind.CLEARED.value,
        deliveries.c.state == DeliveryState.DELIVERED.value,
        deliveries.c.settled_at <= bindparam("before"),
        ~_later.select()
        .where(
            _later.c.alarm_id == deliveries.c.alarm_id,
            _later.c.sink == deliveries.c.sink,
            _later.c.id > deliveries.c.id,
            # Accepted once is enough: one that died as a repeat had been told all the same.
            or_(_later.c.state == PENDING, _later.c.accepted_at.is_not(None)),
        )
        .exists(),
    )
    .order_by(deliveries.c.settled_at, deliveries.c.id)
    .limit(bindparam("limit", type_=Integer))
)


async def replay(tx: Transaction, ids: Collection[int], *, now: datetime) -> tuple[int, ...]:
    """Owe these deliveries once more if they are dead or delivered; return the ids that are.

    They count as owed from now, with all their attempts before them, and go whatever the rules
    of their sink say. Order stays: what waits behind a replayed delivery waits for it again. At
    most MOST ids.
    """
    states = (DeliveryState.DEAD, DeliveryState.DELIVERED)
    rows = await lock(tx, ids, states=states)
    await _owe_again(tx, rows, now, words="replayed")
    return tuple(sorted(row.id for row in rows))


async def replay_dead(
    tx: Transaction, *, sink: str | None = None, now: datetime, limit: int = MOST
) -> int:
    """Owe dead deliveries once more, the oldest first; return how many. Repeat it until 0."""
    dead = select(deliveries.c.id).where(deliveries.c.state == DEAD)
    if sink is not None:
        dead = dead.where(deliveries.c.sink == sink)
    found = await tx.execute(dead.order_by(deliveries.c.id).limit(min(limit, MOST)))
    ids = [row.id for row in found.rows]
    rows = await lock(tx, ids, states=(DeliveryState.DEAD,))
    return await _owe_again(tx, rows, now, words="replayed")


async def owe_again(tx: Transaction, ids: Collection[int], *, now: datetime, words: str) -> int:
    """Owe these deliveries once more, whatever became of them; return how many are.

    They go whatever the rules of their sink say. words: why, to be remembered.
    """
    states = (DeliveryState.DEAD, DeliveryState.DELIVERED, DeliveryState.DROPPED)
    return await _owe_again(tx, await lock(tx, ids, states=states), now, words=words)


async def repeat(
    tx: Transaction, sink: str, *, told_before: datetime, now: datetime, limit: int = MOST
) -> int:
    """Owe again what stands unacknowledged and was told last before that; return how many are.

    At most MOST, what was told longest ago first. The rules of the sink apply to them.
    """
    ids = await list_repeats(tx, sink, told_before=told_before, limit=limit)
    rows = await lock(tx, ids, states=(DeliveryState.DELIVERED,))
    # Only the latest is remembered: one may be told again every hour for years.
    await forget_since(tx, [row.id for row in rows], _AGAIN)
    return await _owe_again(tx, rows, now, words=_AGAIN, force=False)


async def list_repeats(
    tx: Transaction, sink: str, *, told_before: datetime, limit: int = MOST
) -> list[int]:
    """List the deliveries that `repeat` would owe again: it goes through all that stands."""
    asked = {"lane": sink, "before": told_before, "limit": min(limit, MOST)}
    return [row.id for row in (await tx.execute(_TO_REPEAT, asked)).rows]


async def _owe_again(
    tx: Transaction, rows: list[Row[Any]], now: datetime, *, words: str, force: bool = True
) -> int:
    if not rows:
        return 0
    places = dict.fromkeys(((row.sink, row.alarm_id) for row in rows), 0)
    await demote(tx, places)
    for batch in batches([row.id for row in rows]):
        await tx.execute(_REPLAY, {"ids": batch, "now": now, "force": force})
    await save_remarks(tx, [Remark(row.id, now, words) for row in rows])
    openers = [row for row in rows if row.kind != EventKind.CLEARED]
    if openers:
        await tx.execute(
            _REVIVE,
            [
                {
                    "of_alarm": row.alarm_id,
                    "lane": row.sink,
                    "opener_id": row.id,
                    "now": now,
                    "force": force,
                }
                for row in openers
            ],
        )
    await promote(tx, places)
    return len(rows)
