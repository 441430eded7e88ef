"""Holds: letting a lane look again at what waits, because what it waits for may be over."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import and_, bindparam, or_, select, update

from alarmbridge.core.holds import SILENCE
from alarmbridge.core.silence import CONFIGURED
from alarmbridge.store.tables import PENDING, alarms, deliveries
from alarmbridge.store.transaction import QUICK, Transaction

_REVIEW = (
    update(deliveries)
    .where(
        deliveries.c.alarm_id == bindparam("of_alarm"),
        deliveries.c.sink == bindparam("lane"),
        deliveries.c.state == PENDING,
        deliveries.c.held_by.is_not(None),
        deliveries.c.next_at > bindparam("now"),
    )
    .values(next_at=bindparam("now"))
    .execution_options(**QUICK)
)
_REVIEW_CONFIGURED = (
    update(deliveries)
    .where(
        or_(
            deliveries.c.held_by.startswith(f"{SILENCE}{CONFIGURED}", autoescape=True),
            ~deliveries.c.held_by.startswith(SILENCE),
        ),
        deliveries.c.held_by.is_not(None),
        deliveries.c.state == PENDING,
        deliveries.c.next_at > bindparam("now"),
    )
    .values(next_at=bindparam("now"))
)
_CAUSES = (
    select(deliveries.c.held_by)
    .where(
        deliveries.c.held_by.startswith(SILENCE),
        deliveries.c.held_by.is_not(None),
        deliveries.c.state == PENDING,
        deliveries.c.next_at > bindparam("now"),
    )
    .distinct()
)
_waits = and_(
    deliveries.c.held_by == bindparam("cause"),
    deliveries.c.state == PENDING,
    # What is free already keeps its place, and the moment since when it is.
    deliveries.c.held_until > bindparam("now"),
)
# In the order of `heads`, or a recorder that reviews the same would wait for this, and be waited
# for.
_LOCK = (
    select(deliveries.c.id)
    .select_from(alarms.join(deliveries, deliveries.c.alarm_id == alarms.c.id))
    .where(_waits)
    .order_by(alarms.c.id, deliveries.c.id)
    .with_for_update(key_share=True)
)
_RELEASE = (
    update(deliveries).where(_waits).values(next_at=bindparam("now"), held_until=bindparam("now"))
)


async def review(tx: Transaction, places: Iterable[tuple[str, str]], *, now: datetime) -> None:
    """Have what is held at these places (alarm id, sink) judged anew at once.

    A hold goes on, if it still holds: only the lane settles what it has been given.
    """
    rows = [{"of_alarm": alarm_id, "lane": sink, "now": now} for alarm_id, sink in sorted(places)]
    if rows:
        await tx.execute(_REVIEW, rows)


async def review_configured(tx: Transaction, *, now: datetime) -> int:
    """Have what waits for the configuration judged anew, since that may be another.

    Its silences and the sinks' rules, that is. Returns how many deliveries that are.
    """
    return (await tx.execute(_REVIEW_CONFIGURED, {"now": now})).count


async def silences_waited_for(tx: Transaction, *, now: datetime) -> set[str]:
    """Name the silences that something waits for the end of, as `core.holds.Hold` names them."""
    return {row.held_by for row in (await tx.execute(_CAUSES, {"now": now})).rows}


async def release_held(tx: Transaction, cause: str, *, now: datetime) -> int:
    """End a hold before its time, everywhere; return how many deliveries waited for it.

    cause: as `core.holds.Hold` names it, `silence:7` for one.
    """
    await tx.execute(_LOCK, {"cause": cause, "now": now})
    return (await tx.execute(_RELEASE, {"cause": cause, "now": now})).count
