"""A decision, stored: alarms, events and marks, or nothing of it.

The steps, in this order:
1. Move the device's sequence on, if it and the claim are still what the decision was made from.
   Every other writer of the device has to pass here, so the rest cannot meet another's rows.
2. Insert the alarms that the decision raises, update the others (by id: see `heads` on locks).
3. Insert the events.
4. Forget and enter history marks; enter a gap as a blind spell.

What is owed of it comes after, in the same transaction (see `obligations`): what a sink was told
of an alarm stays as it is read only once the alarm is locked, by step 2.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, update

from alarmbridge.core.alarm import Alarm, State
from alarmbridge.core.decision import Decision, Gap, Held, HistoryMark
from alarmbridge.core.errors import StaleClaim
from alarmbridge.core.event import KINDS, Event, Raised
from alarmbridge.store.alarm_rows import identity_at_raise, values_of
from alarmbridge.store.alarm_words import change_words, enter_words
from alarmbridge.store.blind_spells import SpellKind
from alarmbridge.store.column_types import Instant
from alarmbridge.store.tables import (
    alarms,
    blind_spells,
    devices,
    events,
    history_marks,
)
from alarmbridge.store.transaction import QUICK, Transaction

_ADVANCE = (
    update(devices)
    .where(
        devices.c.name == bindparam("device"),
        devices.c.sequence == bindparam("held"),
        devices.c.claim == bindparam("held_claim"),
    )
    .values(sequence=bindparam("reached"))
    .returning(devices.c.id)
    .execution_options(**QUICK)
)
_FIXED = {
    "id",
    "device_id",
    "identity",
    "origin",
    "seen_at",
    "recorded_at",
    "closed_at",
    "acknowledged_at",
    "acknowledged_by",
    "operator_closed_at",
    "operator_closed_by",
}
_UPDATE_ALARM = (
    update(alarms)
    .where(alarms.c.id == bindparam("alarm_id"))
    .values(
        {column.name: bindparam(column.name) for column in alarms.c if column.name not in _FIXED}
    )
    .values(closed_at=func.coalesce(alarms.c.closed_at, bindparam("closed", type_=Instant)))
    .execution_options(**QUICK)
)
_INSERT_ALARM = insert(alarms).execution_options(**QUICK)
_INSERT_EVENT = insert(events).execution_options(**QUICK)
_INSERT_MARK = insert(history_marks).execution_options(**QUICK)
_INSERT_SPELL = insert(blind_spells).execution_options(**QUICK)
_DELETE_MARK = (
    delete(history_marks)
    .where(
        history_marks.c.device_id == bindparam("of_device"),
        history_marks.c.history_id == bindparam("of_row"),
    )
    .execution_options(**QUICK)
)


async def save_decision(
    tx: Transaction,
    held: Held,
    decision: Decision,
    *,
    bodies: Mapping[str, str],
    now: datetime,
    claim: int = 0,
) -> frozenset[str]:
    """Store what a sync came to; return the ids of the alarms that are new.

    bodies: each event's JSON text, by event id. claim: the writer's fencing number.
    Raises StaleClaim, with nothing written, when the device was moved on since held was loaded:
    the transaction may go on with other devices. An empty decision is not looked at.
    """
    if decision.empty:
        return frozenset()
    device_id = await _advance(tx, held, decision, claim)
    raised = await _save_alarms(tx, device_id, decision, now)
    if decision.events:
        rows = [_event_row(event, device_id, bodies[event.id]) for event in decision.events]
        await tx.execute(_INSERT_EVENT, rows)
    await _save_marks(tx, device_id, held, decision)
    if decision.gap is not None:
        await tx.execute(_INSERT_SPELL, _gap_row(decision.gap, device_id))
    return raised


async def _advance(tx: Transaction, held: Held, decision: Decision, claim: int) -> int:
    reached = decision.events[-1].sequence if decision.events else held.sequence
    answer = await tx.execute(
        _ADVANCE,
        {
            "device": held.device,
            "held": held.sequence,
            "held_claim": claim,
            "reached": reached,
        },
    )
    if not answer.rows:
        raise StaleClaim(
            f"{held.device or 'alarmbridge'} is no longer at event {held.sequence}: another writer"
            " has moved it on; load it again and decide anew."
        )
    device_id: int = answer.rows[0].id
    return device_id


async def _save_alarms(
    tx: Transaction, device_id: int, decision: Decision, now: datetime
) -> frozenset[str]:
    """Store each alarm once, as it is in the end; return the ids of those that are new."""
    final = {alarm.id: alarm for alarm in decision.evidence}
    final.update((event.alarm.id, event.alarm) for event in decision.events)
    raises = {event.alarm.id: event.alarm for event in decision.events if isinstance(event, Raised)}
    new = [
        {
            **values_of(final[alarm_id]),
            "id": alarm_id,
            "device_id": device_id,
            "identity": identity_at_raise(first),
            "origin": first.origin.value,
            "seen_at": first.seen_at,
            "recorded_at": now,
            "closed_at": _closed_at(final[alarm_id], now),
        }
        for alarm_id, first in raises.items()
    ]
    known = [
        {**values_of(alarm), "alarm_id": alarm_id, "closed": _closed_at(alarm, now)}
        for alarm_id, alarm in sorted(final.items())
        if alarm_id not in raises
    ]
    if new:
        await tx.execute(_INSERT_ALARM, new)
        await enter_words(tx, [final[alarm_id] for alarm_id in raises])
    if known:
        await tx.execute(_UPDATE_ALARM, known)
        told = {event.alarm.id for event in decision.events} - raises.keys()
        await change_words(tx, [final[alarm_id] for alarm_id in sorted(told)])
    return frozenset(raises)


async def _save_marks(tx: Transaction, device_id: int, held: Held, decision: Decision) -> None:
    new = {mark.id: mark for mark in decision.new_marks}
    # A mark that becomes firm, or whose id now names another row, is written anew.
    gone = {*decision.lost_marks, *(mark_id for mark_id in new if mark_id in held.marks)}
    if gone:
        rows = [{"of_device": device_id, "of_row": mark_id} for mark_id in sorted(gone)]
        await tx.execute(_DELETE_MARK, rows)
    if new:
        await tx.execute(_INSERT_MARK, [_mark_row(mark, device_id) for mark in new.values()])


def _closed_at(alarm: Alarm, now: datetime) -> datetime | None:
    return now if alarm.state is State.CLEARED else None


def _event_row(event: Event, device_id: int, body: str) -> dict[str, Any]:
    return {
        "id": event.id,
        "alarm_id": event.alarm.id,
        "device_id": device_id,
        "sequence": event.sequence,
        "kind": KINDS[type(event)],
        "at": event.at,
        "body": body,
    }


def _mark_row(mark: HistoryMark, device_id: int) -> dict[str, Any]:
    return {
        "device_id": device_id,
        "history_id": mark.id,
        "description": mark.description,
        "firm": mark.firm,
        "date": mark.date,
        "clears": mark.clears,
    }


def _gap_row(gap: Gap, device_id: int) -> dict[str, Any]:
    return {
        "device_id": device_id,
        "kind": SpellKind.GAP.value,
        "since": gap.since,
        "until": gap.until,
        "reason": gap.reason,
    }
