"""`alarms`, `events` and `devices`: what the archive holds."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Annotated

import typer

from alarmbridge.cli.options import AsJson, ConfigFile, Limit, MinSeverity, opened, wait_for
from alarmbridge.cli.output import local, show_json, show_table
from alarmbridge.core.alarm import Alarm, Origin, State
from alarmbridge.core.payload import alarm_as_json, format_instant
from alarmbridge.store.alarms import AlarmFilter, count_active, list_alarms
from alarmbridge.store.blind_spells import SpellKind, list_spells
from alarmbridge.store.devices import DeviceRecord, list_devices
from alarmbridge.store.events import StoredEvent, list_events
from alarmbridge.store.page import MOST, Page
from alarmbridge.store.transaction import Transaction

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
            device_name = alarm.device or None
            show_json({**alarm_as_json(alarm), "device": device_name, "stale": alarm.stale})
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

    async def load() -> list[_Shown]:
        async with opened(config) as archive, archive.read() as tx:
            return await _load_devices(tx)

    found = wait_for(load())
    if as_json:
        for one in found:
            show_json(_device_as_json(one))
        return
    show_table(
        ("NAME", "STATE", "ACTIVE", "READ", "PRODUCT", "VERSION", "URL"),
        [
            (
                one.record.name,
                one.state,
                str(one.active),
                local(one.record.read_at),
                one.record.product,
                one.record.version,
                one.record.url,
            )
            for one in found
        ],
        empty="No devices.",
    )


@dataclass(frozen=True, slots=True)
class _Shown:
    """A device with how many alarms stand there, and what makes the bridge blind for it."""

    record: DeviceRecord
    active: int
    blind: SpellKind | None

    @property
    def state(self) -> str:
        if self.record.removed_at is not None:
            return "removed"
        return self.blind.value if self.blind is not None else "followed"


async def _load_devices(tx: Transaction) -> list[_Shown]:
    active: Counter[str] = Counter()
    for (name, _), number in (await count_active(tx)).items():
        active[name] += number
    blind = await _load_blind(tx)
    return [
        _Shown(record, active[record.name], blind.get(record.name))
        for record in await list_devices(tx)
    ]


async def _load_blind(tx: Transaction) -> dict[str, SpellKind]:
    """Load what keeps each device from being seen; a later spell counts before an older one."""
    blind: dict[str, SpellKind] = {}
    cursor: str | None = None
    while True:
        page = await list_spells(tx, lasting=True, limit=MOST, after=cursor)
        for spell in page.items:
            blind.setdefault(spell.device, spell.kind)
        cursor = page.next
        if cursor is None:
            return blind


def _device_as_json(one: _Shown) -> dict[str, object]:
    record = one.record
    return {
        "name": record.name,
        "url": record.url,
        "tags": dict(record.tags),
        "product": record.product,
        "version": record.version,
        "serial_number": record.serial_number,
        "active_alarms": one.active,
        "read_at": format_instant(record.read_at),
        "removed_at": format_instant(record.removed_at),
        "blind": one.blind.value if one.blind is not None else None,
    }
