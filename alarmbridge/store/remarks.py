"""Remarks: what befell a delivery on its way, for whoever asks why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, select

from alarmbridge.store.tables import deliveries, delivery_remarks
from alarmbridge.store.transaction import QUICK, Transaction

_INSERT = insert(delivery_remarks).execution_options(**QUICK)
_said = delivery_remarks.alias("said")
_FORGET = (
    delete(delivery_remarks)
    .where(
        delivery_remarks.c.delivery_id == bindparam("of_delivery"),
        delivery_remarks.c.id
        >= select(func.min(_said.c.id))
        .where(_said.c.delivery_id == bindparam("of_delivery"), _said.c.words == bindparam("words"))
        .scalar_subquery(),
    )
    .execution_options(**QUICK)
)
_OF_ALARM = (
    select(delivery_remarks)
    .join(deliveries, deliveries.c.id == delivery_remarks.c.delivery_id)
    .where(deliveries.c.alarm_id == bindparam("of_alarm"))
    .order_by(delivery_remarks.c.id)
)


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that befell a delivery, in words."""

    delivery_id: int
    at: datetime
    words: str


async def save_remarks(tx: Transaction, remarks: Iterable[Remark]) -> None:
    """Store remarks, in this order."""
    rows = [
        {"delivery_id": remark.delivery_id, "at": remark.at, "words": remark.words}
        for remark in remarks
    ]
    if rows:
        await tx.execute(_INSERT, rows)


async def forget_since(tx: Transaction, ids: Iterable[int], words: str) -> None:
    """Forget of these deliveries what befell them since those words were first said of each."""
    rows = [{"of_delivery": one, "words": words} for one in sorted(ids)]
    if rows:
        await tx.execute(_FORGET, rows)


async def remarks_on(tx: Transaction, alarm_id: str) -> tuple[Remark, ...]:
    """List what befell all deliveries of an alarm, oldest first."""
    rows = (await tx.execute(_OF_ALARM, {"of_alarm": alarm_id})).rows
    return tuple(Remark(row.delivery_id, row.at, row.words) for row in rows)
