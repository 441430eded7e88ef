"""Alarms as people ask for them."""

from sqlalchemy import bindparam, func, select, update

from alarmbridge.core.alarm import Alarm, Origin
from alarmbridge.store.alarm_rows import alarm_of, select_alarms
from alarmbridge.store.devices import id_of
from alarmbridge.store.tables import ACTIVE, alarms
from alarmbridge.store.transaction import QUICK, Transaction

# Ids are hexadecimal digits and hyphens, which this letter is behind in whatever order a database
# has for text; the last character of Unicode does not count at all in the usual ones.
_BEHIND_ALL = "z"

_FETCH = select_alarms().where(alarms.c.id == bindparam("alarm_id"))
_BRIDGE = (
    select_alarms()
    .where(alarms.c.state == ACTIVE, alarms.c.origin == Origin.BRIDGE.value)
    .order_by(alarms.c.seen_at, alarms.c.id)
)
_MARK_STALE = (
    update(alarms)
    .where(
        alarms.c.device_id == id_of(bindparam("device")),
        alarms.c.state == ACTIVE,
        alarms.c.origin == Origin.DEVICE.value,
        alarms.c.stale != bindparam("unseen"),
    )
    .values(stale=bindparam("unseen"))
    .execution_options(**QUICK)
)


async def fetch_alarm(tx: Transaction, alarm_id: str) -> Alarm | None:
    """Load one alarm; None when there is none of that id."""
    rows = (await tx.execute(_FETCH, {"alarm_id": alarm_id})).rows
    return alarm_of(rows[0]) if rows else None


async def find_alarms(tx: Transaction, start: str, *, limit: int = 2) -> tuple[str, ...]:
    """Name the alarms whose id begins so, at most so many: one that is typed need not be whole."""
    statement = (
        select(alarms.c.id)
        .where(
            alarms.c.id >= start,
            alarms.c.id < start + _BEHIND_ALL,
            func.substr(alarms.c.id, 1, len(start)) == start,
        )
        .order_by(alarms.c.id)
        .limit(limit)
    )
    return tuple(row.id for row in (await tx.execute(statement)).rows)


async def active_bridge_alarms(tx: Transaction) -> tuple[Alarm, ...]:
    """Load the bridge's own alarms that stand, of all devices and of none, oldest first."""
    return tuple(alarm_of(row) for row in (await tx.execute(_BRIDGE)).rows)


async def mark_stale(tx: Transaction, device: str, *, stale: bool) -> int:
    """Mark that a device's active alarms are how it was when it was last seen, or no longer."""
    return (await tx.execute(_MARK_STALE, {"device": device, "unseen": stale})).count
