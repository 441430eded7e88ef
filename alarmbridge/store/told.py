"""What a far end was told last of each alarm, for one that has to be told again and again."""

from datetime import datetime

from sqlalchemy import bindparam, func, or_, select

from alarmbridge.core.delivery import Delivery
from alarmbridge.store.lanes import delivery_of
from alarmbridge.store.tables import ACTIVE, alarms, deliveries, events
from alarmbridge.store.transaction import Transaction

_latest = (
    select(func.max(deliveries.c.id).label("id"))
    .join(alarms, alarms.c.id == deliveries.c.alarm_id)
    .where(
        deliveries.c.sink == bindparam("lane"),
        deliveries.c.accepted_at.is_not(None),
        or_(alarms.c.state == ACTIVE, alarms.c.closed_at >= bindparam("since")),
    )
    .group_by(deliveries.c.alarm_id)
    .subquery()
)
_TOLD = (
    select(deliveries, events.c.body)
    .join(_latest, _latest.c.id == deliveries.c.id)
    .join(events, events.c.id == deliveries.c.event_id)
    .where(or_(deliveries.c.kind != "cleared", deliveries.c.accepted_at >= bindparam("since")))
    .order_by(deliveries.c.id)
)


async def list_told(tx: Transaction, sink: str, *, cleared_since: datetime) -> tuple[Delivery, ...]:
    """List the latest that a sink has accepted of each alarm it believes to stand, oldest first.

    Those whose clear it accepted since that moment are among them, by their clear.
    """
    rows = (await tx.execute(_TOLD, {"lane": sink, "since": cleared_since})).rows
    return tuple(delivery_of(row, told=True) for row in rows)
