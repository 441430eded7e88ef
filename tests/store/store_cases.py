"""Alarms, decisions and shorthand for the tests of the archive."""

import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Select, text
from sqlalchemy.dialects import sqlite

from alarmbridge.core.alarm import Alarm, ClearReason, State
from alarmbridge.core.decision import Decision, Held
from alarmbridge.core.delivery import Delivery, DeliveryState, Obligation, Outcome
from alarmbridge.core.device_time import parse_device_time
from alarmbridge.core.event import Event, tell_changed, tell_cleared, tell_raised
from alarmbridge.core.flapping import Flap
from alarmbridge.core.holds import DELAY, SILENCE, Hold
from alarmbridge.core.routing import FlapPlace, Routed
from alarmbridge.core.severity import Severity
from alarmbridge.store.archive import Archive
from alarmbridge.store.decisions import save_decision
from alarmbridge.store.devices import DeviceEntry, register_devices
from alarmbridge.store.held import load_held
from alarmbridge.store.lanes import record, take
from alarmbridge.store.obligations import save_routed
from alarmbridge.store.remarks import remarks_on

NOW = datetime(2026, 11, 23, 21, 4, 5, 123456, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
SINKS = ("incidents", "chat")
SILENCED = Hold(cause=f"{SILENCE}7", until=NOW + HOUR, reason="silence 7 (upgrade)")


def alarm_of(number: int = 1, device: str = "sbc-1", **other: object) -> Alarm:
    told: dict[str, Any] = {
        "id": f"{device}/{number}",
        "device": device,
        "severity": Severity.MAJOR,
        "description": f"Trunk {number} is down",
        "source": f"Board#{number}",
        "oid": "1.3.6.1.4.1.5003.9.10.1.21.2.0.10",
        "device_alarm_id": str(number),
        "device_date": parse_device_time("2026-11-23T21:04:00Z"),
        "seen_at": NOW,
    }
    return Alarm(**(told | other))


async def register(archive: Archive, *names: str, **tags: str) -> None:
    entries = [DeviceEntry(name=name, url=f"https://{name}", tags=tags) for name in names]
    async with archive.begin() as tx:
        await register_devices(tx, entries, now=NOW)


async def held_of(archive: Archive, device: str = "sbc-1", now: datetime = NOW) -> Held:
    async with archive.read() as tx:
        return await load_held(tx, device, now=now)


async def save(
    archive: Archive,
    held: Held,
    *events: Event,
    sinks: Sequence[str] = SINKS,
    now: datetime = NOW,
    states: DeliveryState = DeliveryState.PENDING,
    terms: Mapping[str, Any] | None = None,
    flaps: Mapping[FlapPlace, Flap] | None = None,
    reviewed: Sequence[tuple[str, str]] = (),
    **other: object,
) -> None:
    """Store events, owed to all sinks on the same terms: key, hold, note, credential."""
    owed = [
        Obligation(
            **{
                "event_id": event.id,
                "alarm_id": event.alarm.id,
                "sink": sink,
                "key": f"key {sink}",
                "state": states,
            }
            | (terms or {})
        )
        for event in events
        for sink in sinks
    ]
    decision = Decision(events=events, **other)  # type: ignore[arg-type] - gap or marks, as the test says
    bodies = {event.id: f'{{"event":"{event.id}"}}' for event in events}
    routed = Routed(tuple(owed), flaps or {}, frozenset(reviewed))
    async with archive.begin() as tx:
        raised = await save_decision(tx, held, decision, bodies=bodies, now=now)
        await save_routed(tx, events, routed, raised=raised, now=now)


async def raise_alarm(archive: Archive, alarm: Alarm, **how: object) -> Alarm:
    held = await held_of(archive, alarm.device)
    told = tell_raised(alarm, sequence=held.sequence + 1, now=NOW)
    await save(archive, held, told, **how)
    return told.alarm


async def change_alarm(archive: Archive, alarm: Alarm, words: str, **how: object) -> Alarm:
    held = await held_of(archive, alarm.device)
    told = tell_changed(
        replace(alarm, description=words),
        previous_severity=alarm.severity,
        sequence=held.sequence + 1,
        now=NOW,
    )
    await save(archive, held, told, **how)
    return told.alarm


async def clear_alarm(archive: Archive, alarm: Alarm, **how: object) -> Alarm:
    held = await held_of(archive, alarm.device)
    closed = replace(alarm, state=State.CLEARED, clear_reason=ClearReason.DEVICE)
    told = tell_cleared(closed, sequence=held.sequence + 1, now=NOW)
    await save(archive, held, told, **how)
    return told.alarm


@asynccontextmanager
async def writing(archive: Archive, device: str) -> AsyncIterator[None]:
    """Have written an event of a device in a transaction that commits at the end of this."""
    held = await held_of(archive, device)
    told = tell_raised(alarm_of(1, device), sequence=held.sequence + 1, now=NOW)
    async with archive.begin() as tx:
        decision = Decision(events=(told,))
        await save_decision(tx, held, decision, bodies={told.id: "{}"}, now=NOW)
        yield


async def due(
    archive: Archive, sink: str = "incidents", *, now: datetime = NOW, limit: int = 100
) -> tuple[Delivery, ...]:
    async with archive.read() as tx:
        return await take(tx, sink, now=now, limit=limit)


async def settle(
    archive: Archive,
    *deliveries: Delivery,
    state: DeliveryState = DeliveryState.DELIVERED,
    next_at: datetime | None = None,
    at: datetime = NOW,
) -> int:
    outcomes = [
        Outcome(
            delivery_id=delivery.id,
            state=state,
            attempts=delivery.attempts + 1,
            at=at,
            next_at=next_at,
            reason="because",
            answer="HTTP 200",
        )
        for delivery in deliveries
    ]
    async with archive.begin() as tx:
        return await record(tx, outcomes)


async def hold(
    archive: Archive, delivery: Delivery, cause: str = DELAY, until: datetime = NOW + 60 * SECOND
) -> int:
    """Have a delivery wait, as a lane does."""
    wait = Hold(cause=cause, until=until, reason="told later")
    held = Outcome(
        delivery_id=delivery.id, state=DeliveryState.PENDING, attempts=0, at=NOW, hold=wait
    )
    async with archive.begin() as tx:
        return await record(tx, [held])


async def remarked(archive: Archive, alarm: Alarm) -> list[str]:
    """Say what befell the deliveries of an alarm, oldest first."""
    async with archive.read() as tx:
        return [remark.words for remark in await remarks_on(tx, alarm.id)]


async def rows_of(archive: Archive, sql: str) -> list[Any]:
    async with archive.read() as tx:
        return list((await tx.execute(text(sql))).rows)


async def count_of(archive: Archive, table: str) -> int:
    return int((await rows_of(archive, f"SELECT count(*) FROM {table}"))[0][0])  # noqa: S608 - a table of the tests' own


def scans_of(sqlite_url: str, statement: Select[Any]) -> set[object]:
    """Say what SQLite would go through from one end to the other for a statement."""
    sql = str(statement.compile(dialect=sqlite.dialect()))
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {sql}", ("x",) * sql.count("?")).fetchall()
    return {step for *_, step in plan if step.startswith("SCAN")}
