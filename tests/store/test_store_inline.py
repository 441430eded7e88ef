"""The archive of the simulation: no thread, and a kill at every seam."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from store_cases import NOW, count_of, register

from alarmbridge.store.devices import DeviceEntry, list_devices, register_devices
from alarmbridge.store.inline import AFTER_COMMIT, BEFORE_COMMIT, InlineArchive


def path_in(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


async def killed_at(path: Path, seam: str) -> int:
    """Write a device, die at a seam, and say how many devices the next life finds."""
    reached = asyncio.Event()

    async def die(name: str) -> None:
        if name == seam:
            reached.set()
            await asyncio.Event().wait()

    first = InlineArchive(path, seam=die)
    task = asyncio.create_task(register(first, "sbc-1"))
    await reached.wait()
    first.abandon()
    second = InlineArchive(path)
    await register(second, "sbc-2")
    count = await count_of(second, "devices") - 2
    await second.dispose()
    task.cancel()
    await asyncio.wait([task])
    return count


async def test_a_kill_before_the_commit_leaves_nothing(sqlite_url: str) -> None:
    assert await killed_at(path_in(sqlite_url), BEFORE_COMMIT) == 0


async def test_a_kill_after_the_commit_leaves_everything(sqlite_url: str) -> None:
    assert await killed_at(path_in(sqlite_url), AFTER_COMMIT) == 1


async def test_a_kill_in_the_middle_of_reading_and_writing_leaves_nothing(sqlite_url: str) -> None:
    archive = InlineArchive(path_in(sqlite_url))
    await register(archive, "sbc-1")

    async def read() -> None:
        async with archive.read() as tx:
            await list_devices(tx)
            await asyncio.Event().wait()

    async def write() -> None:
        async with archive.begin() as tx:
            await register_devices(tx, [DeviceEntry(name="sbc-2", url="")], now=NOW)
            await asyncio.Event().wait()

    tasks = [asyncio.create_task(work()) for work in (read, write)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    archive.abandon()

    await register(archive, "sbc-3")
    assert await count_of(archive, "devices") == 3
    await archive.dispose()
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def test_no_thread_is_started(sqlite_url: str) -> None:
    before = threading.active_count()
    archive = InlineArchive(path_in(sqlite_url))
    await register(archive, "sbc-1")
    await archive.tidy()
    await archive.dispose()

    assert threading.active_count() == before


async def test_seams_are_crossed_in_order_and_only_by_writers(sqlite_url: str) -> None:
    crossed: list[str] = []
    archive = InlineArchive(path_in(sqlite_url), seam=_noting(crossed))
    await register(archive, "sbc-1")
    await count_of(archive, "devices")
    with pytest.raises(KeyError):
        async with archive.begin():
            raise KeyError
    await archive.dispose()

    assert crossed == [BEFORE_COMMIT, AFTER_COMMIT]


def _noting(names: list[str]) -> Callable[[str], Awaitable[None]]:
    async def note(name: str) -> None:
        names.append(name)

    return note
