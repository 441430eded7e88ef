"""Flaps: how often the alarms of one key were raised at one sink lately."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, or_, select

from alarmbridge.core.event import EventKind
from alarmbridge.core.flapping import Flap
from alarmbridge.core.routing import FlapPlace
from alarmbridge.store.tables import PENDING, deliveries, flaps
from alarmbridge.store.transaction import QUICK, Transaction, batches

# Whether the raise that says that it flaps was told, or is to be. Otherwise the next one says so.
_heard = (
    deliveries.select()
    .where(
        deliveries.c.alarm_id == flaps.c.told,
        deliveries.c.sink == flaps.c.sink,
        deliveries.c.kind != EventKind.CLEARED.value,
        or_(deliveries.c.accepted_at.is_not(None), deliveries.c.state == PENDING),
    )
    .exists()
)
_LOAD = (
    select(flaps, _heard.label("heard"))
    .where(flaps.c.sink == bindparam("lane"), flaps.c.key.in_(bindparam("keys", expanding=True)))
    .execution_options(**QUICK)
)
_DELETE = (
    delete(flaps)
    .where(flaps.c.sink == bindparam("lane"), flaps.c.key == bindparam("of_key"))
    .execution_options(**QUICK)
)
_INSERT = insert(flaps).execution_options(**QUICK)
_FORGET = delete(flaps).where(flaps.c.last_at < bindparam("before"))


async def load_flaps(tx: Transaction, places: Collection[FlapPlace]) -> dict[FlapPlace, Flap]:
    """Load what is known at these places; a place of which nothing is known is not in it."""
    found: dict[FlapPlace, Flap] = {}
    keys: dict[str, list[str]] = {}
    for sink, key in sorted(places):
        keys.setdefault(sink, []).append(key)
    for sink, of_sink in keys.items():
        for batch in batches(of_sink):
            for row in (await tx.execute(_LOAD, {"lane": sink, "keys": batch})).rows:
                found[sink, row.key] = _flap_of(row)
    return found


async def save_flaps(tx: Transaction, changed: Mapping[FlapPlace, Flap]) -> None:
    """Store what has become of these; the writer of the device's events alone does so."""
    if not changed:
        return
    places = sorted(changed)
    await tx.execute(_DELETE, [{"lane": sink, "of_key": key} for sink, key in places])
    await tx.execute(
        _INSERT,
        [
            {
                "sink": sink,
                "key": key,
                "recent": [moment.isoformat() for moment in changed[sink, key].recent],
                "since": changed[sink, key].since,
                "told": changed[sink, key].told,
                "last_at": changed[sink, key].last,
            }
            for sink, key in places
        ],
    )


async def forget_flaps(tx: Transaction, before: datetime) -> None:
    """Forget every key that was last raised before that."""
    await tx.execute(_FORGET, {"before": before})


def _flap_of(row: Row[Any]) -> Flap:
    recent = tuple(datetime.fromisoformat(moment) for moment in row.recent)
    return Flap(recent=recent, since=row.since, told=row.told if row.heard else None)
