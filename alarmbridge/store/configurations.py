"""The configurations that devices had, as INI files with their secrets masked."""

import zlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update

from alarmbridge.store.devices import id_of
from alarmbridge.store.page import Cursors, Page, page_of, size_of
from alarmbridge.store.tables import configurations
from alarmbridge.store.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationRecord:
    """When a configuration was fetched, and until when it was found unchanged. reason: why."""

    id: int
    taken_at: datetime
    checked_at: datetime
    reason: str


_CURSORS = Cursors("configurations")
_OF_DEVICE = id_of(bindparam("device"))
_LIST = (
    select(*(column for column in configurations.c if column.name != "body"))
    .where(configurations.c.device_id == _OF_DEVICE)
    .order_by(configurations.c.id.desc())
)
_BODY = select(configurations.c.body).where(
    configurations.c.device_id == _OF_DEVICE, configurations.c.id == bindparam("number")
)
_CHECKED = (
    update(configurations)
    .where(configurations.c.id == bindparam("number"))
    .values(checked_at=bindparam("now"))
)


async def list_configurations(
    tx: Transaction, device: str, *, limit: int = 100, after: str | None = None
) -> Page[ConfigurationRecord]:
    """List a device's configurations, the latest first; raises BadCursor."""
    statement = _LIST.limit(size_of(limit) + 1)
    if after is not None:
        statement = statement.where(configurations.c.id < _CURSORS.read_number(after))
    rows = (await tx.execute(statement, {"device": device})).rows
    found = [
        ConfigurationRecord(
            id=row.id, taken_at=row.taken_at, checked_at=row.checked_at, reason=row.reason
        )
        for row in rows
    ]
    return page_of(found, [str(one.id) for one in found], _CURSORS, limit=limit)


async def load_configuration(tx: Transaction, device: str, number: int) -> str | None:
    """Load one configuration of a device as text; None where it has none of that number."""
    rows = (await tx.execute(_BODY, {"device": device, "number": number})).rows
    return zlib.decompress(rows[0].body).decode() if rows else None


async def add_configuration(
    tx: Transaction, device: str, text: str, *, reason: str, now: datetime, keep: int
) -> None:
    """Keep a configuration, and no more than the latest `keep` of this device.

    text: masked already; nothing here knows what is secret in it.
    """
    await tx.execute(
        insert(configurations).values(device_id=_OF_DEVICE),
        {
            "device": device,
            "taken_at": now,
            "checked_at": now,
            "reason": reason,
            "body": zlib.compress(text.encode(), 9),
        },
    )
    rows = (await tx.execute(_LIST.offset(keep), {"device": device})).rows
    for row in rows:
        await tx.execute(delete(configurations).where(configurations.c.id == row.id))


async def note_unchanged(tx: Transaction, number: int, *, now: datetime) -> None:
    """Note that a configuration was found as it was."""
    await tx.execute(_CHECKED, {"number": number, "now": now})
