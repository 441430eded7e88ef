"""The scope of a report: which alarms its questions are about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Row,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
)

from alarmbridge.core.alarm import Origin
from alarmbridge.core.report_figures import MINUTE, Period
from alarmbridge.core.severity import Severity
from alarmbridge.store.devices import tagged
from alarmbridge.store.seconds import larger, seconds_of
from alarmbridge.store.tables import alarms, devices
from alarmbridge.store.transaction import Transaction

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFilter:
    """Which devices and severities are counted. Empty means any; of several any, of tags each."""

    devices: tuple[str, ...] = ()
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    min_severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom to ask about what. now: what a period is cut at that has not ended."""

    tx: Transaction
    period: Period
    now: datetime
    wanted: ReportFilter

    @property
    def end(self) -> datetime:
        """Up to when there can be something."""
        return min(self.period.until, self.now)

    @property
    def of_devices(self) -> list[ColumnElement[bool]]:
        """What is asked of devices."""
        conditions = tagged(self.wanted.tags)
        if self.wanted.devices:
            conditions.append(devices.c.name.in_(sorted(self.wanted.devices)))
        return conditions

    @property
    def on_devices(self) -> list[ColumnElement[bool]]:
        """The same, as it is asked of alarms."""
        asked = self.of_devices
        return [alarms.c.device_id.in_(select(devices.c.id).where(*asked))] if asked else []

    @property
    def meant(self) -> list[ColumnElement[bool]]:
        """What is asked of alarms, whenever they were raised."""
        conditions = [alarms.c.origin == Origin.DEVICE.value, *self.on_devices]
        if self.wanted.min_severity is not None:
            fitting = self.wanted.min_severity.and_worse
            conditions.append(alarms.c.severity.in_([one.value for one in fitting]))
        return conditions

    @property
    def in_period(self) -> ColumnElement[bool]:
        """That an alarm was raised in the period."""
        return and_(alarms.c.seen_at >= self.period.since, alarms.c.seen_at < self.period.until)

    def raised(self, *columns: ColumnElement[Any]) -> Select[Any]:
        """Select from the alarms that were raised in the period."""
        return select(*columns).where(self.in_period, *self.meant)

    async def ask(self, statement: Executable) -> Sequence[Row[Any]]:
        """Ask; the answer must be bounded."""
        return (await self.tx.execute(statement)).rows


# How long an alarm stood in whole seconds, as the delay of a sink has it: by whichever clock says
# more, so that what was read only later from a history counts by the device's.
_OURS = seconds_of(alarms.c.closed_at) - seconds_of(alarms.c.seen_at)
_THEIRS = seconds_of(alarms.c.cleared_at) - seconds_of(alarms.c.raised_at)
STOOD: ColumnElement[int] = larger(larger(_OURS, func.coalesce(_THEIRS, 0)), literal(0))
# Without STOOD, because most alarms last, and that shows by half the work.
BRIEF: ColumnElement[bool] = and_(
    alarms.c.closed_at.is_not(None),
    _OURS < MINUTE // SECOND,
    or_(
        alarms.c.raised_at.is_(None),
        alarms.c.cleared_at.is_(None),
        _THEIRS < MINUTE // SECOND,
    ),
)
CRITICAL: ColumnElement[bool] = alarms.c.severity == Severity.CRITICAL.value
RANK: ColumnElement[int] = case({one.value: one.rank for one in Severity}, value=alarms.c.severity)


def count_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """Count the rows for which something holds."""
    return func.count(case((condition, 1)))
