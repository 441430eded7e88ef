"""A command run as the console script runs it, and an archive with something in it."""

import asyncio
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from alarmbridge.cli import main
from alarmbridge.core.alarm import Alarm, ClearReason, Origin, State
from alarmbridge.core.decision import Decision
from alarmbridge.core.delivery import DeliveryState, Obligation, Outcome
from alarmbridge.core.event import Event, tell_cleared, tell_raised
from alarmbridge.core.payload import DeviceFacts, build_body
from alarmbridge.core.routing import Routed
from alarmbridge.core.severity import Severity
from alarmbridge.store.archive import Archive, open_archive
from alarmbridge.store.blind_spells import SpellKind, open_spell
from alarmbridge.store.decisions import save_decision
from alarmbridge.store.devices import DeviceEntry, mark_removed, register_devices, save_status
from alarmbridge.store.held import load_held
from alarmbridge.store.lanes import record, take
from alarmbridge.store.obligations import save_routed

NOW = datetime(2026, 11, 23, 21, 4, 5, tzinfo=UTC)
HOSTILE = "down\r\nforged line \x1b[31mred\x1b[0m [red]markup[/red] \u202eback\x07"
LONG_AGO = NOW - timedelta(days=3650)


@dataclass(frozen=True)
class Result:
    """What a command came to."""

    status: int
    out: str
    err: str

    @property
    def rows(self) -> list[str]:
        """The lines of a table, without its heads."""
        return self.out.splitlines()[1:]


Run = Callable[..., Result]


def run_command(capsys: pytest.CaptureFixture[str], *arguments: str) -> Result:
    """Run a command in this process; it must not end by an exception but SystemExit."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    out, err = capsys.readouterr()
    status = ended.value.code
    assert "Traceback" not in out + err
    return Result(status if isinstance(status, int) else 0, out, err)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(holds: Callable[[], object], *, within: float = 10.0) -> None:
    """Wait for a condition from another thread; it has a deadline."""
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


def write_config(path: Path, database: Path, *, url: str = "", **other: object) -> Path:
    """Write a configuration: two devices, two sinks, and a database."""
    written = {
        "database": {"url": url or f"sqlite:///{database}"},
        "defaults": {"username": "monitor", "password": "canary-password"},
        "devices": [{"name": name, "url": f"https://{name}"} for name in ("sbc-1", "sbc-2")],
        "sinks": [{"name": "journal", "type": "log"}, {"name": "second", "type": "log"}],
    }
    path.write_text(yaml.safe_dump(written | other))
    return path


def alarm_of(number: int, device: str = "sbc-1", **other: object) -> Alarm:
    alarm = Alarm(
        id=f"{device}/{number}",
        device=device,
        severity=Severity.MAJOR,
        description=f"Trunk {number} is down",
        source=f"Board#{number}",
        device_alarm_id=str(number),
        seen_at=NOW + timedelta(seconds=number),
    )
    return replace(alarm, **other)  # type: ignore[arg-type] - fields, as the test says


async def save(archive: Archive, alarm: Alarm, *, now: datetime = NOW) -> None:
    """Raise an alarm, and clear it at once if it is cleared; owe each event to both sinks."""
    async with archive.begin() as tx:
        held = await load_held(tx, alarm.device, now=now)
        opened = replace(alarm, state=State.ACTIVE, clear_reason=None, clear_description=None)
        events: list[Event] = [tell_raised(opened, sequence=held.sequence + 1, now=now)]
        if alarm.state is State.CLEARED:
            events.append(tell_cleared(alarm, sequence=held.sequence + 2, now=now))
        facts = DeviceFacts(name=alarm.device, url=f"https://{alarm.device}")
        obligations = [
            Obligation(event_id=event.id, alarm_id=alarm.id, sink=sink, key=alarm.id)
            for event in events
            for sink in ("journal", "second")
        ]
        bodies = {event.id: build_body(event, facts if alarm.device else None) for event in events}
        decision = Decision(events=tuple(events))
        raised = await save_decision(tx, held, decision, bodies=bodies, now=now)
        await save_routed(tx, events, Routed(tuple(obligations)), raised=raised, now=now)


async def settle(archive: Archive, sink: str, state: DeliveryState, reason: str) -> None:
    """Settle all that a sink is owed just now."""
    async with archive.read() as tx:
        due = await take(tx, sink, now=NOW, limit=100)
    outcomes = [
        Outcome(delivery_id=one.id, state=state, attempts=3, at=NOW, reason=reason, answer=None)
        for one in due
    ]
    async with archive.begin() as tx:
        await record(tx, outcomes)


async def fill(path: Path) -> None:
    """Fill an archive: two devices, one blind, one removed, and alarms of every sort."""
    archive = open_archive(f"sqlite:///{path}")
    async with archive.begin() as tx:
        entries = [
            DeviceEntry(name=name, url=f"https://{name}", tags={"site": "ams"})
            for name in ("sbc-1", "sbc-2", "sbc-gone")
        ]
        await register_devices(tx, entries, now=NOW)
        await mark_removed(tx, "sbc-gone", now=NOW)
        await save_status(tx, "sbc-1", product="Mediant SW", version="7.20A", read_at=NOW)
        spell = {"since": NOW, "reason": "nobody answers"}
        await open_spell(tx, "sbc-2", kind=SpellKind.UNREACHABLE, **spell)  # type: ignore[arg-type]
    await save(archive, alarm_of(1))
    closed = {"clear_reason": ClearReason.DEVICE, "clear_description": "Trunk 2 is up"}
    await save(archive, alarm_of(2, state=State.CLEARED, **closed))
    await save(archive, alarm_of(3, "sbc-2", severity=Severity.MINOR, name="acTrunk", stale=True))
    await save(
        archive,
        alarm_of(4, "", origin=Origin.BRIDGE, name="sinkFailing", source="alarmbridge"),
    )
    await settle(archive, "second", DeliveryState.DEAD, "HTTP 422: refused")
    await archive.dispose()


def do(path: Path, work: Callable[[Archive], object]) -> None:
    """Do something to an archive: `work` gets it and gives an awaitable."""

    async def work_on() -> None:
        archive = open_archive(f"sqlite:///{path}")
        await work(archive)  # type: ignore[misc] - an awaitable
        await archive.dispose()

    asyncio.run(work_on())
