"""Obligations, stored as the deliveries that a decision's events are owed."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Text, bindparam, insert, select

from alarmbridge.core.delivery import DeliveryState, Obligation
from alarmbridge.core.event import KINDS, Event
from alarmbridge.core.holds import word_hold
from alarmbridge.core.routing import Routed
from alarmbridge.store.column_types import Instant
from alarmbridge.store.flaps import save_flaps
from alarmbridge.store.holds import review
from alarmbridge.store.tables import PENDING, alarms, deliveries, delivery_remarks
from alarmbridge.store.transaction import QUICK, Transaction, batches

INSERT_DELIVERY = (
    insert(deliveries)
    .values(
        device_id=select(alarms.c.device_id)
        .where(alarms.c.id == bindparam("of_alarm"))
        .scalar_subquery()
    )
    .execution_options(**QUICK)
)
"""Takes a delivery's columns, and its alarm once more as `of_alarm`."""

_REMARK_HOLD = (
    insert(delivery_remarks)
    .from_select(
        ["delivery_id", "at", "words"],
        select(
            deliveries.c.id,
            bindparam("now", type_=Instant),
            bindparam("why", type_=Text),
        ).where(
            deliveries.c.event_id == bindparam("of_event"), deliveries.c.sink == bindparam("lane")
        ),
    )
    .execution_options(**QUICK)
)
_WAITING = (
    select(deliveries.c.alarm_id, deliveries.c.sink)
    .where(
        deliveries.c.alarm_id.in_(bindparam("alarm_ids", expanding=True)),
        deliveries.c.state == PENDING,
    )
    .distinct()
    .execution_options(**QUICK)
)


async def save_routed(
    tx: Transaction,
    told: Sequence[Event],
    routed: Routed,
    *,
    raised: frozenset[str],
    now: datetime,
) -> None:
    """Store what is owed of these events, and have reviewed what they may free.

    raised: ids of alarms that this transaction inserted, of which nothing can wait yet. The
    others it must have written before it asked for the ledger, which locks them (see `heads`):
    otherwise a replay could come between that and this.
    """
    if routed.obligations:
        await _save_obligations(tx, told, routed.obligations, raised, now)
    await save_flaps(tx, routed.flaps)
    await review(tx, routed.reviewed, now=now)


async def _save_obligations(
    tx: Transaction,
    told: Sequence[Event],
    obligations: Sequence[Obligation],
    raised: frozenset[str],
    now: datetime,
) -> None:
    """Store obligations; what waits first of an alarm at a sink is its head."""
    kinds = {event.id: KINDS[type(event)] for event in told}
    waiting = await _waiting(tx, {owed.alarm_id for owed in obligations} - raised)
    rows = []
    for owed in obligations:
        pending = owed.state is DeliveryState.PENDING
        place = (owed.alarm_id, owed.sink)
        rows.append(
            {
                "event_id": owed.event_id,
                "alarm_id": owed.alarm_id,
                "of_alarm": owed.alarm_id,
                "sink": owed.sink,
                "key": owed.key,
                "kind": kinds[owed.event_id],
                "state": owed.state.value,
                "head": pending and place not in waiting,
                "created_at": now,
                "next_at": owed.hold.until if owed.hold else now,
                "settled_at": None if pending else now,
                "reason": owed.hold.reason if owed.hold else owed.reason,
                "held_by": owed.hold.cause if owed.hold else None,
                "held_until": owed.hold.until if owed.hold else None,
                "note": owed.note,
                "credential": owed.credential,
            }
        )
        if pending:
            waiting.add(place)
    await tx.execute(INSERT_DELIVERY, rows)
    held = [(owed, owed.hold) for owed in obligations if owed.hold]
    if held:
        await tx.execute(
            _REMARK_HOLD,
            [
                {"of_event": owed.event_id, "lane": owed.sink, "now": now, "why": word_hold(hold)}
                for owed, hold in held
            ],
        )


async def _waiting(tx: Transaction, alarm_ids: Iterable[str]) -> set[tuple[str, str]]:
    waiting: set[tuple[str, str]] = set()
    for batch in batches(sorted(alarm_ids)):
        answer = await tx.execute(_WAITING, {"alarm_ids": batch})
        waiting.update((row.alarm_id, row.sink) for row in answer.rows)
    return waiting
