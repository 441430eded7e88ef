"""What is told against what is true when something dies: the bridge, a device, a receiver."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from acceptance_parts import (
    PASSWORD,
    Bridge,
    agreed,
    ask,
    configure,
    farm_of,
    looks_at,
    settled,
    until,
)
from acceptance_receiver import ACCEPTED, Receiver

from alarmbridge.simulator.farm import Farm
from alarmbridge.simulator.faults import Silence
from alarmbridge.simulator.habits import Habits, draw_habits
from alarmbridge.simulator.script import churn

pytestmark = pytest.mark.acceptance

RunBridge = Callable[[Mapping[str, Any]], Bridge]

UNAVAILABLE, GONE = 503, 410


def asked(farm: Farm) -> int:
    return sum(device.counters.total for device in farm.devices.values())


def grow_old(farm: Farm) -> None:
    """Let every device have run for a month, so that it has an uptime to lose."""
    for device in farm.devices.values():
        device.model._booted_at -= 30 * 24 * 3600


async def test_kills_at_random_lose_nothing_and_invent_nothing(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge
) -> None:
    dice = Random(7)
    async with farm_of(6, seed=7, habits=draw_habits) as farm:
        bridge = run_bridge(configure(tmp_path, farm, receiver))
        await until(lambda: all(one.counters.total for one in farm.devices.values()))
        playing = asyncio.create_task(farm.play(churn(list(farm.devices), seed=7, every=0.15)))
        for _ in range(5):
            await kill_at_any_time(bridge, farm, dice)
            bridge.start()
            await kill_at_an_answer(bridge, farm, dice)
            bridge.start()
            await kill_once_accepted(bridge, receiver)
            bridge.start()
        playing.cancel()
        await agreed(farm, receiver, within=40)
        print(f"{len(receiver.events)} events, {receiver.repeats} repeats")
        assert receiver.repeats >= 5
        archived = (await ask(bridge, "events", "--json", "--limit", "1000")).splitlines()
        assert sorted(map(in_order, archived)) == sorted(map(in_order, receiver.bodies.values()))


def in_order(written: str) -> str:
    """Write JSON in one way, whoever wrote it."""
    return json.dumps(json.loads(written), sort_keys=True)


async def kill_at_any_time(bridge: Bridge, farm: Farm, dice: Random) -> None:
    before = asked(farm)
    await until(lambda: asked(farm) > before)
    await asyncio.sleep(dice.uniform(0.0, 0.8))
    bridge.kill()


async def kill_at_an_answer(bridge: Bridge, farm: Farm, dice: Random) -> None:
    """Kill it when it has asked, and before it has the answer, in the middle of a sync."""
    model = dice.choice(list(farm.devices.values())).model
    endpoint = dice.choice(("lastChange", "status", "active", "history"))
    model.trap(endpoint, dice.randint(1, 3), lambda _: bridge.kill())
    await until(lambda: not bridge.running)


async def kill_once_accepted(bridge: Bridge, receiver: Receiver) -> None:
    """Kill it when the receiver has accepted, and before the archive can know."""
    receiver.then = bridge.kill
    await until(lambda: not bridge.running)
    receiver.then = lambda: None


@pytest.mark.parametrize("killed", [False, True], ids=["running", "killed"])
@pytest.mark.parametrize("keep", [True, False], ids=["kept", "gone"])
async def test_a_reboot_clears_what_was_and_raises_anew_what_came_back(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge, keep: bool, killed: bool
) -> None:
    async with farm_of(4, seed=2) as farm:
        grow_old(farm)
        models = [device.model for device in farm.devices.values()]
        for place, model in enumerate(models):
            model.habits = replace(
                model.habits,
                history_ids="shared" if place % 2 else "own",
                restart_moves_last_change=place > 1,
            )
            for n in range(3):
                model.raise_alarm(farm.clock(), n=n)
        bridge = run_bridge(configure(tmp_path, farm, receiver, full_sync="60s"))
        await until(lambda: len(receiver.told("raised")) == 3 * len(models))
        await agreed(farm, receiver)
        if killed:
            bridge.kill()
        for model in models:
            model.reboot(farm.clock(), keep=keep)
            if not keep:
                # The same ids again, of other things, and one of the same thing as before.
                model.raise_alarm(farm.clock(), "acBoardEthernetLinkAlarm", n=1)
                model.raise_alarm(farm.clock(), n=1)
        if killed:
            bridge.start()
        await until(lambda: len(receiver.told("cleared")) == 3 * len(models))
        reasons = [one["data"]["alarm"]["clear_reason"] for one in receiver.told("cleared")]
        assert set(reasons) == {"device_restart"}
        await agreed(farm, receiver)


@pytest.mark.parametrize("killed", [False, True], ids=["running", "killed"])
async def test_a_reboot_shows_though_every_id_and_text_comes_back(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge, killed: bool
) -> None:
    # Without tokens the rows read as before, letter by letter; the oracle cannot read them, so
    # the few that there are are counted here.
    async with Farm(2, password=PASSWORD) as farm:
        grow_old(farm)
        models = [device.model for device in farm.devices.values()]
        for model in models:
            for n in range(3):
                model.raise_alarm(farm.clock(), n=n)
        bridge = run_bridge(configure(tmp_path, farm, receiver, full_sync="60s"))
        await until(lambda: len(receiver.told("raised")) == 6)
        await settled(farm)
        if killed:
            bridge.kill()
        for model in models:
            model.reboot(farm.clock(), keep=True)
        if killed:
            bridge.start()
        await until(lambda: len(receiver.told("cleared")) == 6)
        await until(lambda: len(receiver.told("raised")) == 12)
        for device in farm.devices.values():
            await looks_at(device, 4)
        cleared = receiver.told("cleared")
        assert {one["data"]["alarm"]["clear_reason"] for one in cleared} == {"device_restart"}
        first = receiver.told("raised")[:6]
        assert ids_of(cleared) == ids_of(first)
        assert ids_of(receiver.told("raised")[6:]).isdisjoint(ids_of(first))
        assert not receiver.told("changed")


def ids_of(events: list[Any]) -> set[str]:
    return {event["data"]["alarm"]["id"] for event in events}


async def test_an_outage_of_a_device_clears_nothing_and_is_told(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge
) -> None:
    async with farm_of(3) as farm:
        closed, silent, well = farm.devices.values()
        gone = {device: device.model.raise_alarm(farm.clock(), n=1) for device in (closed, silent)}
        run_bridge(configure(tmp_path, farm, receiver, timeout="500ms"))
        await until(lambda: len(receiver.told("raised")) == 2)
        await farm.refuse(closed.name)
        silent.faults.add(Silence())
        for device, number in gone.items():
            device.model.clear(farm.clock(), number)
            device.model.raise_alarm(farm.clock(), n=2)
            device.model.clear(farm.clock(), device.model.raise_alarm(farm.clock(), n=3))
        await until(
            lambda: len(receiver.told("raised", origin="bridge", name="deviceUnreachable")) == 2
        )
        well.model.clear(farm.clock(), well.model.raise_alarm(farm.clock(), n=1))
        await until(lambda: receiver.told("cleared"))
        assert len(receiver.told("raised")) == 3
        assert len(receiver.told("cleared")) == 1
        await farm.accept(closed.name)
        silent.faults.lift()
        await until(
            lambda: len(receiver.told("cleared", origin="bridge", name="deviceUnreachable")) == 2
        )
        await agreed(farm, receiver)


async def test_an_outage_of_the_receiver_loses_nothing(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge
) -> None:
    async with farm_of(3) as farm:
        bridge = run_bridge(configure(tmp_path, farm, receiver))
        await until(lambda: all(one.counters.total for one in farm.devices.values()))
        await receiver.stop()
        playing = asyncio.create_task(farm.play(churn(list(farm.devices), seed=3, every=0.2)))
        await asyncio.sleep(6)
        # What is owed is in the archive, not in the process.
        bridge.kill()
        bridge.start()
        await asyncio.sleep(2)
        playing.cancel()
        assert not receiver.events
        await receiver.start()
        await agreed(farm, receiver, within=60)


async def test_a_receiver_that_answers_503_now_and_then_is_told_all(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge
) -> None:
    async with farm_of(3, seed=6) as farm:
        requests = iter(range(10**6))
        receiver.answer = lambda: UNAVAILABLE if next(requests) % 7 == 3 else ACCEPTED
        run_bridge(configure(tmp_path, farm, receiver))
        playing = asyncio.create_task(farm.play(churn(list(farm.devices), seed=6, every=0.15)))
        await until(lambda: receiver.statuses[UNAVAILABLE] >= 5, within=60)
        playing.cancel()
        await agreed(farm, receiver)
        assert receiver.repeats == 0


async def test_a_receiver_that_answers_410_is_left_alone_and_loses_nothing(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge
) -> None:
    gone = Receiver()
    await gone.start()
    gone.answer = lambda: GONE
    async with farm_of(3, seed=8) as farm:
        bridge = run_bridge(configure(tmp_path, farm, receiver, gone))
        playing = asyncio.create_task(farm.play(churn(list(farm.devices), seed=8, every=0.15)))
        await until(lambda: receiver.told("raised", origin="bridge", name="sinkFailing"))
        refused = gone.statuses[GONE]
        await until(lambda: len(receiver.events) > 40)
        playing.cancel()
        await agreed(farm, receiver)
        assert gone.statuses[GONE] == refused
        assert "hook-2: shut" in bridge.log.read_text(encoding="utf-8")

        assert await bridge.stop() == 0
        gone.answer = lambda: ACCEPTED
        bridge.start()
        await agreed(farm, gone)
    await gone.stop()


async def test_a_ring_that_overflows_while_the_bridge_is_down_is_a_declared_gap(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge
) -> None:
    cap = 20
    async with farm_of(3, habits=Habits(history_cap=cap)) as farm:
        full, nearly, still = (device.model for device in farm.devices.values())
        stands = {
            one: [one.raise_alarm(farm.clock(), n=n) for n in range(4)]
            for one in (full, nearly, still)
        }
        bridge = run_bridge(configure(tmp_path, farm, receiver))
        await agreed(farm, receiver)
        await settled(farm)
        bridge.kill()
        # The history holds four rows, and each coming and going adds two: of one device's rows
        # that were read none is left, of the other's two.
        for model, comings in ((full, 3 * cap), (nearly, cap // 2 - 2)):
            model.clear(farm.clock(), stands[model][0])
            for n in range(comings):
                model.clear(farm.clock(), model.raise_alarm(farm.clock(), n=10 + n))
            model.raise_alarm(farm.clock(), n=9)
        bridge.start()
        await agreed(farm, receiver)
        (lost,) = receiver.told("raised", origin="bridge", name="historyLost")
        assert (lost["data"]["device"]["name"], lost["data"]["transient"]) == (full.name, True)
        transients = Counter(
            one["data"]["device"]["name"]
            for one in receiver.told("raised")
            if one["data"]["transient"]
        )
        assert transients == {full.name: cap // 2 - 1, nearly.name: cap // 2 - 2}
