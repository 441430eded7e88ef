"""Alarms as people ask for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Text,
    bindparam,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)

from alarmbridge.core.alarm import Alarm, Origin, State
from alarmbridge.core.severity import Severity
from alarmbridge.store.alarm_rows import alarm_of, select_alarms
from alarmbridge.store.column_types import Instant
from alarmbridge.store.page import Page, moment_place, page_of, parse_moment, size_of
from alarmbridge.store.tables import ACTIVE, alarms, devices
from alarmbridge.store.transaction import QUICK, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmFilter:
    """Which alarms are asked for (DESIGN section 7). Empty means any; values mean any of them.

    tags: each key must have one of the values. raised_after, raised_before: the device's time,
    exclusive; where it gave none, when the bridge first saw the alarm.
    """

    states: tuple[State, ...] = ()
    severities: tuple[Severity, ...] = ()
    min_severity: Severity | None = None
    devices: tuple[str, ...] = ()
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    origins: tuple[Origin, ...] = ()
    raised_after: datetime | None = None
    raised_before: datetime | None = None


_ANY = AlarmFilter()

# Ids are hexadecimal digits and hyphens, which this letter is behind in whatever order a database
# has for text; the last character of Unicode does not count at all in the usual ones.
_BEHIND_ALL = "z"

_FETCH = select_alarms().where(alarms.c.id == bindparam("alarm_id"))
_BRIDGE = (
    select_alarms()
    .where(alarms.c.state == ACTIVE, alarms.c.origin == Origin.BRIDGE.value)
    .order_by(alarms.c.seen_at, alarms.c.id)
)
_MARK_STALE = (
    update(alarms)
    .where(
        alarms.c.device_id.in_(select(devices.c.id).where(devices.c.name == bindparam("device"))),
        alarms.c.state == ACTIVE,
        alarms.c.origin == Origin.DEVICE.value,
        alarms.c.stale != bindparam("unseen"),
    )
    .values(stale=bindparam("unseen"))
    .execution_options(**QUICK)
)


async def list_alarms(
    tx: Transaction, wanted: AlarmFilter = _ANY, *, limit: int = 100, after: str | None = None
) -> Page[Alarm]:
    """List alarms, those first that the bridge saw last.

    By our clock and not by the device's, because one device with a wrong clock would bury its
    alarms or stand on top for ever.
    """
    statement = (
        select_alarms()
        .where(*_conditions(wanted))
        .order_by(alarms.c.seen_at.desc(), alarms.c.id.desc())
        .limit(size_of(limit) + 1)
    )
    if after is not None:
        at, alarm_id = parse_moment(after)
        here = tuple_(alarms.c.seen_at, alarms.c.id)
        statement = statement.where(here < tuple_(literal(at, Instant), literal(alarm_id, Text)))
    found = [alarm_of(row) for row in (await tx.execute(statement)).rows]
    places = [moment_place(alarm.seen_at, alarm.id) for alarm in found]
    return page_of(found, places, limit=limit)


async def fetch_alarm(tx: Transaction, alarm_id: str) -> Alarm | None:
    """Load one alarm; None when there is none of that id."""
    rows = (await tx.execute(_FETCH, {"alarm_id": alarm_id})).rows
    return alarm_of(rows[0]) if rows else None


async def find_alarms(tx: Transaction, start: str, *, limit: int = 2) -> tuple[str, ...]:
    """Name the alarms whose id begins so, at most so many: one that is typed need not be whole."""
    statement = (
        select(alarms.c.id)
        .where(
            alarms.c.id >= start,
            alarms.c.id < start + _BEHIND_ALL,
            func.substr(alarms.c.id, 1, len(start)) == start,
        )
        .order_by(alarms.c.id)
        .limit(limit)
    )
    return tuple(row.id for row in (await tx.execute(statement)).rows)


async def active_bridge_alarms(tx: Transaction) -> tuple[Alarm, ...]:
    """Load the bridge's own alarms that stand, of all devices and of none, oldest first."""
    return tuple(alarm_of(row) for row in (await tx.execute(_BRIDGE)).rows)


async def count_active(tx: Transaction) -> dict[tuple[str, Severity], int]:
    """Count active alarms by device and severity."""
    statement = (
        select(devices.c.name, alarms.c.severity, func.count().label("number"))
        .join(devices, devices.c.id == alarms.c.device_id)
        .where(alarms.c.state == ACTIVE)
        .group_by(devices.c.name, alarms.c.severity)
        .order_by(devices.c.name, alarms.c.severity)
    )
    rows = (await tx.execute(statement)).rows
    return {(row.name, Severity(row.severity)): row.number for row in rows}


async def mark_stale(tx: Transaction, device: str, *, stale: bool) -> int:
    """Mark that a device's active alarms are how it was when it was last seen, or no longer."""
    return (await tx.execute(_MARK_STALE, {"device": device, "unseen": stale})).count


def _conditions(wanted: AlarmFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        column.in_([str(value) for value in values])
        for column, values in (
            (alarms.c.severity, wanted.severities),
            (devices.c.name, wanted.devices),
            (alarms.c.source, wanted.sources),
            (alarms.c.name, wanted.names),
            (alarms.c.origin, wanted.origins),
        )
        if values
    ]
    if len(set(wanted.states)) == 1:
        # In the SQL itself, so that the index of active alarms is seen.
        word: ColumnElement[Any] = literal_column(f"'{wanted.states[0].value}'", Text)
        conditions.append(alarms.c.state == word)
    least = wanted.min_severity
    if least is not None:
        enough = [severity.value for severity in Severity if severity.rank >= least.rank]
        conditions.append(alarms.c.severity.in_(enough))
    for key, values in wanted.tags.items():
        tag = devices.c.tags[key].as_string()
        conditions.append(or_(*(tag == value for value in values)))
    if wanted.raised_after is not None:
        conditions.append(alarms.c.dated_at > wanted.raised_after)
    if wanted.raised_before is not None:
        conditions.append(alarms.c.dated_at < wanted.raised_before)
    return conditions
