"""Figures for charts: how many alarms an hour, whose, and how long they stood in which state.

By our clock, because hours of devices whose clocks are wrong could not be laid side by side.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, or_, select

from alarmbridge.core.alarm import Origin
from alarmbridge.core.severity import Severity
from alarmbridge.store.seconds import seconds_of
from alarmbridge.store.tables import ACTIVE, alarms, devices
from alarmbridge.store.transaction import Transaction

_HOUR = 3600
_OF_DEVICES = alarms.c.origin == Origin.DEVICE.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Noisy:
    """What raises many alarms: a source of a device, and how often."""

    device: str
    source: str | None
    name: str | None
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeInStates:
    """How long alarms stood, all together, by how operators had left them."""

    unseen: timedelta
    acknowledged: timedelta
    closed: timedelta


async def raised_per_hour(
    tx: Transaction, *, since: datetime, until: datetime
) -> Mapping[datetime, Mapping[Severity, int]]:
    """Count devices' alarms by the hour in which they were first seen.

    Hours with none are left out. An alarm counts under the severity that it had last.
    """
    hour = seconds_of(alarms.c.seen_at) // _HOUR
    statement = (
        select(hour.label("hour"), alarms.c.severity, func.count().label("number"))
        .where(_OF_DEVICES, alarms.c.seen_at >= since, alarms.c.seen_at < until)
        .group_by(hour, alarms.c.severity)
        .order_by(hour)
    )
    hours: dict[datetime, dict[Severity, int]] = {}
    for row in (await tx.execute(statement)).rows:
        began = datetime.fromtimestamp(row.hour * _HOUR, UTC)
        hours.setdefault(began, {})[Severity(row.severity)] = row.number
    return hours


async def noisiest_sources(
    tx: Transaction, *, since: datetime, until: datetime, limit: int = 10
) -> tuple[Noisy, ...]:
    """List the sources that raised most, the worst first."""
    number = func.count().label("number")
    statement = (
        select(devices.c.name.label("device"), alarms.c.source, alarms.c.name, number)
        .join(devices, devices.c.id == alarms.c.device_id)
        .where(_OF_DEVICES, alarms.c.seen_at >= since, alarms.c.seen_at < until)
        .group_by(devices.c.name, alarms.c.source, alarms.c.name)
        .order_by(number.desc(), devices.c.name, alarms.c.source, alarms.c.name)
        .limit(limit)
    )
    return tuple(
        Noisy(device=row.device, source=row.source, name=row.name, count=row.number)
        for row in (await tx.execute(statement)).rows
    )


async def time_in_states(tx: Transaction, *, since: datetime, until: datetime) -> TimeInStates:
    """Add up how long alarms stood that were seen in a span of time, or that stand; to its end."""
    first, last = int(since.timestamp()), int(until.timestamp())
    began = _within(seconds_of(alarms.c.seen_at), first, last)
    ended = _within(_or_last(alarms.c.closed_at, last), began, last)
    seen = _within(_or_last(alarms.c.acknowledged_at, last), began, ended)
    closed = _within(_or_last(alarms.c.operator_closed_at, last), seen, ended)
    statement = select(
        *(
            func.coalesce(func.sum(length), 0).label(name)
            for name, length in (
                ("unseen", seen - began),
                ("acknowledged", closed - seen),
                ("closed", ended - closed),
            )
        )
    ).where(
        _OF_DEVICES,
        or_(alarms.c.seen_at >= since, alarms.c.state == ACTIVE),
        alarms.c.seen_at < until,
    )
    row = (await tx.execute(statement)).rows[0]
    return TimeInStates(
        unseen=timedelta(seconds=int(row.unseen)),
        acknowledged=timedelta(seconds=int(row.acknowledged)),
        closed=timedelta(seconds=int(row.closed)),
    )


def _or_last(moment: ColumnElement[Any], last: int) -> ColumnElement[int]:
    return func.coalesce(seconds_of(moment), literal(last))


def _within(
    value: ColumnElement[int], least: ColumnElement[int] | int, most: ColumnElement[int] | int
) -> ColumnElement[int]:
    """Bound a value; the two databases have no function for it of one name."""
    return case((value < least, least), (value > most, most), else_=value)
