"""What stands in the archive, counted: what the metrics ask every quarter of a minute."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Text,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from alarmbridge.core.severity import Severity
from alarmbridge.store.column_types import Instant
from alarmbridge.store.tables import ACTIVE, PENDING, alarms, deliveries
from alarmbridge.store.transaction import Transaction

_HELD = and_(
    deliveries.c.state == PENDING,
    deliveries.c.held_by.is_not(None),
    deliveries.c.held_until > bindparam("now", type_=Instant),
)
_COUNT_HELD = (
    select(deliveries.c.sink, deliveries.c.held_by, func.count().label("number"))
    .where(_HELD)
    .group_by(deliveries.c.held_by, deliveries.c.sink)
)
# One by one, because SQLite would rather walk all alarms there are in the order of their
# severities than use the small index of what is open.
_COUNT_ACTIVE = union_all(
    *(
        select(literal(one.value, Text).label("severity"), func.count().label("number"))
        .select_from(alarms)
        .where(alarms.c.state == ACTIVE, alarms.c.severity == one.value)
        for one in Severity
    )
)
_OLDEST = (
    select(deliveries.c.created_at)
    .where(
        deliveries.c.state == PENDING,
        func.coalesce(deliveries.c.sink, "") == bindparam("lane"),
        or_(
            deliveries.c.held_until.is_(None),
            deliveries.c.held_until <= bindparam("now", type_=Instant),
        ),
    )
    .order_by(deliveries.c.id)
    .limit(1)
)


class _Size(FunctionElement[int]):
    type = BigInteger()
    inherit_cache = True


@compiles(_Size)
def _sqlite(_element: _Size, _compiler: SQLCompiler, **_options: Any) -> str:
    return "(SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size())"


@compiles(_Size, "postgresql")
def _postgresql(_element: _Size, _compiler: SQLCompiler, **_options: Any) -> str:
    return "pg_database_size(current_database())"


async def count_active_by_severity(tx: Transaction) -> dict[Severity, int]:
    """Count all that stands, the bridge's own alarms too; severities without any are there as 0."""
    rows = (await tx.execute(_COUNT_ACTIVE)).rows
    return {Severity(row.severity): row.number for row in rows}


async def count_held(tx: Transaction, *, now: datetime) -> dict[tuple[str, str], int]:
    """Count what is held back, by sink and kind of cause: a word of `core/holds.py`, no id."""
    counts: dict[tuple[str, str], int] = {}
    for row in (await tx.execute(_COUNT_HELD, {"now": now})).rows:
        place = row.sink, row.held_by.partition(":")[0]
        counts[place] = counts.get(place, 0) + row.number
    return counts


async def oldest_owed(
    tx: Transaction, sinks: Iterable[str], *, now: datetime
) -> dict[str, datetime]:
    """Say since when the oldest delivery is owed that nothing holds back, by sink that has one."""
    oldest: dict[str, datetime] = {}
    for sink in sinks:
        rows = (await tx.execute(_OLDEST, {"lane": sink, "now": now})).rows
        if rows:
            oldest[sink] = rows[0].created_at
    return oldest


async def measure_size(tx: Transaction) -> int:
    """Say how many bytes the database takes on its disk, without SQLite's log of late writes."""
    size: int = (await tx.execute(select(_Size()))).rows[0][0]
    return size
