"""What is held of a device, for the next decision about it."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import bindparam, false, func, or_, select

from alarmbridge.core.alarm import Alarm, ClearReason, Origin
from alarmbridge.core.decision import Held, HistoryMark
from alarmbridge.core.errors import StoreError
from alarmbridge.store.alarm_rows import alarm_of, select_alarms
from alarmbridge.store.tables import ACTIVE, alarms, devices, history_marks
from alarmbridge.store.transaction import QUICK, Transaction, batches

LOOSE_FOR = timedelta(hours=1)
_MOST_LOOSE = 200

_DEVICE = select(devices).where(devices.c.name == bindparam("device")).execution_options(**QUICK)
_STANDING = (
    select_alarms()
    .where(alarms.c.device_id == bindparam("device_id"), alarms.c.state == ACTIVE)
    .order_by(alarms.c.seen_at, alarms.c.id)
    .execution_options(**QUICK)
)
_LOOSE = (
    select_alarms()
    .where(
        alarms.c.device_id == bindparam("device_id"),
        alarms.c.closed_at >= bindparam("closed_after"),
        or_(alarms.c.clear_row.is_(None), alarms.c.raise_row.is_(None)),
        alarms.c.clear_reason == ClearReason.DEVICE.value,
        alarms.c.origin == Origin.DEVICE.value,
        alarms.c.transient == false(),
    )
    .order_by(alarms.c.closed_at.desc(), alarms.c.id)
    .limit(_MOST_LOOSE)
    .execution_options(**QUICK)
)
_MARKS = (
    select(history_marks)
    .where(history_marks.c.device_id == bindparam("device_id"))
    .execution_options(**QUICK)
)
_COUNT = (
    select(alarms.c.identity, func.count().label("number"))
    .where(alarms.c.identity.in_(bindparam("identities", expanding=True)))
    .group_by(alarms.c.identity)
    .execution_options(**QUICK)
)


async def load_held(tx: Transaction, device: str, *, now: datetime) -> Held:
    """Load all that a decision about a device needs; "" is the bridge itself.

    Loose are alarms that were cleared within the last hour and lack a row of the history, the
    latest 200: later than that, no device has been seen to write one.
    """
    found = (await tx.execute(_DEVICE, {"device": device})).rows
    if not found:
        raise StoreError(f"The archive knows no device {device!r}; register it first.")
    row = found[0]
    about = {"device_id": row.id}
    standing = [alarm_of(one) for one in (await tx.execute(_STANDING, about)).rows]
    loose = await tx.execute(_LOOSE, {**about, "closed_after": now - LOOSE_FOR})
    marks = await tx.execute(_MARKS, about)
    return Held(
        device=device,
        active=_of(Origin.DEVICE, standing),
        own=_of(Origin.BRIDGE, standing),
        loose=tuple(alarm_of(one) for one in reversed(loose.rows)),
        marks={
            mark.history_id: HistoryMark(
                mark.history_id, mark.description, mark.firm, mark.date, mark.clears
            )
            for mark in marks.rows
        },
        sequence=row.sequence,
        read_at=row.read_at,
        first_seen_at=row.first_seen_at,
        newest_last=row.newest_last,
        serial_number=row.serial_number,
        uptime=row.uptime,
        version=row.version,
        high_availability=row.high_availability,
    )


async def count_identities(tx: Transaction, identities: Collection[str]) -> dict[str, int]:
    """Count the alarms of each identity that the archive holds; 0 for those it does not."""
    counts = dict.fromkeys(sorted(identities), 0)
    for batch in batches(list(counts)):
        answer = await tx.execute(_COUNT, {"identities": batch})
        counts.update((row.identity, row.number) for row in answer.rows)
    return counts


def _of(origin: Origin, standing: list[Alarm]) -> tuple[Alarm, ...]:
    return tuple(alarm for alarm in standing if alarm.origin is origin)
