"""Acknowledgements: somebody has seen an alarm; it stands all the same."""

from datetime import datetime

from sqlalchemy import func, select, update

from alarmbridge.store.tables import ACTIVE, alarms
from alarmbridge.store.transaction import Transaction

# Ids are hexadecimal digits and hyphens, which this letter is behind in whatever order a database
# has for text; the last character of Unicode does not count at all in the usual ones.
_BEHIND_ALL = "z"


async def acknowledge(tx: Transaction, alarm_id: str, *, by: str, now: datetime) -> bool:
    """Note that somebody has seen an alarm that stands; say whether nobody had before."""
    statement = (
        update(alarms)
        .where(
            alarms.c.id == alarm_id, alarms.c.state == ACTIVE, alarms.c.acknowledged_at.is_(None)
        )
        .values(acknowledged_at=now, acknowledged_by=by)
    )
    return (await tx.execute(statement)).count > 0


async def withdraw(tx: Transaction, alarm_id: str) -> bool:
    """Take an acknowledgement back; say whether there was one."""
    statement = (
        update(alarms)
        .where(alarms.c.id == alarm_id, alarms.c.acknowledged_at.is_not(None))
        .values(acknowledged_at=None, acknowledged_by=None)
    )
    return (await tx.execute(statement)).count > 0


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
