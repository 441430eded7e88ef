"""Readings, alarms, snapshots and what is held, each made in a line for the tests of core.

Unless a test says otherwise, all is about one thing: a trunk of Board#1, at 12:00:00 and some
seconds by the device's clock.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from alarmbridge.core.alarm import Alarm, ClearReason, Origin, State
from alarmbridge.core.decision import Decision, Held, HistoryMark
from alarmbridge.core.device_time import DeviceTime, parse_device_time
from alarmbridge.core.event import KINDS
from alarmbridge.core.matching import Matching, Missing
from alarmbridge.core.pairing import Pairing, pair
from alarmbridge.core.reading import DeviceStatus, Reading, Row, Settled, Unsettled
from alarmbridge.core.reconcile import Circumstances, reconcile
from alarmbridge.core.restart import Restart
from alarmbridge.core.severity import Severity

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
NOW = NOON + timedelta(hours=1)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)

WIPED = Restart("its uptime went down", wiped=True)
SWITCHED = Restart("its serial number went from 1 to 2", wiped=False)
"""The other unit of a pair answers, and may have brought the history along."""

DOWN, UP = "Trunk is down", "Trunk is up"


def at(second: float | None, zone: str = "Z") -> DeviceTime | None:
    """Make the device's date so many seconds after noon; None where it gives none."""
    if second is None:
        return None
    moment = NOON + timedelta(seconds=second)
    return parse_device_time(moment.strftime("%Y-%m-%dT%H:%M:%S") + zone)


def reading(row_id: str, text: str = DOWN, second: float | None = 10, **other: object) -> Reading:
    """Make a row of the active table, or a raise row of the history, with its details."""
    told: dict[str, Any] = {"severity": Severity.MAJOR, "source": "Board#1", "oid": "1.10"}
    return Reading(id=row_id, description=text, date=at(second), **(told | other))


def well(row_id: str, second: float | None = 20, text: str = UP, **other: object) -> Reading:
    """Make a clear row of the history."""
    told = {"severity": Severity.INDETERMINATE, "cleared": True}
    return reading(row_id, text, second, **(told | other))


def alarm(
    alarm_id: str | None, text: str = DOWN, second: float | None = 10, **other: object
) -> Alarm:
    """Make a held alarm; its id in the archive is the device's with an "a" before it."""
    date = at(second)
    told: dict[str, Any] = {
        "id": f"a{alarm_id}",
        "device": "sbc-1",
        "severity": Severity.MAJOR,
        "source": "Board#1",
        "oid": "1.10",
        "raised_at": date.at if date else None,
        "seen_at": NOW,
    }
    return Alarm(device_alarm_id=alarm_id, description=text, device_date=date, **(told | other))


def cleared(one: Alarm, **other: object) -> Alarm:
    """Make of a held alarm one that was cleared on the list's word."""
    told: dict[str, Any] = {"state": State.CLEARED, "clear_reason": ClearReason.DEVICE}
    return replace(one, **(told | other))


Listed = Sequence[Reading | Row]
"""What a list shows; a Row was listed, but not read whole."""


def settled(active: Listed = (), history: Listed = (), **other: Any) -> Settled:
    return Settled(**_tables(active, history), **other)


def unsettled(active: Listed = (), history: Listed = (), **other: Any) -> Unsettled:
    return Unsettled(**_tables(active, history), **other)


def mark(row: Reading | Row, *, firm: bool = True) -> HistoryMark:
    """Mark a row as dealt with; of a Row no date was told."""
    if isinstance(row, Row):
        return HistoryMark(row.id, row.description, firm)
    return HistoryMark(
        row.id, row.description, firm, row.date.raw if row.date else None, row.cleared
    )


def marks(*rows: Reading | Row | HistoryMark) -> dict[str, HistoryMark]:
    made = [row if isinstance(row, HistoryMark) else mark(row) for row in rows]
    return {one.id: one for one in made}


def held(
    *active: Alarm, known: Sequence[Reading | Row | HistoryMark] = (), **other: object
) -> Held:
    """Make what is held of a device; known: the rows of its history that were dealt with."""
    told: dict[str, Any] = {"read_at": NOW - MINUTE}
    return Held(device="sbc-1", active=active, marks=marks(*known), **(told | other))


def decide(
    before: Held, snapshot: Settled | Unsettled, *, occurrences: Any = None, **other: Any
) -> Decision:
    circumstances = Circumstances(now=NOW, occurrences=occurrences or {}, **other)
    return reconcile(before, snapshot, circumstances)


def hold(before: Held, decision: Decision, *, settled: bool = True) -> Held:
    """Store a decision as the archive does. settled: the read was, on which it was taken."""
    own = (*before.active, *before.loose)
    now = {one.id: one for one in own} | {one.alarm.id: one.alarm for one in decision.events}
    now |= {one.id: one for one in decision.evidence}
    alarms = [one for one in now.values() if one.origin is Origin.DEVICE]
    kept = {one: old for one, old in before.marks.items() if one not in decision.lost_marks}
    return replace(
        before,
        active=tuple(one for one in alarms if one.state is State.ACTIVE),
        loose=tuple(one for one in alarms if _is_loose(one)),
        marks=kept | marks(*decision.new_marks),
        sequence=before.sequence + len(decision.events),
        read_at=NOW if settled else before.read_at,
    )


def told(decision: Decision) -> list[str]:
    """List what is told, as "raised Trunk is down"; the bridge's own alarms by their names."""
    return [
        f"{KINDS[type(event)]} {event.alarm.name or event.alarm.description}"
        for event in decision.events
    ]


def match(
    *present: Alarm, fresh: Sequence[Reading] = (), missing: Collection[Missing] = ()
) -> Matching:
    return Matching(tuple((one, None) for one in present), tuple(fresh), tuple(missing))


def gone(one: Alarm) -> Missing:
    return Missing(one, proven=True)


def lacking(one: Alarm) -> Missing:
    """Have the list lack a held alarm without any proof that it is gone."""
    return Missing(one, proven=False)


def paired(
    matching: Matching,
    *rows: Reading,
    loose: Sequence[Alarm] = (),
    settled: bool = True,
    complete: bool = True,
    whole: bool = True,
    anew: bool = False,
    before: Sequence[str] = (),
    known_until: datetime | None = NOW,
) -> Pairing:
    """Pair new rows, oldest first; before: ids of older rows that were dealt with."""
    ids = [*before, *(row.id for row in rows)]
    return pair(
        matching,
        rows=dict(enumerate(rows, start=len(before))),
        places={row_id: place for place, row_id in enumerate(ids)},
        loose=loose,
        settled=settled,
        complete=settled and complete,
        whole=whole,
        anew=anew,
        known_until=known_until,
    )


def status(
    uptime: int | None = None, serial_number: str | None = None, *, took: float = 0
) -> DeviceStatus:
    return DeviceStatus(
        asked_at=100,
        received_at=100 + took,
        local_time=None,
        uptime=uptime,
        serial_number=serial_number,
        product=None,
        version=None,
    )


def _tables(active: Listed, history: Listed) -> dict[str, Any]:
    return {
        "active": tuple(Row(one.id, one.description) for one in active),
        "details": {one.id: one for one in active if isinstance(one, Reading)},
        "history": tuple(Row(one.id, one.description) for one in history),
        "history_details": {one.id: one for one in history if isinstance(one, Reading)},
    }


def _is_loose(one: Alarm) -> bool:
    return (
        one.state is State.CLEARED
        and None in {one.raise_row, one.clear_row}
        and one.clear_reason is ClearReason.DEVICE
        and not one.transient
    )
