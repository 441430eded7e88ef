"""`alarms`, `events` and `devices`: what the archive holds."""

import json
from typing import Annotated

import typer

from alarmbridge.cli.options import AsJson, ConfigFile, Limit, opened, wait_for
from alarmbridge.cli.output import local, show_json, show_table
from alarmbridge.core.alarm import Alarm, Origin, State
from alarmbridge.core.payload import alarm_as_json, format_instant
from alarmbridge.core.severity import Severity
from alarmbridge.store.alarms import AlarmFilter, count_active, list_alarms
from alarmbridge.store.blind_spells import list_spells
from alarmbridge.store.devices import list_devices
from alarmbridge.store.events import StoredEvent, list_events

Devices = Annotated[list[str] | None, typer.Option("--device", help="Of this device; repeatable.")]


def alarms(
    config: ConfigFile = None,
    state: Annotated[State | None, typer.Option(help="Only active, or only cleared.")] = None,
    min_severity: Annotated[Severity | None, typer.Option(help="This bad or worse.")] = None,
    device: Devices = None,
    name: Annotated[list[str] | None, typer.Option(help="Of this name; repeatable.")] = None,
    source: Annotated[list[str] | None, typer.Option(help="Of this source; repeatable.")] = None,
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

    async def load() -> tuple[Alarm, ...]:
        async with opened(config) as archive, archive.read() as tx:
            return (await list_alarms(tx, wanted, limit=limit)).items

    found = wait_for(load())
    if as_json:
        for alarm in found:
            show_json({**alarm_as_json(alarm), "device": alarm.device, "stale": alarm.stale})
        return
    show_table(
        ("SEEN", "DEVICE", "STATE", "SEVERITY", "SOURCE", "DESCRIPTION"),
        [
            (
                local(alarm.seen_at),
                alarm.device or "alarmbridge",
                f"{alarm.state.value} (stale)" if alarm.stale else alarm.state.value,
                alarm.severity.value,
                alarm.source,
                alarm.description,
            )
            for alarm in found
        ],
        empty="No such alarms.",
    )


def events(
    config: ConfigFile = None,
    device: Annotated[str | None, typer.Option(help="Of this device.")] = None,
    alarm: Annotated[str | None, typer.Option(help="Of the alarm with this id.")] = None,
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """List events, the newest first, as they were told."""

    async def load() -> tuple[StoredEvent, ...]:
        async with opened(config) as archive, archive.read() as tx:
            return (await list_events(tx, device=device, alarm=alarm, limit=limit)).items

    found = wait_for(load())
    if as_json:
        for event in found:
            print(event.body)
        return
    rows = []
    for event in found:
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
        ("AT", "DEVICE", "NO", "EVENT", "SEVERITY", "SOURCE", "TEXT"), rows, empty="No events."
    )


def devices(config: ConfigFile = None, as_json: AsJson = False) -> None:
    """List devices, and how each of them is."""

    async def load() -> list[dict[str, object]]:
        async with opened(config) as archive, archive.read() as tx:
            active = await count_active(tx)
            blind = {spell.device: spell for spell in (await list_spells(tx, lasting=True)).items}
            return [
                {
                    "name": one.name,
                    "url": one.url,
                    "tags": dict(one.tags),
                    "product": one.product,
                    "version": one.version,
                    "serial_number": one.serial_number,
                    "active_alarms": sum(n for (name, _), n in active.items() if name == one.name),
                    "read_at": format_instant(one.read_at),
                    "removed_at": format_instant(one.removed_at),
                    "blind": blind[one.name].kind.value if one.name in blind else None,
                }
                for one in await list_devices(tx)
            ]

    found = wait_for(load())
    if as_json:
        for one in found:
            show_json(one)
        return
    heads = ("name", "url", "product", "version", "active_alarms", "read_at", "blind")
    show_table(
        [head.upper().replace("_", " ") for head in heads],
        [[None if one[head] is None else str(one[head]) for head in heads] for one in found],
        empty="No devices.",
    )
