"""Which license each device had when it was last read."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select

from alarmbridge.store.devices import id_of
from alarmbridge.store.tables import licenses
from alarmbridge.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class LicenseRecord:
    """A license. digest: of its key, which is not kept."""

    serial_number: str | None
    digest: str
    description: str


_OF_DEVICE = id_of(bindparam("device"))
_LOAD = select(licenses).where(licenses.c.device_id == _OF_DEVICE)
_FORGET = delete(licenses).where(licenses.c.device_id == _OF_DEVICE)
_SAVE = insert(licenses).values(device_id=_OF_DEVICE)


async def load_license(tx: Transaction, device: str) -> LicenseRecord | None:
    """Load a device's license; None before it was first read."""
    rows = (await tx.execute(_LOAD, {"device": device})).rows
    if not rows:
        return None
    return LicenseRecord(rows[0].serial_number, rows[0].digest, rows[0].description)


async def save_license(
    tx: Transaction, device: str, record: LicenseRecord, *, now: datetime
) -> None:
    """Keep a device's license instead of the one before."""
    await tx.execute(_FORGET, {"device": device})
    await tx.execute(
        _SAVE,
        {
            "device": device,
            "serial_number": record.serial_number,
            "digest": record.digest,
            "description": record.description,
            "seen_at": now,
        },
    )
