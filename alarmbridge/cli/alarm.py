"""`explain` and `ack`: one alarm, why who was told what, and that somebody has seen it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Annotated

import typer

from alarmbridge.cli.options import AsJson, ConfigFile, login_name, opened, wait_for
from alarmbridge.cli.output import local, show_json, show_table, show_text
from alarmbridge.core.alarm import Alarm
from alarmbridge.core.bridge import SINK_FAILING
from alarmbridge.core.delivery import DeliveryState
from alarmbridge.core.errors import AlarmbridgeError
from alarmbridge.core.operator import OperatorAction
from alarmbridge.core.payload import alarm_as_json, format_instant
from alarmbridge.core.wording import noun_of
from alarmbridge.store.alarms import active_bridge_alarms, fetch_alarm, find_alarms
from alarmbridge.store.deliveries import ListedDelivery, list_deliveries
from alarmbridge.store.events import StoredEvent, list_events
from alarmbridge.store.operator_actions import act
from alarmbridge.store.page import MOST
from alarmbridge.store.remarks import Remark, remarks_on
from alarmbridge.store.transaction import Transaction

AlarmId = Annotated[
    str, typer.Argument(metavar="ALARM", help="Its id, or how that begins; `alarms --json` has it.")
]


@dataclass(frozen=True, slots=True)
class _Story:
    """All that is known of one alarm. Everything oldest first.

    failing: by name, the sinks that accept nothing at present, in the words of their alarm.
    """

    alarm: Alarm
    events: tuple[StoredEvent, ...]
    deliveries: tuple[ListedDelivery, ...]
    remarks: tuple[Remark, ...]
    failing: Mapping[str, str]


def explain(alarm: AlarmId, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Show what became of an alarm: its events, and why each sink was told of them or not."""

    async def load() -> _Story:
        async with opened(config) as archive, archive.read() as tx:
            return await _load(tx, await _find(tx, alarm))

    story = wait_for(load())
    if as_json:
        show_json(_as_json(story))
        return
    _show(story)


def ack(
    alarm: AlarmId,
    config: ConfigFile = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="NAME", help="Who; else the login name.")
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Take it back.")] = False,
) -> None:
    """Acknowledge an alarm: sinks that repeat it do so no longer."""
    action = OperatorAction.UNACK if undo else OperatorAction.ACK

    async def work() -> bool:
        async with opened(config) as archive, archive.begin() as tx:
            found = await _find(tx, alarm)
            who = by or login_name()
            return await act(tx, found, action, who=who, now=datetime.now(UTC))

    if not wait_for(work()):
        raise AlarmbridgeError(
            "It was not acknowledged." if undo else "It is acknowledged already."
        )
    print("Taken back." if undo else "Acknowledged.")


async def _find(tx: Transaction, start: str) -> str:
    found = await find_alarms(tx, start)
    if not found:
        raise AlarmbridgeError(f"There is no alarm {start}.")
    if len(found) > 1 and found[0] != start:
        raise AlarmbridgeError(f"Several alarms begin with {start}; give more of it.")
    return found[0]


async def _load(tx: Transaction, alarm_id: str) -> _Story:
    alarm = await fetch_alarm(tx, alarm_id)
    if alarm is None:
        raise AlarmbridgeError(f"There is no alarm {alarm_id}.")
    events = (await list_events(tx, alarms=(alarm_id,), limit=MOST)).items
    deliveries = (await list_deliveries(tx, alarms=(alarm_id,), limit=MOST)).items
    return _Story(
        alarm,
        tuple(reversed(events)),
        tuple(sorted(deliveries, key=lambda one: (one.sink, one.id))),
        await remarks_on(tx, alarm_id),
        {
            one.device_alarm_id or "": one.description
            for one in await active_bridge_alarms(tx)
            if one.name == SINK_FAILING
        },
    )


def _show(story: _Story) -> None:
    alarm = story.alarm
    print(f"{alarm.device or 'alarmbridge'}: {alarm.state.value}, {alarm.severity.value}")
    show_text(alarm.description)
    show_table(
        ("ID", "NAME", "SOURCE", "OID"),
        [(alarm.id, alarm.name, alarm.source, alarm.oid)],
        empty="",
    )
    print("\nWhat happened")
    show_table(
        ("AT", "EVENT"), [(local(one.at), one.kind) for one in story.events], empty="Nothing."
    )
    for sink, owed in groupby(story.deliveries, key=lambda one: one.sink):
        print(f"\nSink {sink}")
        rows = [row for one in owed for row in _lines(one, story)]
        show_table(("AT", "EVENT", "STATE", "WHY"), rows, empty="")
    if not story.deliveries:
        print("\nNo sink was configured when it happened.")


def _lines(
    delivery: ListedDelivery, story: _Story
) -> list[tuple[str | None, str, str, str | None]]:
    """Say what befell a delivery, a line each, and how it stands."""
    lines: list[tuple[str | None, str, str, str | None]] = [
        (local(remark.at), delivery.kind, "", remark.words)
        for remark in story.remarks
        if remark.delivery_id == delivery.id
    ]
    why = "; ".join(
        part for part in (delivery.answer, delivery.reason, delivery.note) if part is not None
    )
    if delivery.state is DeliveryState.PENDING:
        why = _word_waiting(delivery, why, story)
    at = delivery.settled_at or delivery.created_at
    return [*lines, (local(at), delivery.kind, delivery.state.value, why or None)]


def _word_waiting(delivery: ListedDelivery, why: str, story: _Story) -> str:
    first = next(
        one
        for one in story.deliveries
        if one.sink == delivery.sink and one.state is DeliveryState.PENDING
    )
    if first is not delivery:
        return why or f"waits for the {noun_of(first.kind)} before it"
    words = [f"{why}; next at {local(delivery.next_at)}" if why else "waits for its turn"]
    return "; ".join([*words, *filter(None, [story.failing.get(delivery.sink)])])


def _as_json(story: _Story) -> dict[str, object]:
    return {
        "alarm": {**alarm_as_json(story.alarm), "device": story.alarm.device or None},
        "events": [
            {"id": one.id, "kind": one.kind, "at": format_instant(one.at)} for one in story.events
        ],
        "deliveries": [
            {
                "id": one.id,
                "sink": one.sink,
                "event_id": one.event_id,
                "kind": one.kind,
                "state": one.state.value,
                "attempts": one.attempts,
                "reason": one.reason,
                "answer": one.answer,
                "note": one.note,
                "created_at": format_instant(one.created_at),
                "settled_at": format_instant(one.settled_at),
                "remarks": [
                    {"at": format_instant(remark.at), "words": remark.words}
                    for remark in story.remarks
                    if remark.delivery_id == one.id
                ],
            }
            for one in story.deliveries
        ],
    }
