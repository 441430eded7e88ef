"""Blind spells: from when to when a device could not be seen, and why."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Text, bindparam, insert, select, update

from alarmbridge.store.column_types import Instant
from alarmbridge.store.devices import id_of
from alarmbridge.store.page import Cursors, Page, page_of, size_of
from alarmbridge.store.tables import blind_spells, devices
from alarmbridge.store.transaction import QUICK, Transaction


class SpellKind(StrEnum):
    """What made the bridge blind."""

    UNREACHABLE = "unreachable"
    LOGIN = "login"
    UNREADABLE = "unreadable"
    GAP = "gap"


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindSpell:
    """One spell of a device. until: None while it lasts."""

    device: str
    kind: SpellKind
    since: datetime
    until: datetime | None
    reason: str


_CURSORS = Cursors("blind spells")
_IS_OPEN = (
    select(blind_spells.c.id)
    .where(
        blind_spells.c.device_id == devices.c.id,
        blind_spells.c.kind == bindparam("kind", type_=Text),
        blind_spells.c.until.is_(None),
    )
    .exists()
)
_OPEN = (
    insert(blind_spells)
    .from_select(
        ["device_id", "kind", "since", "reason"],
        select(
            devices.c.id,
            bindparam("kind", type_=Text),
            bindparam("since", type_=Instant),
            bindparam("reason", type_=Text),
        ).where(devices.c.name == bindparam("device"), ~_IS_OPEN),
    )
    .execution_options(**QUICK)
)
_CLOSE = (
    update(blind_spells)
    .where(blind_spells.c.device_id == id_of(bindparam("device")), blind_spells.c.until.is_(None))
    .values(until=bindparam("ended_at"))
    .execution_options(**QUICK)
)


async def open_spell(
    tx: Transaction, device: str, *, kind: SpellKind, since: datetime, reason: str
) -> bool:
    """Note that a device cannot be seen; False when such a spell is open already."""
    answer = await tx.execute(
        _OPEN, {"device": device, "kind": kind.value, "since": since, "reason": reason}
    )
    return answer.count > 0


async def close_spell(
    tx: Transaction, device: str, *, until: datetime, kind: SpellKind | None = None
) -> int:
    """Note that a device can be seen again; return how many spells that ends.

    kind: end only this one.
    """
    statement = _CLOSE if kind is None else _CLOSE.where(blind_spells.c.kind == kind.value)
    return (await tx.execute(statement, {"device": device, "ended_at": until})).count


async def list_spells(
    tx: Transaction,
    *,
    device: str | None = None,
    lasting: bool = False,
    limit: int = 100,
    after: str | None = None,
) -> Page[BlindSpell]:
    """List spells, the latest entered first; raises BadCursor.

    lasting: only those that have not ended.
    """
    statement = (
        select(blind_spells, devices.c.name.label("device"))
        .join(devices, devices.c.id == blind_spells.c.device_id)
        .order_by(blind_spells.c.id.desc())
        .limit(size_of(limit) + 1)
    )
    if device is not None:
        statement = statement.where(devices.c.name == device)
    if lasting:
        statement = statement.where(blind_spells.c.until.is_(None))
    if after is not None:
        statement = statement.where(blind_spells.c.id < _CURSORS.read_number(after))
    rows = (await tx.execute(statement)).rows
    spells = [
        BlindSpell(
            device=row.device,
            kind=SpellKind(row.kind),
            since=row.since,
            until=row.until,
            reason=row.reason,
        )
        for row in rows
    ]
    return page_of(spells, [str(row.id) for row in rows], _CURSORS, limit=limit)
