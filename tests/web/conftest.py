import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from web_cases import Served, Start

from alarmbridge.store.archive import Archive, open_archive
from alarmbridge.store.schema import upgrade
from alarmbridge.web.access import Guard
from alarmbridge.web.server import Part


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts servers that end with the test."""
    made: list[Served] = []
    async with aiohttp.ClientSession() as session:

        async def start(guard: Guard, *parts: Part) -> Served:
            made.append(Served(session, guard, parts))
            await made[-1].server.start()
            return made[-1]

        yield start
    for served in made:
        await served.server.close()


@pytest.fixture(scope="session")
def web_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file at head, made once."""
    path = tmp_path_factory.mktemp("web") / "alarmbridge.db"
    asyncio.run(upgrade(f"sqlite:///{path}"))
    return path


@pytest.fixture
async def archive(tmp_path: Path, web_database: Path) -> AsyncIterator[Archive]:
    """An archive with nothing in it."""
    made = open_archive(f"sqlite:///{shutil.copy(web_database, tmp_path)}")
    yield made
    await made.dispose()
