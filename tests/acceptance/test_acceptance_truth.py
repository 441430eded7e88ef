"""What is told against what is true: churn, shared seconds, moving lists, latency, logins."""

import asyncio
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from acceptance_parts import PASSWORD, Bridge, agreed, configure, farm_of, looks_at, until
from acceptance_receiver import Receiver

from alarmbridge.simulator.device import Device
from alarmbridge.simulator.habits import Habits, draw_habits
from alarmbridge.simulator.script import churn

pytestmark = pytest.mark.acceptance

RunBridge = Callable[[Mapping[str, Any]], Bridge]


async def was_read(device: Device) -> None:
    """Wait until a device's tables are being read."""
    await until(lambda: device.counters.requests["history"])


async def test_steady_churn_is_told_as_it_happened(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge
) -> None:
    async with farm_of(8, seed=5, habits=draw_habits) as farm:
        bridge = run_bridge(configure(tmp_path, farm, receiver))
        playing = asyncio.create_task(farm.play(churn(list(farm.devices), seed=5, every=0.1)))
        await until(lambda: len(receiver.events) > 80, within=60)
        playing.cancel()
        await agreed(farm, receiver)
        assert await bridge.stop() == 0
        assert receiver.repeats == 0


async def test_what_comes_and_goes_between_two_looks_is_told_as_transient(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge
) -> None:
    async with farm_of(6, seed=4, habits=draw_habits) as farm:
        for device in farm.devices.values():
            device.model.habits = replace(device.model.habits, clear_rows=True)
        run_bridge(configure(tmp_path, farm, receiver, full_sync="60s"))
        for device in farm.devices.values():
            await was_read(device)
        for n in range(1, 9):
            for device in farm.devices.values():
                now = farm.clock()
                device.model.clear(now, device.model.raise_alarm(now, n=n))
            await until(lambda n=n: len(receiver.told("cleared")) >= 6 * n - 5)
        await agreed(farm, receiver)
        assert all(one["data"]["transient"] for one in receiver.told("raised"))


@pytest.mark.parametrize("endpoint", ["lastChange", "status", "active", "active/id", "history"])
async def test_a_second_change_within_a_second_is_told(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge, endpoint: str
) -> None:
    # The second change comes right after an answer by which the first is read, within the second
    # that lastChange names: so lastChange stands still. No sweep helps. The clock is stopped
    # until then, otherwise the second might be over on a slow machine.
    stopped_at: list[float] = []
    async with farm_of(1, clock=lambda: stopped_at[0] if stopped_at else time.time()) as farm:
        device = farm.devices["sim-1"]
        model = device.model
        old = [model.raise_alarm(farm.clock(), n=n) for n in (1, 2)]
        run_bridge(configure(tmp_path, farm, receiver, full_sync="60s"))
        await until(lambda: len(receiver.told("raised")) == 2)

        changes: tuple[Callable[[float], object], ...] = (
            lambda now: model.clear(now, old[0]),
            lambda now: model.raise_alarm(now, n=20),
            lambda now: model.clear(now, model.raise_alarm(now, n=30)),
            lambda now: model.change(now, old[1]),
            lambda now: model.escalate(now, old[1], "Critical"),
        )
        for n, change in enumerate(changes, start=3):
            stopped_at.append(time.time())
            model.raise_alarm(farm.clock(), n=n)
            model.trap(endpoint, 1, change)
            happened = len(model.truth)
            await until(lambda happened=happened: len(model.truth) > happened)
            seconds = {one.device_at for one in model.truth[happened - 1 :]}
            assert seconds == {int(stopped_at.pop())}
            await agreed(farm, receiver)


WAYS = {
    "by-position": Habits(page_cap=3, cursor="position"),
    "by-position-backwards": Habits(page_cap=3, cursor="position", active_order="descending"),
    "by-position-shuffled": Habits(
        page_cap=3, cursor="position", active_order="shuffled", history_order="newest_first"
    ),
    "lost-404": Habits(page_cap=3, cursor="id", lost_cursor="not_found"),
    "lost-400": Habits(page_cap=3, cursor="id", lost_cursor="bad_request"),
    "lost-204": Habits(page_cap=3, cursor="id", lost_cursor="no_content"),
    "lost-restart": Habits(page_cap=3, cursor="opaque", lost_cursor="restart"),
    "no-clear-rows": Habits(page_cap=3, cursor="position", clear_rows=False),
}


@pytest.mark.parametrize("table", ["active", "history"])
async def test_a_list_that_moves_while_it_is_paged_clears_nothing(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge, table: str
) -> None:
    # With cursors by position, a row that goes between two pages takes another one along; with
    # cursors by id, the very row that the cursor names goes. No sweep helps.
    async with farm_of(len(WAYS)) as farm:
        models = [device.model for device in farm.devices.values()]
        for model, habits in zip(models, WAYS.values(), strict=True):
            model.habits = habits
        first = [[model.raise_alarm(farm.clock(), n=n) for n in range(14)] for model in models]
        run_bridge(configure(tmp_path, farm, receiver, full_sync="60s"))
        await until(lambda: len(receiver.told("raised")) == 14 * len(models))
        await agreed(farm, receiver)
        for page in range(1, 5):
            for model, numbers in zip(models, first, strict=True):
                # The last row of that page, and of the page as it is with the order reversed.
                going = numbers[3 * page - 1], numbers[-3 * page]

                def move(
                    now: float, model: Any = model, going: tuple[int, int] = going, n: int = page
                ) -> None:
                    for number in {*going}:
                        if model.stands(number):
                            model.clear(now, number)
                    model.raise_alarm(now, n=60 + n)

                model.trap(table, page, move)
                model.clear(farm.clock(), model.raise_alarm(farm.clock(), n=90 + page))
            await until(lambda: not any(model._traps for model in models))
            await agreed(farm, receiver)


async def test_a_wrong_password_is_tried_once(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge
) -> None:
    async with farm_of(2) as farm:
        locked, well = farm.devices.values()
        locked.model.raise_alarm(farm.clock(), n=1)
        configuration = configure(tmp_path, farm, receiver, auth_retry="10m")
        configuration["devices"][0]["password"] = "canary-password-of-yesterday"
        bridge = run_bridge(configuration)
        await until(lambda: receiver.told("raised", origin="bridge", name="deviceLoginFailed"))
        well.model.raise_alarm(farm.clock(), n=1)
        await until(lambda: receiver.told("raised"))
        await looks_at(well, 4)
        # A restart is no reason to try the same again, not even after a crash.
        bridge.kill()
        bridge.start()
        await looks_at(well, 4)
        assert (locked.counters.total, locked.login.wrong) == (1, 1)

        locked.model.clear(farm.clock(), locked.model.raise_alarm(farm.clock(), n=2))
        assert await bridge.stop() == 0
        del configuration["devices"][0]["password"]
        bridge.configure(configuration)
        bridge.start()
        await until(lambda: receiver.told("cleared", origin="bridge", name="deviceLoginFailed"))
        await agreed(farm, receiver)
        assert locked.login.wrong == 1
        assert "yesterday" not in bridge.log.read_text(encoding="utf-8")


async def test_a_password_put_right_on_the_device_is_found_out(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge
) -> None:
    async with farm_of(1) as farm:
        device = farm.devices["sim-1"]
        run_bridge(configure(tmp_path, farm, receiver, auth_retry="2s"))
        device.model.raise_alarm(farm.clock(), n=1)
        await until(lambda: receiver.told("raised"))
        device.login.change_password("another")
        device.model.clear(farm.clock(), device.model.raise_alarm(farm.clock(), n=2))
        await until(lambda: device.counters.unauthorized)
        device.login.change_password(PASSWORD)
        await until(lambda: receiver.told("cleared", origin="bridge", name="deviceLoginFailed"))
        await agreed(farm, receiver)
        assert device.login.wrong == 1


async def test_news_arrive_within_the_interval_and_a_quarter_of_a_second(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge
) -> None:
    async with farm_of(4) as farm:
        run_bridge(configure(tmp_path, farm, receiver, interval="500ms"))
        for device in farm.devices.values():
            await was_read(device)

        async def follow(device: Device) -> None:
            dice = Random(device.name)
            for n in range(1, 11):
                await asyncio.sleep(dice.uniform(0.1, 0.6))
                number = device.model.raise_alarm(farm.clock(), n=n)
                await heard(device)
                await asyncio.sleep(dice.uniform(0.1, 0.6))
                device.model.clear(farm.clock(), number)
                await heard(device)

        async def heard(device: Device) -> None:
            happened = len(device.model.truth)
            await until(lambda: sum(one.device == device.name for one in receiver.log) == happened)

        await asyncio.gather(*(follow(device) for device in farm.devices.values()))
        await agreed(farm, receiver)
        delays = [
            told.at - true.at
            for name, device in farm.devices.items()
            for told, true in zip(
                [one for one in receiver.log if one.device == name],
                device.model.truth,
                strict=True,
            )
        ]
        median = statistics.median(delays)
        print(f"median {median * 1000:.0f} ms, worst {max(delays) * 1000:.0f} ms")
        assert median <= 0.5 + 0.25
