"""`alarms`, `events` and `devices`: what the archive holds."""

import json
from typing import Annotated

import typer

from alarmbridge.cli.options import AsJson, ConfigFile, Limit, MinSeverity, opened, wait_for
from alarmbridge.cli.output import local, show_json, show_table
from alarmbridge.core.alarm import Alarm, Origin, State
from alarmbridge.core.payload import listed_alarm_as_json
from alarmbridge.store.alarms import AlarmFilter, list_alarms
from alarmbridge.store.device_states import DeviceState, list_all_states
from alarmbridge.store.events import StoredEvent, list_events
from alarmbridge.store.page import Page
from alarmbridge.web.listed import device_state_as_json

Devices = Annotated[
    list[str] | None,
    typer.Option("--device", metavar="NAME", help="Of this device; repeatable."),
]


def alarms(
    config: ConfigFile = None,
    state: Annotated[State | None, typer.Option(help="Only active, or only cleared.")] = None,
    min_severity: MinSeverity = None,
    device: Devices = None,
    name: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Of this name; repeatable.")
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option(metavar="SOURCE", help="Of this source; repeatable.")
    ] = None,
    origin: Annotated[Origin | None, typer.Option(help="A device's, or the bridge's own.")] = None,
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """List alarms, the newest first."""
    wanted = AlarmFilter(
        states=(state,) if state else (),
        min_severity=min_severity,
        devices=tuple(device or ()),
        names=tuple(name or ()),
        sources=tuple(source or ()),
        origins=(origin,) if origin else (),
    )

    async def load() -> Page[Alarm]:
        async with opened(config) as archive, archive.read() as tx:
            return await list_alarms(tx, wanted, limit=limit)

    found = wait_for(load())
    if as_json:
        for alarm in found.items:
            show_json(listed_alarm_as_json(alarm))
        return
    show_table(
        ("SEEN", "DEVICE", "STATE", "SEVERITY", "SOURCE", "DESCRIPTION"),
        [
            (
                local(alarm.seen_at),
                alarm.device or "alarmbridge",
                _word_state(alarm),
                alarm.severity.value,
                alarm.source,
                alarm.description,
            )
            for alarm in found.items
        ],
        empty="No such alarms.",
        more=found.next is not None,
    )


def _word_state(alarm: Alarm) -> str:
    stale = alarm.stale and alarm.state is State.ACTIVE
    return f"{alarm.state.value} (stale)" if stale else alarm.state.value


def events(
    config: ConfigFile = None,
    device: Annotated[str | None, typer.Option(metavar="NAME", help="Of this device.")] = None,
    alarm: Annotated[
        str | None, typer.Option(metavar="ID", help="Of this alarm; `alarms --json` shows ids.")
    ] = None,
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """List events, the newest first, as they were told."""

    async def load() -> Page[StoredEvent]:
        async with opened(config) as archive, archive.read() as tx:
            return await list_events(tx, device=device, alarm=alarm, limit=limit)

    found = wait_for(load())
    if as_json:
        for event in found.items:
            print(event.body)
        return
    rows = []
    for event in found.items:
        told = json.loads(event.body)["data"]["alarm"]
        words = told["clear_description"] if event.kind == "cleared" else None
        rows.append(
            (
                local(event.at),
                event.device or "alarmbridge",
                str(event.sequence),
                event.kind,
                told["severity"],
                told["source"],
                words or told["description"],
            )
        )
    show_table(
        ("AT", "DEVICE", "NO", "EVENT", "SEVERITY", "SOURCE", "TEXT"),
        rows,
        empty="No such events.",
        more=found.next is not None,
    )


def devices(config: ConfigFile = None, as_json: AsJson = False) -> None:
    """List devices, and how each of them is."""

    async def load() -> tuple[DeviceState, ...]:
        async with opened(config) as archive, archive.read() as tx:
            return await list_all_states(tx)

    found = wait_for(load())
    if as_json:
        for one in found:
            show_json(device_state_as_json(one))
        return
    show_table(
        ("NAME", "STATE", "ACTIVE", "READ", "PRODUCT", "VERSION", "URL"),
        [
            (
                one.record.name,
                one.word,
                str(sum(one.active.values())),
                local(one.record.read_at),
                one.record.product,
                one.record.version,
                one.record.url,
            )
            for one in found
        ],
        empty="No devices.",
    )
