"""The stream while a storm rages: many read it, nobody misses an event, none comes twice."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
from acceptance_parts import Bridge, ask, configure, farm_of, until
from stream_readers import Reader, crowd_of

from alarmbridge.simulator.farm import Farm
from alarmbridge.simulator.script import storm

pytestmark = pytest.mark.acceptance

RunBridge = Callable[[Mapping[str, Any]], Bridge]
DEVICES, READERS, ALARMS = 200, 500, 10_000


def positions(folder: Path) -> list[int]:
    """List the positions of all events in the archive, as another program sees them."""
    with closing(sqlite3.connect(folder / "alarmbridge.db")) as archive:
        return [row[0] for row in archive.execute("SELECT position FROM events ORDER BY position")]


@asynccontextmanager
async def reading(readers: Sequence[Reader]) -> AsyncIterator[None]:
    """Have them all read, from before anything happens."""
    tasks = [asyncio.create_task(reader.read()) for reader in readers]
    try:
        await until(lambda: all(reader.place is not None for reader in readers))
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(reader.stop() for reader in readers))


async def read_once(farm: Farm) -> None:
    """Wait until every device has been read."""
    devices = farm.devices.values()
    await until(lambda: all(device.counters.requests["history"] for device in devices))


def port_of(configuration: Mapping[str, Any]) -> int:
    return int(configuration["api"]["listen"].rpartition(":")[2])


async def test_500_readers_have_every_event_of_a_storm_once_and_in_order(
    tmp_path: Path, run_bridge: RunBridge
) -> None:
    # Some take nothing for a while and then all; some hang up and come back with Last-Event-ID.
    async with farm_of(DEVICES) as farm:
        configuration = configure(tmp_path, farm, interval="1s", full_sync="5m")
        bridge = run_bridge(configuration)
        await read_once(farm)
        crowd = crowd_of(port_of(configuration), READERS)
        async with reading(crowd):
            await farm.play(storm(list(farm.devices), alarms=ALARMS))
            await until(lambda: min(len(one.came) for one in crowd) >= ALARMS, within=120)
        stored = positions(tmp_path)
        assert await bridge.stop() == 0

    assert len(stored) == ALARMS
    assert [one.came for one in crowd if one.came != stored] == []
    assert sum(one.returns for one in crowd) >= READERS // 10


async def test_readers_go_on_where_they_were_when_the_daemon_was_killed(
    tmp_path: Path, run_bridge: RunBridge
) -> None:
    async with farm_of(20) as farm:
        configuration = configure(tmp_path, farm)
        bridge = run_bridge(configuration)
        await read_once(farm)
        crowd = crowd_of(port_of(configuration), 40)
        async with reading(crowd):
            await farm.play(storm(list(farm.devices), alarms=1000))
            await until(lambda: max(len(one.came) for one in crowd) > 100)
            bridge.kill()
            bridge.start()
            await until(lambda: min(len(one.came) for one in crowd) >= 1000, within=60)
            # Those who read hold nobody up who wants to stop.
            assert await bridge.stop() == 0
        stored = positions(tmp_path)

    assert [one.came for one in crowd if one.came != stored] == []


async def test_what_a_command_does_shows_at_a_viewer_within_two_seconds(
    tmp_path: Path, run_bridge: RunBridge
) -> None:
    async with farm_of(1) as farm:
        model = farm.devices["sim-1"].model
        model.raise_alarm(farm.clock(), n=1)
        configuration = configure(tmp_path, farm)
        bridge = run_bridge(configuration)
        await until(lambda: bridge.log.exists() and "listening" in bridge.log.read_text())
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(configuration))
        writer.write(b"GET /live HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
        async with asyncio.timeout(30):
            while b'"position": 1,' not in await reader.readline():
                pass
        alarm = json.loads(await ask(bridge, "alarms", "--json"))
        await ask(bridge, "ack", alarm["id"])
        async with asyncio.timeout(2):
            while b'"action": 1}' not in await reader.readline():
                pass
        writer.transport.abort()
        await writer.wait_closed()
