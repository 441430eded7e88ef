"""Standings: how the alarms of some deliveries stand now, for the gate to judge by."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.event import EventKind
from alarmbridge.store.alarm_rows import alarm_of
from alarmbridge.store.tables import PENDING, alarms, deliveries, devices
from alarmbridge.store.transaction import QUICK, Transaction, batches

_later = deliveries.alias("later")
_STANDINGS = (
    select(
        deliveries.c.id.label("delivery_id"),
        alarms,
        devices.c.name.label("device"),
        devices.c.tags,
        _later.select()
        .where(
            _later.c.alarm_id == deliveries.c.alarm_id,
            _later.c.sink == deliveries.c.sink,
            _later.c.id > deliveries.c.id,
            _later.c.kind == EventKind.CHANGED.value,
            _later.c.state == PENDING,
        )
        .exists()
        .label("followed"),
    )
    .join(alarms, alarms.c.id == deliveries.c.alarm_id)
    .join(devices, devices.c.id == alarms.c.device_id)
    .where(deliveries.c.id.in_(bindparam("ids", expanding=True)))
    .execution_options(**QUICK)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The alarm of a delivery as it stands now, and its device's tags.

    closed_at: when the archive closed it. followed: a later change of it waits at the same sink.
    """

    alarm: Alarm
    tags: Mapping[str, str]
    closed_at: datetime | None
    followed: bool


async def load_standings(tx: Transaction, ids: Collection[int]) -> dict[int, Standing]:
    """Load how the alarms of these deliveries stand, by delivery id."""
    found: dict[int, Standing] = {}
    for batch in batches(sorted(ids)):
        for row in (await tx.execute(_STANDINGS, {"ids": batch})).rows:
            found[row.delivery_id] = Standing(
                alarm=alarm_of(row),
                tags=row.tags,
                closed_at=row.closed_at,
                followed=bool(row.followed),
            )
    return found
