"""Events as people and streams ask for them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select

from alarmbridge.store.branches import newest_of, one_of
from alarmbridge.store.devices import id_of, ids_of
from alarmbridge.store.page import Cursors, Page, page_of, size_of
from alarmbridge.store.tables import devices, events
from alarmbridge.store.transaction import Transaction

_CURSORS = Cursors("events")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """An event as it was told. position: its place among all events, rising. body: JSON text."""

    position: int
    id: str
    alarm_id: str
    device: str
    sequence: int
    kind: str
    at: datetime
    body: str


async def list_events(
    tx: Transaction,
    *,
    devices: Collection[str] = (),
    alarms: Collection[str] = (),
    kinds: Collection[str] = (),
    limit: int = 100,
    after: str | None = None,
) -> Page[StoredEvent]:
    """List events, the latest first. Empty means any; values mean any of them.

    devices: their names. alarms: their ids. kinds: raised, changed, cleared. Raises BadCursor.
    """
    conditions: list[ColumnElement[bool]] = []
    if alarms:
        conditions.append(events.c.alarm_id == one_of(alarms))
    if devices and alarms:
        conditions.append(events.c.device_id.in_(ids_of(devices)))
    elif devices:
        conditions.append(events.c.device_id == id_of(one_of(devices)))
    if kinds:
        conditions.append(events.c.kind.in_(sorted(kinds)))
    if after is not None:
        conditions.append(events.c.position < _CURSORS.read_number(after))
    size, latest = size_of(limit) + 1, events.c.position.desc()
    several = alarms or devices
    if len(set(several)) > 1:
        branch = select(events.c.position.label("id")).where(*conditions)
        branch = branch.order_by(latest).limit(size)
        conditions = [events.c.position.in_(newest_of(several, branch, limit=size))]
    statement = _select_events().where(*conditions).order_by(latest).limit(size)
    found = [_event_of(row) for row in (await tx.execute(statement)).rows]
    return page_of(found, [str(one.position) for one in found], _CURSORS, limit=limit)


async def events_since(
    tx: Transaction,
    position: int,
    *,
    upto: int | None = None,
    limit: int = 100,
    size: int | None = None,
) -> tuple[StoredEvent, ...]:
    """List the events after a position, oldest first: what a stream has still to tell.

    upto: the last position to tell. size: of all bodies together at the most, in characters; one
    event comes in any case.
    """
    after = [events.c.position > position]
    if upto is not None:
        after.append(events.c.position <= upto)
    if size is not None:
        last = await _find_last(tx, after, limit=limit, size=size)
        if last is None:
            return ()
        after.append(events.c.position <= last)
    statement = _select_events().where(*after).order_by(events.c.position).limit(size_of(limit))
    return tuple(_event_of(row) for row in (await tx.execute(statement)).rows)


async def _find_last(
    tx: Transaction, after: Sequence[ColumnElement[bool]], *, limit: int, size: int
) -> int | None:
    """Find the last event of a page that is to be no larger than that; None where there is none."""
    statement = (
        select(events.c.position, func.length(events.c.body).label("size"))
        .where(*after)
        .order_by(events.c.position)
        .limit(size_of(limit))
    )
    last: int | None = None
    for row in (await tx.execute(statement)).rows:
        size -= row.size
        if last is not None and size < 0:
            break
        last = row.position
    return last


async def latest_position(tx: Transaction) -> int:
    """Say where a stream begins that wants only news; 0 in an empty archive."""
    answer = await tx.execute(select(func.coalesce(func.max(events.c.position), 0)))
    position: int = answer.rows[0][0]
    return position


def _select_events() -> Select[Any]:
    return select(events, devices.c.name.label("device")).join(
        devices, devices.c.id == events.c.device_id
    )


def _event_of(row: Row[Any]) -> StoredEvent:
    return StoredEvent(
        position=row.position,
        id=row.id,
        alarm_id=row.alarm_id,
        device=row.device,
        sequence=row.sequence,
        kind=row.kind,
        at=row.at,
        body=row.body,
    )
