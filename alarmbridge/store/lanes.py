"""Lanes: which deliveries may go to a sink next, and what became of them."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Integer, Row, and_, bindparam, func, or_, select, update

from alarmbridge.core.delivery import Delivery, DeliveryState, Outcome
from alarmbridge.core.event import EventKind
from alarmbridge.core.holds import Hold, word_hold
from alarmbridge.store.column_types import Instant
from alarmbridge.store.heads import lock, promote
from alarmbridge.store.remarks import Remark, save_remarks
from alarmbridge.store.replay import owe_again
from alarmbridge.store.tables import PENDING, deliveries, events
from alarmbridge.store.transaction import QUICK, Transaction

_earlier = deliveries.alias("earlier")
_accepted_before = (
    _earlier.select()
    .where(
        _earlier.c.alarm_id == deliveries.c.alarm_id,
        _earlier.c.sink == deliveries.c.sink,
        _earlier.c.id < deliveries.c.id,
        _earlier.c.kind != EventKind.CLEARED.value,
        _earlier.c.accepted_at.is_not(None),
    )
    .exists()
)
# For a far end that knows alarms by a key that several share, as one follows on the other. A clear
# does not wait for what is held: that is not known there, and may stay so for weeks.
_same_key_first = (
    _earlier.select()
    .where(
        _earlier.c.sink == deliveries.c.sink,
        _earlier.c.key == deliveries.c.key,
        _earlier.c.id < deliveries.c.id,
        _earlier.c.state == PENDING,
        or_(
            deliveries.c.kind != EventKind.CLEARED.value,
            _earlier.c.kind == EventKind.CLEARED.value,
            _earlier.c.next_at <= bindparam("now"),
            _earlier.c.held_by.is_(None),
            _earlier.c.attempts > 0,
        ),
    )
    .exists()
)
_TAKE = (
    select(
        deliveries,
        events.c.body,
        or_(deliveries.c.accepted_at.is_not(None), _accepted_before).label("told"),
    )
    .join(events, events.c.id == deliveries.c.event_id)
    .where(
        deliveries.c.sink == bindparam("lane"),
        # And not its state: PostgreSQL would take the index of what is pending, and sort it all.
        deliveries.c.head,
        deliveries.c.next_at <= bindparam("now"),
    )
    .order_by(deliveries.c.next_at, deliveries.c.id)
    .limit(bindparam("limit", type_=Integer))
    .execution_options(**QUICK)
)
_TAKE_BY_KEY = _TAKE.where(~_same_key_first)
_NEXT_DUE = (
    select(func.min(deliveries.c.next_at).label("at"))
    .where(deliveries.c.sink == bindparam("lane"), deliveries.c.head)
    .execution_options(**QUICK)
)
_RECORD = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("delivery_id"), deliveries.c.state == PENDING)
    # A delivery that is to be tried again may have lost the flag to one replayed before it.
    .values(head=and_(deliveries.c.head, bindparam("waits", type_=Boolean)))
    .values(
        accepted_at=func.coalesce(deliveries.c.accepted_at, bindparam("accepted", type_=Instant))
    )
    .execution_options(**QUICK)
)
_HOLD = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("delivery_id"), deliveries.c.state == PENDING)
    .execution_options(**QUICK)
)
_RELEASE_ALL = (
    update(deliveries)
    .where(
        deliveries.c.sink == bindparam("lane"),
        deliveries.c.state == PENDING,
        deliveries.c.next_at > bindparam("due"),
    )
    .values(next_at=bindparam("due"))
)
_RELEASE = _RELEASE_ALL.where(deliveries.c.id == bindparam("delivery_id")).execution_options(
    **QUICK
)
_ORPHANS = (
    select(deliveries.c.id, deliveries.c.attempts)
    .where(
        deliveries.c.state == PENDING,
        deliveries.c.sink.not_in(bindparam("sinks", expanding=True)),
        deliveries.c.created_at < bindparam("before"),
    )
    .order_by(deliveries.c.id)
    .limit(1000)
)


async def take(
    tx: Transaction,
    sink: str,
    *,
    now: datetime,
    limit: int,
    exclude: Collection[str] = (),
    by_key: bool = False,
) -> tuple[Delivery, ...]:
    """List what may go to a sink now: due heads, the longest due first.

    exclude: ids of alarms of which something is on its way. by_key: only what no earlier delivery
    of the same key comes before, be it of another alarm. Nothing is changed by it.
    """
    statement = _TAKE_BY_KEY if by_key else _TAKE
    # More rows instead of NOT IN: the statement stays the same whatever is excluded.
    answer = await tx.execute(statement, {"lane": sink, "now": now, "limit": limit + len(exclude)})
    found = [row for row in answer.rows if row.alarm_id not in exclude][:limit]
    return tuple(delivery_of(row, told=bool(row.told)) for row in found)


async def next_due_at(tx: Transaction, sink: str) -> datetime | None:
    """Say when the next delivery of a sink may go, None when none is pending."""
    at: datetime | None = (await tx.execute(_NEXT_DUE, {"lane": sink})).rows[0].at
    return at


async def record(tx: Transaction, outcomes: Sequence[Outcome]) -> int:
    """Record what attempts came to, and the gate's word on what is a head still.

    Returns how many deliveries took it: those that are pending.
    """
    by_id = {outcome.delivery_id: outcome for outcome in outcomes}
    found = await lock(tx, by_id, states=(DeliveryState.PENDING,))
    won = [(by_id[row.id], row) for row in found if row.head or not _is_word(by_id[row.id])]
    if rows := [_outcome_row(one) for one, _ in won if one.hold is None]:
        await tx.execute(_RECORD, rows)
    if rows := [_hold_row(one, one.hold, row.revision) for one, row in won if one.hold]:
        await tx.execute(_HOLD, rows)
    await save_remarks(tx, _remarks_of(won))
    heads = [row for one, row in won if row.head and one.state is not DeliveryState.PENDING]
    # All before a head is settled, so the search for the next starts there. What settled without
    # being one (a replay came between) has a head before it still.
    await promote(tx, {(row.sink, row.alarm_id): row.id for row in heads})
    if outrun := _outrun(won):
        await owe_again(tx, outrun, now=outcomes[0].at, words="said again after what is replayed")
    return len(won)


async def release(tx: Transaction, sink: str, ids: Iterable[int], *, next_at: datetime) -> None:
    """Let pending deliveries of a sink go no later than this, whatever their last failure said."""
    rows = [{"delivery_id": one, "lane": sink, "due": next_at} for one in sorted(ids)]
    if rows:
        await tx.execute(_RELEASE, rows)


async def release_all(tx: Transaction, sink: str, *, next_at: datetime) -> int:
    """Let all pending deliveries of a sink go no later than this; return how many were to wait."""
    return (await tx.execute(_RELEASE_ALL, {"lane": sink, "due": next_at})).count


async def bury_orphans(
    tx: Transaction, sinks: Collection[str], *, before: datetime, now: datetime
) -> int:
    """Give up what was owed before that moment to sinks other than these, the configured ones.

    Returns how many, at most a thousand; repeat it until 0.
    """
    found = await tx.execute(_ORPHANS, {"sinks": sorted(sinks), "before": before})
    return await record(
        tx,
        [
            Outcome(
                delivery_id=row.id,
                state=DeliveryState.DEAD,
                attempts=row.attempts,
                at=now,
                reason="its sink is configured no longer",
            )
            for row in found.rows
        ],
    )


def _outrun(won: Iterable[tuple[Outcome, Row[Any]]]) -> list[int]:
    """List what was accepted, while a replay has put something before it that was not.

    A raise that is replayed opens its alarm once more, so the clear has to be said after it.
    """
    led = {(row.sink, row.alarm_id) for _, row in won if row.head}
    return [
        row.id
        for one, row in won
        if one.state is DeliveryState.DELIVERED and (row.sink, row.alarm_id) not in led
    ]


def _is_word(outcome: Outcome) -> bool:
    """Say whether it is the gate's word, which is void once a replay has put something before it.

    A clear would otherwise be dropped for want of a raise that is being told after all.
    """
    return outcome.hold is not None or outcome.state is DeliveryState.DROPPED


def _remarks_of(won: Iterable[tuple[Outcome, Row[Any]]]) -> Iterator[Remark]:
    """Say what is worth remembering: an attempt that failed, a hold for another cause than before.

    What is held for long is judged anew with whatever befalls its alarm.
    """
    for outcome, row in won:
        if outcome.hold is not None:
            if outcome.hold.cause != row.held_by:
                yield Remark(outcome.delivery_id, outcome.at, word_hold(outcome.hold))
        elif outcome.state is DeliveryState.PENDING and outcome.reason:
            yield Remark(
                outcome.delivery_id, outcome.at, f"attempt {outcome.attempts}: {outcome.reason}"
            )


def _hold_row(outcome: Outcome, hold: Hold, revision: int) -> dict[str, Any]:
    # What happened to the alarm meanwhile reviewed nothing: it did not look held yet.
    judged = outcome.revision is None or outcome.revision == revision
    return {
        "delivery_id": outcome.delivery_id,
        "next_at": hold.until if judged else outcome.at,
        "held_by": hold.cause,
        "held_until": hold.until,
        "reason": hold.reason,
    }


def _outcome_row(outcome: Outcome) -> dict[str, Any]:
    pending = outcome.state is DeliveryState.PENDING
    return {
        "delivery_id": outcome.delivery_id,
        "state": outcome.state.value,
        "waits": pending,
        "attempts": outcome.attempts,
        "next_at": outcome.next_at or outcome.at,
        "settled_at": None if pending else outcome.at,
        "reason": outcome.reason,
        "answer": outcome.answer,
        "accepted": outcome.at if outcome.state is DeliveryState.DELIVERED else None,
    }


def _hold_of(row: Row[Any]) -> Hold | None:
    if row.held_by is None:
        return None
    return Hold(cause=row.held_by, until=row.held_until, reason=row.reason or row.held_by)


def delivery_of(row: Row[Any], *, told: bool) -> Delivery:
    """Read a delivery from a row that has its event's body as well."""
    return Delivery(
        id=row.id,
        event_id=row.event_id,
        alarm_id=row.alarm_id,
        sink=row.sink,
        key=row.key,
        kind=row.kind,
        body=row.body,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        created_at=row.created_at,
        next_at=row.next_at,
        settled_at=row.settled_at,
        reason=row.reason,
        answer=row.answer,
        told=told,
        accepted_at=row.accepted_at,
        forced=row.forced,
        held=_hold_of(row),
        note=row.note,
        credential=row.credential,
    )
