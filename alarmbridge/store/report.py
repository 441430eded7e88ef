"""The archive's figures for a report: counted by the database, by index over the period.

What comes back has a row for each slot and day of the period and else a handful, however many
alarms there are. Alarms are placed by when the bridge saw them, on its clock: a device's may be
wrong, or say nothing.
"""

from datetime import datetime

from sqlalchemy import case, func, literal, or_, select

from alarmbridge.core.alarm import Origin
from alarmbridge.core.report_figures import (
    LISTED,
    SLOT,
    Blind,
    Brief,
    Figures,
    Listed,
    Period,
    Told,
)
from alarmbridge.core.severity import Severity
from alarmbridge.store.column_types import Instant
from alarmbridge.store.report_actors import chattering, frequent_and_fleeting
from alarmbridge.store.report_scope import (
    BRIEF,
    CRITICAL,
    SECOND,
    STOOD,
    ReportFilter,
    Scope,
    count_if,
)
from alarmbridge.store.report_standing import median_wait, stale, standing, unacknowledged
from alarmbridge.store.seconds import seconds_of
from alarmbridge.store.tables import alarms, blind_spells, devices
from alarmbridge.store.transaction import Transaction

_ANY = ReportFilter()


async def load_figures(
    tx: Transaction, period: Period, *, now: datetime, wanted: ReportFilter = _ANY
) -> Figures:
    """Count what a report of a period needs."""
    scope = Scope(tx, period, now, wanted)
    transients, critical_transients = await _transients(scope)
    frequent, fleeting = await frequent_and_fleeting(scope)
    chatter, again, critical_again = await chattering(scope)
    return Figures(
        period=period,
        now=now,
        slots=await _slots(scope),
        severities=await _severities(scope),
        transients=transients,
        critical_transients=critical_transients,
        frequent=frequent,
        fleeting=fleeting,
        brief=await _brief(scope),
        chattering=chatter,
        again=again,
        critical_again=critical_again,
        stale=await stale(scope),
        standing=await standing(scope),
        unacknowledged=await unacknowledged(scope),
        median=await median_wait(scope),
        blind=await _blind(scope),
        own=await _own(scope),
        devices=await _devices(scope),
    )


async def _slots(scope: Scope) -> dict[int, int]:
    slot = (seconds_of(alarms.c.seen_at) // (SLOT // SECOND)).label("slot")
    statement = scope.raised(slot, func.count().label("number")).group_by("slot").order_by("slot")
    return {row.slot: row.number for row in await scope.ask(statement)}


async def _severities(scope: Scope) -> dict[Severity, Told]:
    statement = scope.raised(
        alarms.c.severity,
        func.count().label("raised"),
        func.count(alarms.c.acknowledged_at).label("acknowledged"),
    ).group_by(alarms.c.severity)
    told = {
        Severity(row.severity): Told(raised=row.raised, acknowledged=row.acknowledged)
        for row in await scope.ask(statement)
    }
    return {one: told.get(one, Told()) for one in Severity}


async def _transients(scope: Scope) -> tuple[int, int]:
    counted = scope.raised(func.count().label("number"), count_if(CRITICAL).label("critical"))
    [row] = await scope.ask(counted.where(alarms.c.transient))
    return row.number, row.critical


async def _brief(scope: Scope) -> tuple[Brief, ...]:
    statement = scope.raised(
        STOOD.label("stood"),
        func.count().label("number"),
        count_if(CRITICAL).label("critical"),
    )
    rows = await scope.ask(statement.where(BRIEF).group_by("stood").order_by("stood"))
    return tuple(Brief(seconds=row.stood, count=row.number, critical=row.critical) for row in rows)


async def _blind(scope: Scope) -> Listed[Blind]:
    start, end = scope.period.since, scope.end
    since, until = blind_spells.c.since, func.coalesce(blind_spells.c.until, literal(end, Instant))
    began = case((since < start, literal(start, Instant)), else_=since)
    ended = case((until > end, literal(end, Instant)), else_=until)
    length = func.sum(seconds_of(ended) - seconds_of(began)).label("length")
    lasting = count_if(blind_spells.c.until.is_(None)).label("lasting")
    rows = await scope.ask(
        select(
            devices.c.name,
            func.count().label("spells"),
            length,
            lasting,
            func.count().over().label("devices"),
        )
        .join(devices, devices.c.id == blind_spells.c.device_id)
        .where(since < end, or_(blind_spells.c.until.is_(None), blind_spells.c.until > start))
        .where(devices.c.removed_at.is_(None), *scope.of_devices)
        .group_by(devices.c.name)
        .order_by(lasting.desc(), length.desc(), devices.c.name)
        .limit(LISTED)
    )
    items = tuple(
        Blind(
            device=row.name,
            spells=row.spells,
            # Spells of two kinds may overlap.
            length=min(int(row.length) * SECOND, end - start),
            lasting=row.lasting > 0,
        )
        for row in rows
    )
    return Listed(items=items, count=rows[0].devices if rows else 0)


async def _own(scope: Scope) -> int:
    statement = select(func.count()).where(
        scope.in_period, alarms.c.origin == Origin.BRIDGE.value, *scope.on_devices
    )
    [(count,)] = await scope.ask(statement)
    return int(count)


async def _devices(scope: Scope) -> int:
    followed = (devices.c.name != "", devices.c.removed_at.is_(None))
    [(count,)] = await scope.ask(select(func.count()).where(*followed, *scope.of_devices))
    return int(count)
