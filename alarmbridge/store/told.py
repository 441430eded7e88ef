"""What a far end was told last of each alarm, for one that has to be told again and again."""

from datetime import datetime

from sqlalchemy import bindparam, func, or_, select, union

from alarmbridge.core.delivery import Delivery
from alarmbridge.core.event import EventKind
from alarmbridge.core.holds import FLAPPING
from alarmbridge.store.lanes import delivery_of
from alarmbridge.store.tables import ACTIVE, PENDING, alarms, deliveries, events
from alarmbridge.store.transaction import Transaction

_shown = union(
    select(alarms.c.id).where(alarms.c.state == ACTIVE),
    select(alarms.c.id).where(alarms.c.closed_at >= bindparam("since")),
    # What flaps was told as such, and is open there until it is calm.
    select(deliveries.c.alarm_id).where(
        deliveries.c.held_by == FLAPPING,
        deliveries.c.sink == bindparam("lane"),
        deliveries.c.kind == EventKind.CLEARED.value,
        deliveries.c.state == PENDING,
    ),
).subquery("shown")
_accepted = deliveries.alias("accepted")
# For each alarm by itself: grouped, SQLite goes through all that was ever delivered.
_latest = (
    select(func.max(_accepted.c.id))
    .where(
        _accepted.c.alarm_id == _shown.c.id,
        _accepted.c.sink == bindparam("lane"),
        _accepted.c.accepted_at.is_not(None),
    )
    .scalar_subquery()
)
_TOLD = (
    select(deliveries, events.c.body)
    .select_from(_shown)
    .join(deliveries, deliveries.c.id == _latest)
    .join(events, events.c.id == deliveries.c.event_id)
    .where(
        or_(
            deliveries.c.kind != EventKind.CLEARED.value,
            deliveries.c.accepted_at >= bindparam("since"),
        )
    )
    .order_by(deliveries.c.id)
)


async def list_told(tx: Transaction, sink: str, *, cleared_since: datetime) -> tuple[Delivery, ...]:
    """List the latest that a sink has accepted of each alarm that stands or flaps, oldest first.

    Those that were cleared since that moment are among them, by their clear once it was accepted.
    """
    rows = (await tx.execute(_TOLD, {"lane": sink, "since": cleared_since})).rows
    return tuple(delivery_of(row, told=True) for row in rows)
