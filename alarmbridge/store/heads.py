"""Heads: the flag on the earliest pending delivery of each alarm at each sink.

It stands there and nowhere else. So taking what may go next reads an index and never looks at
what waits behind a delivery that is being retried for days, be it a million rows.

Whoever moves the flag holds the lock of the alarm's row (PostgreSQL; SQLite has one writer):
`decisions` by writing the alarm, everybody else by `lock`, all in the order of alarm ids.
Otherwise a delivery could settle while its follower is being inserted behind it, and nobody
would ever promote the follower.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Row, bindparam, false, func, select, true, update

from alarmbridge.core.delivery import DeliveryState
from alarmbridge.store.tables import PENDING, alarms, deliveries
from alarmbridge.store.transaction import QUICK, Transaction, batches

_LOCK = (
    select(
        deliveries.c.id,
        deliveries.c.alarm_id,
        deliveries.c.sink,
        deliveries.c.kind,
        deliveries.c.head,
        deliveries.c.held_by,
        alarms.c.revision,
    )
    # From the alarms, because PostgreSQL locks in this order, and whoever holds an alarm waits for
    # its deliveries.
    .select_from(alarms.join(deliveries, deliveries.c.alarm_id == alarms.c.id))
    .where(
        deliveries.c.id.in_(bindparam("ids", expanding=True)),
        deliveries.c.state.in_(bindparam("states", expanding=True)),
    )
    .order_by(alarms.c.id, deliveries.c.id)
    .with_for_update(key_share=True)
    .execution_options(**QUICK)
)
_waiting = deliveries.alias("waiting")
_PROMOTE = (
    update(deliveries)
    .where(
        deliveries.c.id
        == select(func.min(_waiting.c.id))
        .where(
            _waiting.c.sink == bindparam("lane"),
            _waiting.c.alarm_id == bindparam("of_alarm"),
            _waiting.c.id >= bindparam("least_id"),
            _waiting.c.state == PENDING,
        )
        .scalar_subquery()
    )
    .values(head=true())
    .execution_options(**QUICK)
)
_DEMOTE = (
    update(deliveries)
    .where(
        deliveries.c.sink == bindparam("lane"),
        deliveries.c.alarm_id == bindparam("of_alarm"),
        deliveries.c.head,
    )
    .values(head=false())
    .execution_options(**QUICK)
)


async def lock(
    tx: Transaction, ids: Iterable[int], *, states: Collection[DeliveryState]
) -> list[Row[Any]]:
    """Lock deliveries in these states with their alarms.

    Returns id, alarm_id, sink, kind, head and held_by of each, and the alarm's revision.
    """
    words = [state.value for state in states]
    rows: dict[int, Row[Any]] = {}
    for batch in batches(sorted(ids)):
        answer = await tx.execute(_LOCK, {"ids": batch, "states": words})
        rows.update((row.id, row) for row in answer.rows)
    return list(rows.values())


async def promote(tx: Transaction, places: Mapping[tuple[str, str], int]) -> None:
    """Make the earliest pending delivery at each place (sink, alarm id) its head.

    The number is an id before which none is pending there.
    """
    rows = [
        {"lane": sink, "of_alarm": alarm_id, "least_id": least_id}
        for (sink, alarm_id), least_id in sorted(places.items())
    ]
    if rows:
        await tx.execute(_PROMOTE, rows)


async def demote(tx: Transaction, places: Iterable[tuple[str, str]]) -> None:
    """Take the flag from the heads at these places; promote them again after."""
    rows = [{"lane": sink, "of_alarm": alarm_id} for sink, alarm_id in sorted(places)]
    if rows:
        await tx.execute(_DEMOTE, rows)
