"""Who makes the noise: which alarms are raised most often, too briefly, again and again.

An alarm is told from another here as `flapping` does: by device, oid and source. Without an oid it
is known by its words.
"""

from typing import Any

from sqlalchemy import Row, Subquery, case, func, literal, select

from alarmbridge.core.report_figures import LISTED, MINUTE, Actor, Chatter, Listed
from alarmbridge.core.severity import Severity
from alarmbridge.store.report_scope import BRIEF, CRITICAL, RANK, SECOND, Scope, count_if
from alarmbridge.store.seconds import seconds_of
from alarmbridge.store.tables import alarms, devices

_CHATTERS = 3
_PAUSE = MINUTE * 15
_SAID = case((alarms.c.oid.is_(None), alarms.c.description))
_KEY = (alarms.c.device_id, alarms.c.oid, alarms.c.source, _SAID)
_BY_RANK = {one.rank: one for one in Severity}


async def frequent_and_fleeting(scope: Scope) -> tuple[Listed[Actor], Listed[Actor]]:
    """Find the alarms that were raised most often, and those that were fleeting most often."""
    counted = (
        scope.raised(
            alarms.c.device_id,
            alarms.c.oid,
            alarms.c.source,
            _SAID.label("said"),
            func.min(alarms.c.name).label("name"),
            func.count().label("raised"),
            count_if(CRITICAL).label("critical"),
            count_if(BRIEF).label("fleeting"),
            func.max(RANK).label("worst"),
        )
        .group_by(*_KEY)
        .subquery()
    )
    places = [
        func.row_number().over(order_by=[order.desc(), counted.c.device_id, *_rest(counted)])
        for order in (counted.c.raised, counted.c.fleeting)
    ]
    ranked = select(
        counted,
        func.count().over().label("kinds"),
        func.sum(case((counted.c.fleeting > 0, 1), else_=0)).over().label("fleeting_kinds"),
        places[0].label("by_raised"),
        places[1].label("by_fleeting"),
    ).subquery()
    rows = await scope.ask(
        select(ranked, devices.c.name.label("device"))
        .join(devices, devices.c.id == ranked.c.device_id)
        .where((ranked.c.by_raised <= LISTED) | (ranked.c.by_fleeting <= LISTED))
        .order_by(ranked.c.by_raised)
    )
    if not rows:
        return Listed(), Listed()
    frequent = [_actor(row) for row in rows if row.by_raised <= LISTED]
    brief = sorted(rows, key=lambda row: row.by_fleeting)[:LISTED]
    fleeting = [_actor(row) for row in brief if row.fleeting]
    return (
        Listed(items=tuple(frequent), count=rows[0].kinds),
        Listed(items=tuple(fleeting), count=int(rows[0].fleeting_kinds)),
    )


async def chattering(scope: Scope) -> tuple[Listed[Chatter], int, int]:
    """Find the alarms that were raised three times or more within a minute.

    Also how many raises had three before them within a minute, and how many of those are critical.
    By the device's clock where it gave a time: what is read from a history was seen at once.
    """
    actors = _chatterers(scope)
    rows = await scope.ask(
        select(
            actors,
            devices.c.name.label("device"),
            func.count().over().label("kinds"),
            func.sum(actors.c.again).over().label("all_again"),
            func.sum(actors.c.critical_again).over().label("all_critical_again"),
        )
        .join(devices, devices.c.id == actors.c.device_id)
        .order_by(actors.c.raised.desc(), devices.c.name, *_rest(actors))
        .limit(LISTED)
    )
    if not rows:
        return Listed(), 0, 0
    items = tuple(
        Chatter(
            actor=_actor(row),
            most=row.most,
            again=int(row.again),
            pause=int(row.pause) * SECOND,
        )
        for row in rows
    )
    first = rows[0]
    found = Listed(items=items, count=first.kinds)
    return found, int(first.all_again), int(first.all_critical_again)


def _chatterers(scope: Scope) -> Subquery:
    at = seconds_of(func.coalesce(alarms.c.raised_at, alarms.c.seen_at))
    # One frame for both, though `lag` needs none: each other one is another pass over all.
    minute: Any = {
        "partition_by": _KEY,
        "order_by": at,
        "range_": (-(MINUTE // SECOND), 0),
    }
    raises = scope.raised(
        alarms.c.device_id,
        alarms.c.oid,
        alarms.c.source,
        _SAID.label("said"),
        alarms.c.name,
        RANK.label("rank"),
        func.count().over(**minute).label("together"),
        (at - func.lag(at).over(**minute)).label("pause"),
    ).subquery()
    critical = raises.c.rank == Severity.CRITICAL.rank
    again = raises.c.together > _CHATTERS
    usual = case((raises.c.pause <= _PAUSE // SECOND, raises.c.pause), else_=0)
    key = (raises.c.device_id, raises.c.oid, raises.c.source, raises.c.said)
    return (
        select(
            *key,
            func.min(raises.c.name).label("name"),
            func.count().label("raised"),
            count_if(critical).label("critical"),
            literal(0).label("fleeting"),
            func.max(raises.c.rank).label("worst"),
            func.max(raises.c.together).label("most"),
            count_if(again).label("again"),
            count_if(again & critical).label("critical_again"),
            func.max(usual).label("pause"),
        )
        .group_by(*key)
        .having(func.max(raises.c.together) >= literal(_CHATTERS))
        .subquery()
    )


def _rest(actors: Subquery) -> tuple[Any, ...]:
    """Say the order of those that are alike in all else, so that it is always the same."""
    return (
        func.coalesce(actors.c.oid, ""),
        func.coalesce(actors.c.source, ""),
        func.coalesce(actors.c.said, ""),
    )


def _actor(row: Row[Any]) -> Actor:
    return Actor(
        device=row.device,
        name=row.name,
        oid=row.oid,
        source=row.source,
        description=row.said,
        worst=_BY_RANK[row.worst],
        raised=row.raised,
        critical=row.critical,
        fleeting=row.fleeting,
    )
