"""An alarm as a row, and back."""

from typing import Any

from sqlalchemy import Row, Select, select

from alarmbridge.core.alarm import Alarm, ClearReason, Origin, State
from alarmbridge.core.device_time import parse_device_time
from alarmbridge.core.ids import identity_of
from alarmbridge.core.severity import Severity
from alarmbridge.store.tables import alarms, devices


def select_alarms() -> Select[Any]:
    """Select all that `alarm_of` needs; add conditions and order."""
    return select(alarms, devices.c.name.label("device")).join(
        devices, devices.c.id == alarms.c.device_id
    )


def alarm_of(row: Row[Any]) -> Alarm:
    """Read an alarm from a row of `select_alarms`."""
    return Alarm(
        id=row.id,
        device=row.device,
        origin=Origin(row.origin),
        state=State(row.state),
        severity=Severity(row.severity),
        description=row.description,
        clear_description=row.clear_description,
        source=row.source,
        oid=row.oid,
        name=row.name,
        event_type=row.event_type,
        probable_cause=row.probable_cause,
        device_alarm_id=row.device_alarm_id,
        device_date=None if row.device_date is None else parse_device_time(row.device_date),
        raised_at=row.raised_at,
        cleared_at=row.cleared_at,
        cleared_raw=row.cleared_raw,
        clear_reason=None if row.clear_reason is None else ClearReason(row.clear_reason),
        seen_at=row.seen_at,
        recorded_at=row.recorded_at,
        transient=row.transient,
        revision=row.revision,
        raise_row=row.raise_row,
        clear_row=row.clear_row,
        stale=row.stale,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        operator_closed_at=row.operator_closed_at,
        operator_closed_by=row.operator_closed_by,
    )


def values_of(alarm: Alarm) -> dict[str, Any]:
    """Write what of an alarm may change during its life."""
    return {
        "state": alarm.state.value,
        "severity": alarm.severity.value,
        "description": alarm.description,
        "clear_description": alarm.clear_description,
        "source": alarm.source,
        "oid": alarm.oid,
        "name": alarm.name,
        "event_type": alarm.event_type,
        "probable_cause": alarm.probable_cause,
        "device_alarm_id": alarm.device_alarm_id,
        "device_date": alarm.device_date.raw if alarm.device_date else None,
        "raised_at": alarm.raised_at,
        "dated_at": alarm.raised_at or alarm.seen_at,
        "cleared_at": alarm.cleared_at,
        "cleared_raw": alarm.cleared_raw,
        "clear_reason": alarm.clear_reason.value if alarm.clear_reason else None,
        "transient": alarm.transient,
        "revision": alarm.revision,
        "raise_row": alarm.raise_row,
        "clear_row": alarm.clear_row,
        "stale": alarm.stale,
    }


def identity_at_raise(alarm: Alarm) -> str:
    """Name the identity of an alarm as it was raised; an escalation changes its date later."""
    return identity_of(
        device=alarm.device,
        device_alarm_id=alarm.device_alarm_id,
        date=alarm.device_date,
        oid=alarm.oid,
        source=alarm.source,
        raise_row=alarm.raise_row,
    )
