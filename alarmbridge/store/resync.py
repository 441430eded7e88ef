"""Resync: the accounts of one sink, and entering what it is to be told once more."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    ScalarSelect,
    and_,
    bindparam,
    func,
    select,
    union,
)

from alarmbridge.core.delivery import DeliveryState
from alarmbridge.core.event import EventKind
from alarmbridge.core.resync import Account, Resync, Step
from alarmbridge.core.routing import Subscription
from alarmbridge.store.alarm_rows import alarm_of
from alarmbridge.store.heads import promote
from alarmbridge.store.obligations import INSERT_DELIVERY
from alarmbridge.store.replay import owe_again
from alarmbridge.store.tables import ACTIVE, DEAD, PENDING, alarms, deliveries, devices, events
from alarmbridge.store.transaction import Transaction, batches

_concerned = union(
    select(alarms.c.id).where(alarms.c.state == ACTIVE),
    select(deliveries.c.alarm_id).where(
        deliveries.c.sink == bindparam("lane"),
        deliveries.c.kind == EventKind.CLEARED.value,
        deliveries.c.state == DEAD,
    ),
).subquery("concerned")
_own = deliveries.alias("own")
_CLEAR = _own.c.kind == EventKind.CLEARED.value
_ACCEPTED = _own.c.accepted_at.is_not(None)


def _latest(*conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    """Ask for each alarm by itself, or the whole archive would be gone through."""
    return (
        select(func.max(_own.c.id))
        .where(_own.c.alarm_id == _concerned.c.id, _own.c.sink == bindparam("lane"), *conditions)
        .scalar_subquery()
    )


_told = events.alias("told")
_newest = (
    select(func.max(_told.c.position))
    .where(_told.c.alarm_id == _concerned.c.id, _told.c.kind != EventKind.CLEARED.value)
    .scalar_subquery()
)
_ACCOUNTS = (
    select(
        alarms,
        devices.c.name.label("device"),
        devices.c.tags,
        _latest(~_CLEAR, _ACCEPTED).label("told"),
        _latest(_CLEAR, _ACCEPTED).label("closed"),
        _latest(_CLEAR).label("clear"),
        _latest(_own.c.state == PENDING).label("waiting"),
        events.c.id.label("latest"),
        events.c.kind.label("latest_kind"),
        deliveries.c.id.label("delivery"),
    )
    .select_from(_concerned)
    .join(alarms, alarms.c.id == _concerned.c.id)
    .join(devices, devices.c.id == alarms.c.device_id)
    .join(events, events.c.position == _newest)
    .outerjoin(
        deliveries,
        and_(deliveries.c.event_id == events.c.id, deliveries.c.sink == bindparam("lane")),
    )
    .order_by(alarms.c.seen_at, alarms.c.id)
)
_LOCK = (
    select(alarms.c.id, alarms.c.revision)
    .where(alarms.c.id.in_(bindparam("alarm_ids", expanding=True)))
    .order_by(alarms.c.id)
    .with_for_update(key_share=True)
)
_WORDS = "said again by a resync"


async def list_accounts(tx: Transaction, sink: str) -> tuple[Account, ...]:
    """List what the ledger says at a sink of all that stands, and of what it may still show.

    That is what was closed since, and whose clear was given up; the oldest first.
    """
    return tuple(_account_of(row) for row in (await tx.execute(_ACCOUNTS, {"lane": sink})).rows)


async def save_resync(
    tx: Transaction, planned: Sequence[Resync], subscription: Subscription, *, now: datetime
) -> int:
    """Owe what was planned; return how many deliveries are. They pass every rule of the sink."""
    revisions = await _lock(tx, planned)
    again = [one.account.clear for one in planned if one.step is Step.CLOSE]
    again += [one.account.delivery for one in planned if one.step is not Step.CLOSE]
    owed = await owe_again(tx, [one for one in again if one is not None], now=now, words=_WORDS)
    # Only what is as it was when it was planned: nobody would close what has cleared since.
    new = [
        one.account
        for one in planned
        if one.step is not Step.CLOSE
        and one.account.delivery is None
        and one.account.alarm.revision == revisions.get(one.account.alarm.id)
    ]
    if not new:
        return owed
    await tx.execute(
        INSERT_DELIVERY,
        [
            {
                "event_id": account.latest,
                "alarm_id": account.alarm.id,
                "of_alarm": account.alarm.id,
                "sink": subscription.sink,
                "key": subscription.key_for(account.alarm, account.tags),
                "credential": subscription.credential,
                "kind": account.latest_kind,
                "state": DeliveryState.PENDING.value,
                "created_at": now,
                "next_at": now,
                "forced": True,
            }
            for account in new
        ],
    )
    await promote(tx, {(subscription.sink, account.alarm.id): 0 for account in new})
    return owed + len(new)


async def _lock(tx: Transaction, planned: Sequence[Resync]) -> dict[str, int]:
    """Lock the alarms, all in one order; return the revision of each."""
    revisions: dict[str, int] = {}
    for batch in batches(sorted(one.account.alarm.id for one in planned)):
        rows = (await tx.execute(_LOCK, {"alarm_ids": batch})).rows
        revisions.update((row.id, row.revision) for row in rows)
    return revisions


def _account_of(row: Row[Any]) -> Account:
    return Account(
        alarm=alarm_of(row),
        tags=row.tags,
        told=row.told is not None,
        closed=row.closed is not None,
        waiting=row.waiting is not None,
        latest=row.latest,
        latest_kind=row.latest_kind,
        delivery=row.delivery,
        clear=row.clear,
    )
