"""What is told against what is true: churn, kills, outages, reboots, mutation in mid-page."""

import asyncio
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
from acceptance_parts import PASSWORD, Bridge, Receiver, configure, differences, until

from alarmbridge.simulator.farm import Farm
from alarmbridge.simulator.habits import Habits, draw_habits
from alarmbridge.simulator.script import churn

pytestmark = pytest.mark.acceptance

RunBridge = Callable[[Mapping[str, Any]], Bridge]


def farm_of(count: int, **traits: Any) -> Farm:
    return Farm(count, tokens=True, password=PASSWORD, **traits)


async def test_steady_churn_is_told_as_it_happened(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge
) -> None:
    async with farm_of(8, seed=5, habits=draw_habits) as farm:
        bridge = run_bridge(configure(tmp_path, farm, receiver))
        playing = asyncio.create_task(farm.play(churn(list(farm.devices), seed=5, every=0.2)))
        await until(lambda: len(receiver.events) > 60, within=60)
        playing.cancel()
        await until(lambda: not differences(farm, receiver), within=30)
        assert await bridge.stop() == 0
        assert receiver.repeats == 0


async def test_kills_at_random_lose_nothing_and_invent_nothing(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge
) -> None:
    dice = Random(7)
    async with farm_of(6, seed=7, habits=draw_habits) as farm:
        bridge = run_bridge(configure(tmp_path, farm, receiver))
        await until(lambda: all(one.counters.total for one in farm.devices.values()))
        playing = asyncio.create_task(farm.play(churn(list(farm.devices), seed=7, every=0.2)))
        for _ in range(12):
            await asyncio.sleep(dice.uniform(0.6, 2.0))
            bridge.kill()
            bridge.start()
        playing.cancel()
        await until(lambda: not differences(farm, receiver), within=40)


async def test_changes_that_share_a_second_are_all_told(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge
) -> None:
    # The second change comes right after the answer that told of the first, within its second.
    async with farm_of(1) as farm:
        model = farm.devices["sim-1"].model
        run_bridge(configure(tmp_path, farm, receiver))
        await until(lambda: farm.devices["sim-1"].counters.requests["history"])
        standing = model.raise_alarm(farm.clock(), n=1)
        for n in range(2, 8):
            model.trap("history", 1, lambda now, n=n: model.clear(now, model.raise_alarm(now, n=n)))
            await until(lambda n=n: len(receiver.told("cleared")) == n - 1, within=10)
            model.clear(farm.clock(), model.raise_alarm(farm.clock(), n=n + 20))
            await until(lambda n=n: not differences(farm, receiver), within=10)
            receiver_count = len(receiver.told("cleared"))
            assert receiver_count >= n
            break
        assert model.stands(standing)


async def test_a_list_that_moves_while_it_is_paged_clears_nothing(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge
) -> None:
    # With cursors by position, a row that goes between two pages takes another one along.
    habits = Habits(page_size=3, cursor="position")
    async with farm_of(1, habits=habits) as farm:
        model = farm.devices["sim-1"].model
        numbers = [model.raise_alarm(farm.clock(), n=n) for n in range(12)]
        run_bridge(configure(tmp_path, farm, receiver))
        await until(lambda: len(receiver.told("raised")) == 12)
        for number in numbers[:4]:
            model.trap("active", 1, lambda now, number=number: model.clear(now, number))
            model.clear(farm.clock(), model.raise_alarm(farm.clock(), n=90 + number))
            await until(lambda: not differences(farm, receiver), within=15)


@pytest.mark.parametrize("keep", [True, False])
async def test_a_reboot_clears_what_is_gone_and_raises_anew_what_came_back(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge, keep: bool
) -> None:
    async with farm_of(1) as farm:
        model = farm.devices["sim-1"].model
        for n in range(3):
            model.raise_alarm(farm.clock(), n=n)
        run_bridge(configure(tmp_path, farm, receiver))
        await until(lambda: len(receiver.told("raised")) == 3)
        await asyncio.sleep(2.5)  # the device's uptime is whole seconds; it has to have one to lose
        model.reboot(farm.clock(), keep=keep)
        await until(lambda: len(receiver.told("cleared")) == 3)
        reasons = {one["data"]["alarm"]["clear_reason"] for one in receiver.told("cleared")}
        assert reasons == {"device_restart"}
        await until(lambda: not differences(farm, receiver))


async def test_an_outage_of_a_device_clears_nothing_and_is_told(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge
) -> None:
    async with farm_of(2) as farm:
        model = farm.devices["sim-1"].model
        gone = model.raise_alarm(farm.clock(), n=1)
        run_bridge(configure(tmp_path, farm, receiver))
        await until(lambda: receiver.told("raised"))
        await farm.refuse("sim-1")
        await until(lambda: receiver.told("raised", origin="bridge", name="deviceUnreachable"))
        assert not receiver.told("cleared")
        model.clear(farm.clock(), gone)
        model.raise_alarm(farm.clock(), n=2)
        await farm.accept("sim-1")
        await until(lambda: receiver.told("cleared", origin="bridge", name="deviceUnreachable"))
        await until(lambda: not differences(farm, receiver))


async def test_an_outage_of_the_receiver_loses_nothing(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge
) -> None:
    async with farm_of(3) as farm:
        run_bridge(configure(tmp_path, farm, receiver))
        await until(lambda: all(one.counters.total for one in farm.devices.values()))
        await receiver.stop()
        playing = asyncio.create_task(farm.play(churn(list(farm.devices), seed=3, every=0.2)))
        await asyncio.sleep(8)
        playing.cancel()
        await receiver.start()
        await until(lambda: not differences(farm, receiver), within=60)


async def test_a_wrong_password_is_tried_once(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge
) -> None:
    async with farm_of(2) as farm:
        locked = farm.devices["sim-1"]
        locked.login.change_password("another")
        run_bridge(configure(tmp_path, farm, receiver, auth_retry="60s"))
        await until(lambda: receiver.told("raised", origin="bridge", name="deviceLoginFailed"))
        farm.devices["sim-2"].model.raise_alarm(farm.clock(), n=1)
        await until(lambda: receiver.told("raised"))
        assert locked.counters.unauthorized == 1
        assert locked.counters.total == 1


async def test_news_arrive_within_the_interval_and_a_quarter_of_a_second(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge
) -> None:
    async with farm_of(4) as farm:
        run_bridge(configure(tmp_path, farm, receiver, interval="500ms"))
        await until(lambda: all(one.counters.requests["history"] for one in farm.devices.values()))
        dice, delays = Random(1), []
        for n in range(12):
            for device in farm.devices.values():
                await asyncio.sleep(dice.uniform(0.1, 0.4))
                before, at = len(receiver.events), time.time()
                number = device.model.raise_alarm(farm.clock(), n=n)
                await until(lambda before=before: len(receiver.events) > before)
                delays.append(receiver.arrived_at[before] - at)
                before, at = len(receiver.events), time.time()
                device.model.clear(farm.clock(), number)
                await until(lambda before=before: len(receiver.events) > before)
                delays.append(receiver.arrived_at[before] - at)
        median = statistics.median(delays)
        print(f"median {median * 1000:.0f} ms, worst {max(delays) * 1000:.0f} ms")
        assert median <= 0.75
