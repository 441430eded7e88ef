"""Devices: which are configured, and what each has said of itself."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    ScalarSelect,
    Select,
    bindparam,
    insert,
    or_,
    select,
    update,
)

from alarmbridge.core.errors import StaleClaim
from alarmbridge.core.health import Refusal
from alarmbridge.core.reading import DeviceStatus
from alarmbridge.store.tables import devices
from alarmbridge.store.transaction import QUICK, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceEntry:
    """A device as it is configured."""

    name: str
    url: str
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRecord:
    """A device as the archive holds it. removed_at: since when it is configured no longer."""

    name: str
    url: str
    tags: Mapping[str, str]
    product: str | None
    version: str | None
    serial_number: str | None
    uptime: int | None
    high_availability: str | None
    sequence: int
    read_at: datetime | None
    newest_last: bool | None
    first_seen_at: datetime
    removed_at: datetime | None
    claim: int


COLUMNS = [
    column for column in devices.c if column.name not in {"id", "login_refused_at", "login_refused"}
]
_REFUSAL = (
    select(devices.c.login_refused_at, devices.c.login_refused)
    .where(devices.c.name == bindparam("device"), devices.c.login_refused.is_not(None))
    .execution_options(**QUICK)
)
_REFUSE = (
    update(devices)
    .where(devices.c.name == bindparam("device"))
    .values(login_refused_at=bindparam("at"), login_refused=bindparam("digest"))
    .execution_options(**QUICK)
)

_CONFIGURE = (
    update(devices)
    .where(devices.c.name == bindparam("device"))
    .values(url=bindparam("url"), tags=bindparam("tags"), removed_at=None)
)
_REMOVE = (
    update(devices)
    .where(devices.c.name == bindparam("device"), devices.c.removed_at.is_(None))
    .values(removed_at=bindparam("now"))
)


def id_of(device: str | ColumnElement[str]) -> ScalarSelect[int]:
    """Ask, within a statement, for the id of the device of this name."""
    return select(devices.c.id).where(devices.c.name == device).scalar_subquery()


def ids_of(names: Collection[str]) -> Select[tuple[int]]:
    """Ask, within a statement, for the ids of the devices of these names."""
    return select(devices.c.id).where(devices.c.name.in_(sorted(set(names))))


def tagged(tags: Mapping[str, Collection[str]]) -> list[ColumnElement[bool]]:
    """Say which devices are meant: each key must have one of the values."""
    return [
        or_(*(devices.c.tags[key].as_string() == value for value in values))
        for key, values in tags.items()
    ]


async def register_devices(
    tx: Transaction, entries: Sequence[DeviceEntry], *, now: datetime
) -> None:
    """Enter configured devices: new ones are added, known ones updated, removed ones are back."""
    known = {record.name: record for record in await list_devices(tx)}
    fresh = [
        {"name": entry.name, "url": entry.url, "tags": dict(entry.tags), "first_seen_at": now}
        for entry in entries
        if entry.name not in known
    ]
    moved = [
        {"device": entry.name, "url": entry.url, "tags": dict(entry.tags)}
        for entry in entries
        if entry.name in known and not _is_as_configured(known[entry.name], entry)
    ]
    if fresh:
        await tx.execute(insert(devices), fresh)
    if moved:
        await tx.execute(_CONFIGURE, moved)


async def list_devices(tx: Transaction) -> tuple[DeviceRecord, ...]:
    """List all devices by name, also those removed; the bridge itself is none."""
    answer = await tx.execute(select(*COLUMNS).where(devices.c.name != "").order_by(devices.c.name))
    return tuple(record_of(row) for row in answer.rows)


async def list_removed(tx: Transaction, configured: Collection[str]) -> tuple[str, ...]:
    """Name the devices that are configured no longer and not yet marked so."""
    names = set(configured)
    return tuple(
        record.name
        for record in await list_devices(tx)
        if record.removed_at is None and record.name not in names
    )


async def mark_removed(tx: Transaction, device: str, *, now: datetime) -> bool:
    """Mark a device as removed; say whether it was not before."""
    answer = await tx.execute(_REMOVE, {"device": device, "now": now})
    return answer.count > 0


async def save_status(
    tx: Transaction,
    device: str,
    *,
    product: str | None = None,
    version: str | None = None,
    serial_number: str | None = None,
    uptime: int | None = None,
    high_availability: str | None = None,
    read_at: datetime | None = None,
    newest_last: bool | None = None,
    claim: int = 0,
) -> None:
    """Keep what a device said of itself; what is None stays as it was.

    claim: the writer's fencing number; StaleClaim when another one has taken the device.
    """
    told = {
        "product": product,
        "version": version,
        "serial_number": serial_number,
        "uptime": uptime,
        "high_availability": high_availability,
        "read_at": read_at,
        "newest_last": newest_last,
    }
    given = {column: value for column, value in told.items() if value is not None}
    if not given:
        return
    statement = update(devices).where(devices.c.name == device, devices.c.claim == claim)
    answer = await tx.execute(statement.values(given).execution_options(**QUICK))
    if answer.count == 0:
        raise StaleClaim(f"{device} is written by another alarmbridge; this one lets go of it.")


async def save_told(
    tx: Transaction,
    device: str,
    status: DeviceStatus,
    *,
    read_at: datetime | None,
    newest_last: bool | None = None,
) -> None:
    """Keep all that a status told, as `save_status` does."""
    await save_status(
        tx,
        device,
        product=status.product,
        version=status.version,
        serial_number=status.serial_number,
        uptime=status.uptime,
        high_availability=status.high_availability,
        read_at=read_at,
        newest_last=newest_last,
    )


async def load_refusal(tx: Transaction, device: str) -> Refusal | None:
    """Load which login a device refused last; None when it has been read since."""
    rows = (await tx.execute(_REFUSAL, {"device": device})).rows
    return Refusal(at=rows[0].login_refused_at, digest=rows[0].login_refused) if rows else None


async def save_refusal(tx: Transaction, device: str, refusal: Refusal | None) -> None:
    """Keep which login a device refused; None once it let us in."""
    at, digest = (refusal.at, refusal.digest) if refusal else (None, None)
    await tx.execute(_REFUSE, {"device": device, "at": at, "digest": digest})


def record_of(row: Row[Any]) -> DeviceRecord:
    """Read a device from a row of COLUMNS."""
    return DeviceRecord(**row._mapping)  # noqa: SLF001 - public in spite of its name


def _is_as_configured(record: DeviceRecord, entry: DeviceEntry) -> bool:
    held = (record.url, dict(record.tags), record.removed_at)
    return held == (entry.url, dict(entry.tags), None)
