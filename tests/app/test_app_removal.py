"""A device that is configured no longer: closed once and for all, whenever the kill comes."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from app_parts import DyingArchive, KilledError, Receiver, running, settings_for, until

from alarmbridge.app import Program
from alarmbridge.core.alarm import ClearReason, State
from alarmbridge.core.bridge import DEVICE_UNREACHABLE
from alarmbridge.core.health import declare
from alarmbridge.core.payload import DeviceFacts
from alarmbridge.mediant.network import HttpNetwork
from alarmbridge.runtime.recorder import Blind
from alarmbridge.simulator.farm import Farm
from alarmbridge.store.alarm_lists import list_alarms
from alarmbridge.store.archive import Archive
from alarmbridge.store.blind_spells import SpellKind, list_spells
from alarmbridge.store.deliveries import list_deliveries
from alarmbridge.store.devices import list_devices
from alarmbridge.store.events import list_events
from alarmbridge.system import SystemClock


async def test_its_alarms_are_closed_and_its_sinks_told_so(
    database: Path, farm: Farm, receiver: Receiver
) -> None:
    for device in farm.devices.values():
        device.model.raise_alarm(farm.clock(), n=1)
    async with running(settings_for(database, farm, receiver)):
        await until(lambda: len(receiver.told("raised")) == 2)
    async with running(settings_for(database, farm, receiver, names=("sim-2",))):
        await until(lambda: receiver.told("cleared"))
    (cleared,) = receiver.told("cleared")
    assert cleared["alarm"]["clear_reason"] == "device_removed"
    assert cleared["device"]["name"] == "sim-1"
    raised = next(one for one in receiver.told("raised") if one["device"]["name"] == "sim-1")
    assert cleared["device"] == raised["device"]


async def test_what_stood_on_a_blind_device_is_closed_and_stale_no_longer(
    database: Path, farm: Farm, receiver: Receiver, archive: Archive
) -> None:
    farm.devices["sim-1"].model.raise_alarm(farm.clock(), n=1)
    async with running(settings_for(database, farm, receiver)) as program:
        await until(lambda: receiver.told("raised"))
        await make_blind(program, "sim-1")
    async with running(settings_for(database, farm, receiver, names=("sim-2",))):
        await until(lambda: len(receiver.told("cleared")) == 2)
    async with archive.read() as tx:
        alarms = (await list_alarms(tx)).items
    assert [(one.state, one.stale) for one in alarms] == [(State.CLEARED, False)] * 2


async def test_a_device_that_comes_back_is_told_anew(
    database: Path, farm: Farm, receiver: Receiver, archive: Archive
) -> None:
    farm.devices["sim-1"].model.raise_alarm(farm.clock(), n=1)
    whole = settings_for(database, farm, receiver)
    without = settings_for(database, farm, receiver, names=("sim-2",))
    for settings, raised, cleared in ((whole, 1, 0), (without, 1, 1), (whole, 2, 1)):
        async with running(settings):
            await until(lambda raised=raised: len(receiver.told("raised")) == raised)
            await until(lambda cleared=cleared: len(receiver.told("cleared")) == cleared)
    first, second = receiver.told("raised")
    assert first["alarm"]["id"] != second["alarm"]["id"]
    async with archive.read() as tx:
        assert [device.removed_at for device in await list_devices(tx)] == [None, None]


async def enrol(settings: object, archive: object, network: HttpNetwork) -> Program:
    program = Program(settings, archive, network)  # type: ignore[arg-type] - a dying one as well
    await program.register()
    return program


@pytest.mark.parametrize("commits", [0, 1, 2, 3, 4])
async def test_a_kill_between_any_two_commits_is_made_good(
    database: Path, archive: Archive, stack: AsyncExitStack, commits: int
) -> None:
    # Registering commits the devices, then for each that is gone its clears, then its mark. A
    # kill after the clears leaves a device that is closed and not marked: it is gone over again.
    network = HttpNetwork(SystemClock().monotonic)
    stack.push_async_callback(network.aclose)
    program = await enrol(settings_for(database, names=("a", "b", "c")), archive, network)
    await make_blind(program, "a")
    await make_blind(program, "b")

    fewer = settings_for(database, names=("c",))
    with pytest.raises(KilledError):
        await enrol(fewer, DyingArchive(archive, commits=commits), network)
    await enrol(fewer, archive, network)

    async with archive.read() as tx:
        events = [event for event in (await list_events(tx)).items if event.kind == "cleared"]
        assert sorted(event.device for event in events) == ["a", "b"]
        alarms = (await list_alarms(tx)).items
        assert {(one.state, one.clear_reason) for one in alarms} == {
            (State.CLEARED, ClearReason.DEVICE_REMOVED)
        }
        owed = [one.device for one in (await list_deliveries(tx)).items if one.kind == "cleared"]
        assert sorted(owed) == ["a", "b"]
        assert (await list_spells(tx, lasting=True)).items == ()
        removed = [one.name for one in await list_devices(tx) if one.removed_at is not None]
        assert removed == ["a", "b"]


async def make_blind(program: Program, name: str) -> None:
    recorder, now = program._engine.recorder, program._clock.now()
    held = await recorder.load(name)
    decision = declare(held, DEVICE_UNREACHABLE, words="It is gone.", now=now)
    blind = Blind(kind=SpellKind.UNREACHABLE, since=now, reason="It is gone.")
    facts = DeviceFacts(name=name, url="http://127.0.0.1:9")
    await recorder.record(held, decision, facts=facts, sight=blind)
