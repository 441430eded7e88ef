"""Events as people and streams ask for them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select

from alarmbridge.store.devices import id_of
from alarmbridge.store.page import Cursors, Page, page_of, size_of
from alarmbridge.store.tables import devices, events
from alarmbridge.store.transaction import Transaction

_CURSORS = Cursors("events")
_CURSORS_OF_DEVICE = Cursors("events of a device")


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
    device: str | None = None,
    alarm: str | None = None,
    kinds: Collection[str] = (),
    limit: int = 100,
    after: str | None = None,
) -> Page[StoredEvent]:
    """List events, the latest first. kinds: raised, changed, cleared; empty means any.

    A cursor goes on with the same question only. Raises BadCursor.
    """
    # Within a device sequence and position give one order, and there is an index of the former.
    place, cursors = (
        (events.c.position, _CURSORS) if device is None else (events.c.sequence, _CURSORS_OF_DEVICE)
    )
    statement = _select_events().order_by(place.desc()).limit(size_of(limit) + 1)
    if device is not None:
        statement = statement.where(events.c.device_id == id_of(device))
    if alarm is not None:
        statement = statement.where(events.c.alarm_id == alarm)
    if kinds:
        statement = statement.where(events.c.kind.in_(sorted(kinds)))
    if after is not None:
        statement = statement.where(place < cursors.read_number(after))
    found = [_event_of(row) for row in (await tx.execute(statement)).rows]
    places = [str(event.position if device is None else event.sequence) for event in found]
    return page_of(found, places, cursors, limit=limit)


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
