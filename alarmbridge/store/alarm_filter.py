"""Which alarms people ask for, and what that means for the archive."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Row,
    Select,
    Text,
    bindparam,
    literal_column,
    select,
)

from alarmbridge.core.alarm import Alarm, Origin, State
from alarmbridge.core.severity import Severity
from alarmbridge.store.alarm_rows import alarm_of, select_alarms
from alarmbridge.store.devices import tagged
from alarmbridge.store.tables import alarms, devices
from alarmbridge.store.transaction import Transaction, batches

_MILLISECOND = timedelta(milliseconds=1)
_LOAD = select_alarms().where(alarms.c.id.in_(bindparam("alarm_ids", expanding=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmFilter:
    """Which alarms are asked for (README.md, "The API"). Empty means any; values mean any of them.

    tags: each key must have one of the values. raised_after, raised_before: the device's time,
    exclusive, by the millisecond; where it gave none, when the bridge first saw the alarm. text:
    each of its words must be among the alarm's, or begin one where a star follows it; without words
    finds nothing.
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
    text: str | None = None

    @property
    def all_severities(self) -> tuple[Severity, ...]:
        """Which severities fit; () where any does."""
        least = self.min_severity
        if not self.severities and least is None:
            return ()
        return tuple(
            one
            for one in Severity
            if (not self.severities or one in self.severities)
            and (least is None or one in least.and_worse)
        )


async def load_meant(tx: Transaction, wanted: AlarmFilter) -> Sequence[Row[Any]] | None:
    """Load the ids and names of the devices that are asked for; None where any will do."""
    if not wanted.devices and not wanted.tags:
        return None
    return (await tx.execute(_meant(wanted))).rows


def of_meant(wanted: AlarmFilter, device_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Say that a column has the id of a device that is asked for."""
    return device_id.in_(_meant(wanted).with_only_columns(devices.c.id))


def _meant(wanted: AlarmFilter) -> Select[Any]:
    statement = select(devices.c.id, devices.c.name)
    if wanted.devices:
        statement = statement.where(devices.c.name.in_(wanted.devices))
    return statement.where(*tagged(wanted.tags))


def conditions_of(wanted: AlarmFilter, table: FromClause) -> list[ColumnElement[bool]]:
    """Say all but the severities and devices."""
    conditions: list[ColumnElement[bool]] = [
        table.c[name].in_([str(value) for value in values])
        for name, values in (
            ("source", wanted.sources),
            ("name", wanted.names),
            ("origin", wanted.origins),
        )
        if values
    ]
    if len(set(wanted.states)) == 1:
        # In the SQL itself, so that the index of active alarms is seen.
        word: ColumnElement[Any] = literal_column(f"'{wanted.states[0].value}'", Text)
        conditions.append(table.c.state == word)
    return conditions + window_of(wanted, table)


def window_of(wanted: AlarmFilter, table: FromClause) -> list[ColumnElement[bool]]:
    """Say the time alone.

    By the millisecond, as times are shown: otherwise what is raised after the time that is shown
    of an alarm would be that alarm as well.
    """
    conditions: list[ColumnElement[bool]] = []
    if wanted.raised_after is not None:
        conditions.append(table.c.dated_at >= _as_shown(wanted.raised_after) + _MILLISECOND)
    if wanted.raised_before is not None:
        conditions.append(table.c.dated_at < _as_shown(wanted.raised_before))
    return conditions


def _as_shown(at: datetime) -> datetime:
    return at - at.microsecond % 1000 * timedelta.resolution


async def load_alarms(tx: Transaction, alarm_ids: Sequence[str]) -> list[Alarm]:
    """Load alarms that there are, in the order of their ids here."""
    found: dict[str, Alarm] = {}
    for batch in batches(alarm_ids):
        for row in (await tx.execute(_LOAD, {"alarm_ids": batch})).rows:
            found[row.id] = alarm_of(row)
    return [found[alarm_id] for alarm_id in alarm_ids]
