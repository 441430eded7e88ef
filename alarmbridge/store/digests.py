"""Digests: what waits to be told together."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, select

from alarmbridge.core.delivery import Delivery
from alarmbridge.core.holds import DIGEST
from alarmbridge.store.lanes import delivery_of
from alarmbridge.store.tables import PENDING, deliveries, events
from alarmbridge.store.transaction import QUICK, Transaction, batches

_NEXT = (
    select(func.min(deliveries.c.held_until).label("at"))
    .where(
        deliveries.c.held_by == DIGEST,
        deliveries.c.state == PENDING,
        deliveries.c.sink == bindparam("lane"),
        deliveries.c.held_until > bindparam("now"),
    )
    .execution_options(**QUICK)
)
_BEHIND = (
    select(deliveries, events.c.body)
    .join(events, events.c.id == deliveries.c.event_id)
    .where(
        deliveries.c.sink == bindparam("lane"),
        deliveries.c.alarm_id.in_(bindparam("alarm_ids", expanding=True)),
        deliveries.c.state == PENDING,
    )
    .order_by(deliveries.c.id)
    .execution_options(**QUICK)
)


async def next_digest_at(tx: Transaction, sink: str, *, now: datetime) -> datetime | None:
    """Say when the next digest of a sink is due, None while nothing gathers."""
    at: datetime | None = (await tx.execute(_NEXT, {"lane": sink, "now": now})).rows[0].at
    return at


async def list_gathered(
    tx: Transaction, sink: str, due: Sequence[Delivery]
) -> tuple[Delivery, ...]:
    """List what is due together with all that waits behind it, oldest first.

    Otherwise a clear would be told in the digest after the one that tells its raise.
    """
    found: dict[int, Delivery] = {}
    for batch in batches(sorted({one.alarm_id for one in due})):
        for row in (await tx.execute(_BEHIND, {"lane": sink, "alarm_ids": batch})).rows:
            found[row.id] = delivery_of(row, told=True)
    found.update((one.id, one) for one in due)
    return tuple(found[number] for number in sorted(found))
