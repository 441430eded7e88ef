"""Resync: the accounts of one sink, and entering what it is to be told once more."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
)

from alarmbridge.core.delivery import DeliveryState
from alarmbridge.core.resync import Account, Resync, Step
from alarmbridge.core.routing import Subscription
from alarmbridge.store.alarm_rows import alarm_of
from alarmbridge.store.heads import promote
from alarmbridge.store.replay import owe_again
from alarmbridge.store.tables import ACTIVE, alarms, deliveries, devices, events
from alarmbridge.store.transaction import Transaction, batches

_CLEAR = deliveries.c.kind == "cleared"
_ACCEPTED = deliveries.c.accepted_at.is_not(None)


def _latest(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.max(deliveries.c.id).filter(condition)


_book = (
    select(
        deliveries.c.alarm_id,
        _latest(and_(~_CLEAR, _ACCEPTED)).label("told"),
        _latest(and_(_CLEAR, _ACCEPTED)).label("closed"),
        _latest(_CLEAR).label("clear"),
        _latest(deliveries.c.state == DeliveryState.PENDING.value).label("waiting"),
    )
    .where(deliveries.c.sink == bindparam("lane"))
    .group_by(deliveries.c.alarm_id)
    .subquery()
)
_newest = (
    select(events.c.alarm_id, func.max(events.c.position).label("position"))
    .where(events.c.kind != "cleared")
    .group_by(events.c.alarm_id)
    .subquery()
)
_ACCOUNTS = (
    select(
        alarms,
        devices.c.name.label("device"),
        devices.c.tags,
        _book.c.told,
        _book.c.closed,
        _book.c.clear,
        _book.c.waiting,
        events.c.id.label("latest"),
        events.c.kind.label("latest_kind"),
        deliveries.c.id.label("delivery"),
    )
    .join(devices, devices.c.id == alarms.c.device_id)
    .join(_newest, _newest.c.alarm_id == alarms.c.id)
    .join(events, events.c.position == _newest.c.position)
    .outerjoin(_book, _book.c.alarm_id == alarms.c.id)
    .outerjoin(
        deliveries,
        and_(deliveries.c.event_id == events.c.id, deliveries.c.sink == bindparam("lane")),
    )
    .where(
        or_(
            alarms.c.state == ACTIVE,
            and_(_book.c.told.is_not(None), _book.c.closed.is_(None)),
        )
    )
    .order_by(alarms.c.seen_at, alarms.c.id)
)
_LOCK = (
    select(alarms.c.id)
    .where(alarms.c.id.in_(bindparam("alarm_ids", expanding=True)))
    .order_by(alarms.c.id)
    .with_for_update(key_share=True)
)
_WORDS = "said again by a resync"


async def list_accounts(tx: Transaction, sink: str) -> tuple[Account, ...]:
    """List what the ledger says at a sink of all that stands, or is open there; oldest first."""
    return tuple(_account_of(row) for row in (await tx.execute(_ACCOUNTS, {"lane": sink})).rows)


async def save_resync(
    tx: Transaction, planned: Sequence[Resync], subscription: Subscription, *, now: datetime
) -> int:
    """Owe what was planned; return how many deliveries are. They pass every rule of the sink."""
    again = [one.account.clear for one in planned if one.step is Step.CLOSE]
    again += [one.account.delivery for one in planned if one.step is not Step.CLOSE]
    owed = await owe_again(tx, [one for one in again if one is not None], now=now, words=_WORDS)
    new = [
        one.account
        for one in planned
        if one.step is not Step.CLOSE and one.account.delivery is None
    ]
    if not new:
        return owed
    for batch in batches(sorted(account.alarm.id for account in new)):
        await tx.execute(_LOCK, {"alarm_ids": batch})
    await tx.execute(
        insert(deliveries),
        [
            {
                "event_id": account.latest,
                "alarm_id": account.alarm.id,
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
