"""What stands: for more than a day, unacknowledged; and how long somebody took to acknowledge."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, select

from alarmbridge.core.report_figures import DAY, LISTED, Listed, Stale, Standing
from alarmbridge.core.severity import Severity
from alarmbridge.store.column_types import Instant
from alarmbridge.store.report_scope import RANK, SECOND, Scope
from alarmbridge.store.seconds import seconds_of
from alarmbridge.store.tables import ACTIVE, alarms, devices

_DAY = DAY // SECOND


async def stale(scope: Scope) -> tuple[Stale, ...]:
    """Count the alarms that stood for more than a day, by the days on which they did.

    One that is older than the period counts from its start, so that there are no more rows than
    pairs of its days.
    """
    start = scope.period.since - DAY
    seen = case((alarms.c.seen_at < start, literal(start, Instant)), else_=alarms.c.seen_at)
    closed = func.coalesce(alarms.c.closed_at, literal(scope.end, Instant))
    first, last = seconds_of(seen) // _DAY, seconds_of(closed) // _DAY
    for_a_day = seconds_of(alarms.c.closed_at) - seconds_of(alarms.c.seen_at) > _DAY
    # Each by an index of its own.
    ended = (
        alarms.c.state == ACTIVE,
        and_(alarms.c.closed_at >= scope.period.since, for_a_day),
    )
    rows = [
        row
        for condition in ended
        for row in await scope.ask(
            select(first.label("first"), last.label("last"), func.count().label("number"))
            .where(condition, alarms.c.seen_at < scope.end - DAY, *scope.meant)
            .group_by("first", "last")
        )
    ]
    return tuple(
        Stale(first=_day(row.first + 1), last=_day(max(row.last, row.first + 1)), count=row.number)
        for row in rows
    )


async def standing(scope: Scope) -> Listed[Standing]:
    """List those that have stood for more than a day now, the oldest first."""
    return await _standing(
        scope, [alarms.c.seen_at < scope.now - DAY], [alarms.c.seen_at, alarms.c.id]
    )


async def unacknowledged(scope: Scope) -> Listed[Standing]:
    """List those of the period that stand and were never acknowledged, the worst first."""
    return await _standing(
        scope,
        [scope.in_period, alarms.c.acknowledged_at.is_(None)],
        [RANK.desc(), alarms.c.seen_at, alarms.c.id],
    )


async def median_wait(scope: Scope) -> timedelta | None:
    """Say how long it took to acknowledge, half of the alarms less; None where none was."""
    done = alarms.c.acknowledged_at.is_not(None)
    [(count,)] = await scope.ask(scope.raised(func.count()).where(done))
    if not count:
        return None
    waited = (seconds_of(alarms.c.acknowledged_at) - seconds_of(alarms.c.seen_at)).label("waited")
    half = scope.raised(waited).where(done).order_by("waited").offset(count // 2).limit(1)
    [row] = await scope.ask(half)
    return max(timedelta(seconds=row.waited), timedelta(0))


async def _standing(
    scope: Scope, conditions: Sequence[ColumnElement[bool]], order: Sequence[ColumnElement[Any]]
) -> Listed[Standing]:
    where = [alarms.c.state == ACTIVE, *conditions, *scope.meant]
    [(count,)] = await scope.ask(select(func.count()).where(*where))
    rows = await scope.ask(
        select(alarms, devices.c.name.label("device_name"))
        .join(devices, devices.c.id == alarms.c.device_id)
        .where(*where)
        .order_by(*order)
        .limit(LISTED)
    )
    items = tuple(
        Standing(
            id=row.id,
            device=row.device_name,
            name=row.name,
            source=row.source,
            description=row.description,
            severity=Severity(row.severity),
            seen_at=row.seen_at,
        )
        for row in rows
    )
    return Listed(items=items, count=count)


def _day(number: int) -> date:
    return datetime.fromtimestamp(number * _DAY, UTC).date()
