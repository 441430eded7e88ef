"""Deliveries as people and routing ask for them: the ledger, lists and counts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Text,
    bindparam,
    func,
    literal_column,
    select,
    union_all,
)

from alarmbridge.core.delivery import DeliveryState, LedgerEntry
from alarmbridge.store.branches import newest_of, one_of
from alarmbridge.store.devices import id_of, ids_of
from alarmbridge.store.page import Cursors, Page, page_of, size_of
from alarmbridge.store.tables import alarms, deliveries, devices
from alarmbridge.store.transaction import QUICK, Transaction, batches


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedDelivery:
    """A delivery for people: what it is about instead of its body."""

    id: int
    event_id: str
    alarm_id: str
    device: str
    description: str
    sink: str
    key: str
    kind: str
    state: DeliveryState
    attempts: int
    created_at: datetime
    next_at: datetime
    settled_at: datetime | None
    reason: str | None
    answer: str | None
    note: str | None


OPEN_STATES = (DeliveryState.PENDING, DeliveryState.DEAD)
"""What somebody may have to see to."""

_CURSORS = Cursors("deliveries")
_LEDGER = (
    select(
        deliveries.c.alarm_id,
        deliveries.c.sink,
        deliveries.c.kind,
        deliveries.c.key,
        deliveries.c.credential,
        deliveries.c.state,
        deliveries.c.accepted_at.is_not(None).label("accepted"),
        func.max(deliveries.c.held_until).label("held_until"),
        func.min(deliveries.c.id).label("first"),
    )
    .where(deliveries.c.alarm_id.in_(bindparam("alarm_ids", expanding=True)))
    .group_by(
        deliveries.c.alarm_id,
        deliveries.c.sink,
        deliveries.c.kind,
        deliveries.c.key,
        deliveries.c.credential,
        deliveries.c.state,
        deliveries.c.accepted_at.is_not(None),
    )
    .order_by(func.min(deliveries.c.id))
    .execution_options(**QUICK)
)
# Not the credential: nobody is shown that.
_SHOWN = (
    "id",
    "event_id",
    "alarm_id",
    "sink",
    "key",
    "kind",
    "state",
    "attempts",
    "created_at",
    "next_at",
    "settled_at",
    "reason",
    "answer",
    "note",
)
_LISTED = (
    select(
        *(deliveries.c[name] for name in _SHOWN),
        alarms.c.description,
        devices.c.name.label("device"),
    )
    .join(alarms, alarms.c.id == deliveries.c.alarm_id)
    .join(devices, devices.c.id == alarms.c.device_id)
    .order_by(deliveries.c.id.desc())
)


async def ledger_of(
    tx: Transaction, alarm_ids: Collection[str]
) -> dict[str, tuple[LedgerEntry, ...]]:
    """Load what each sink was told of alarms so far, by alarm id, oldest first.

    Deliveries alike in all that an entry says are one, at the place of the first: otherwise an
    alarm whose text changes with every poll would grow a ledger without bound.
    """
    ledger: dict[str, list[LedgerEntry]] = {alarm_id: [] for alarm_id in sorted(alarm_ids)}
    for batch in batches(list(ledger)):
        for row in (await tx.execute(_LEDGER, {"alarm_ids": batch})).rows:
            entry = LedgerEntry(
                alarm_id=row.alarm_id,
                sink=row.sink,
                kind=row.kind,
                key=row.key,
                state=DeliveryState(row.state),
                accepted=bool(row.accepted),
                held=row.state == DeliveryState.PENDING.value and row.held_until is not None,
                credential=row.credential,
            )
            ledger[row.alarm_id].append(entry)
    return {alarm_id: tuple(entries) for alarm_id, entries in ledger.items()}


async def list_deliveries(
    tx: Transaction,
    *,
    sinks: Collection[str] = (),
    states: Collection[DeliveryState] = (),
    devices: Collection[str] = (),
    alarms: Collection[str] = (),
    limit: int = 100,
    after: str | None = None,
) -> Page[ListedDelivery]:
    """List deliveries, the latest first. Empty means any; values mean any of them.

    sinks, devices: their names. alarms: their ids. Raises BadCursor.
    """
    apart = () if alarms else devices or sinks
    conditions: list[ColumnElement[bool]] = []
    if alarms:
        conditions.append(deliveries.c.alarm_id.in_(sorted(set(alarms))))
    if devices and alarms:
        conditions.append(deliveries.c.device_id.in_(ids_of(devices)))
    elif devices:
        conditions.append(deliveries.c.device_id == id_of(one_of(devices)))
    if sinks and apart is sinks:
        conditions.append(deliveries.c.sink == one_of(sinks))
    elif sinks:
        conditions.append(deliveries.c.sink.in_(sorted(set(sinks))))
    if after is not None:
        conditions.append(deliveries.c.id < _CURSORS.read_number(after))
    # The indexes of a device's and a sink's deliveries have the states apart.
    each = sorted(set(states)) or (tuple(DeliveryState) if apart else (None,))
    size = size_of(limit) + 1
    pages = [_ids(conditions, state, size) for state in each]
    ids = pages[0] if len(pages) == 1 else union_all(*(select(page.subquery()) for page in pages))
    if len(set(apart)) > 1:
        ids = newest_of(apart, ids, limit=size)
    rows = (await tx.execute(_LISTED.where(deliveries.c.id.in_(ids)).limit(size))).rows
    found = [_listed(row) for row in rows]
    return page_of(found, [str(one.id) for one in found], _CURSORS, limit=limit)


def _ids(
    conditions: Sequence[ColumnElement[bool]], state: DeliveryState | None, size: int
) -> Select[Any]:
    statement = select(deliveries.c.id).where(*conditions)
    if state is not None:
        statement = statement.where(deliveries.c.state == _in_sql(state))
    return statement.order_by(deliveries.c.id.desc()).limit(size)


async def fetch_delivery(tx: Transaction, number: int) -> ListedDelivery | None:
    """Load one delivery; None when there is none of that number."""
    rows = (await tx.execute(_LISTED.where(deliveries.c.id == number))).rows
    return _listed(rows[0]) if rows else None


async def count_deliveries(
    tx: Transaction, states: Collection[DeliveryState] = OPEN_STATES
) -> dict[tuple[str, DeliveryState], int]:
    """Count deliveries by sink and state. The two open states have indexes; others are a scan."""
    counts: dict[tuple[str, DeliveryState], int] = {}
    for state in states:
        statement = (
            select(deliveries.c.sink, func.count().label("number"))
            .where(deliveries.c.state == _in_sql(state))
            .group_by(deliveries.c.sink)
            .order_by(deliveries.c.sink)
        )
        for row in (await tx.execute(statement)).rows:
            counts[row.sink, state] = row.number
    return counts


def _in_sql(state: DeliveryState) -> ColumnElement[str]:
    """Write a state into the statement itself, or the partial indexes would not be seen."""
    return literal_column(f"'{state.value}'", Text)


def _listed(row: Row[Any]) -> ListedDelivery:
    return ListedDelivery(**{**row._mapping, "state": DeliveryState(row.state)})  # noqa: SLF001 - public in spite of its name
