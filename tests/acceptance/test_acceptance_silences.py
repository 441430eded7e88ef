"""A silence from the command line beside a daemon, through a kill, to its end."""

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from acceptance_parts import Bridge, agreed, ask, configure, farm_of, until
from acceptance_receiver import Receiver

pytestmark = pytest.mark.acceptance

RunBridge = Callable[[Mapping[str, Any]], Bridge]


async def held(bridge: Bridge, device: str, number: int) -> list[str]:
    """Wait until so many deliveries about a device wait; return why they do."""
    async with asyncio.timeout(30):
        while True:
            listed = await ask(
                bridge, "deliveries", "list", "--json", "--device", device, "--state", "pending"
            )
            waiting = [str(json.loads(line)["reason"]) for line in listed.splitlines()]
            if len(waiting) == number:
                return waiting


async def test_what_is_silenced_is_told_at_the_end_of_the_silence_a_kill_between(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge
) -> None:
    async with farm_of(2) as farm:
        bridge = run_bridge(configure(tmp_path, farm, receiver))
        await until(lambda: all(one.counters.total for one in farm.devices.values()))
        added = await ask(
            bridge, "silences", "add", "--device", "sim-1", "--for", "1h", "--comment", "upgrade"
        )
        assert added.startswith("Silence 1: device sim-1, until ")

        standing, brief = (
            farm.devices["sim-1"].model.raise_alarm(farm.clock(), n=n) for n in (1, 2)
        )
        farm.devices["sim-2"].model.raise_alarm(farm.clock(), n=1)
        assert len(await held(bridge, "sim-1", 2)) == 2
        bridge.kill()
        farm.devices["sim-1"].model.clear(farm.clock(), brief)
        bridge.start()
        (why,) = await held(bridge, "sim-1", 1)
        assert "silence 1 (upgrade, by " in why
        await until(lambda: receiver.events)
        assert {one.device for one in receiver.log} == {"sim-2"}

        assert await ask(bridge, "silences", "expire", "1") == "Silence 1 has ended.\n"
        await until(lambda: len(receiver.events) == 2)
        farm.devices["sim-1"].model.clear(farm.clock(), standing)
        await until(lambda: len(receiver.events) == 3)
        assert [(one.device, one.kind) for one in receiver.log][-2:] == [
            ("sim-1", "raised"),
            ("sim-1", "cleared"),
        ]
        assert await bridge.stop() == 0
    assert receiver.faults == []


async def test_a_window_that_is_open_holds_from_the_first_second_on(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge
) -> None:
    window = {
        "name": "always",
        "match": {"devices": "sim-1"},
        "cron": "* * * * *",
        "duration": "10m",
    }
    async with farm_of(2) as farm:
        for device in farm.devices.values():
            device.model.raise_alarm(farm.clock(), n=1)
        configuration = configure(tmp_path, farm, receiver)
        bridge = run_bridge(configuration | {"maintenance": [window]})
        await until(lambda: receiver.events)
        (why,) = await held(bridge, "sim-1", 1)
        assert "silence config/maintenance/always/" in why
        assert {one.device for one in receiver.log} == {"sim-2"}

        # Taken out of the configuration it holds nothing any more.
        assert await bridge.stop() == 0
        bridge.configure(configuration)
        bridge.start()
        await agreed(farm, receiver)
        assert await bridge.stop() == 0
