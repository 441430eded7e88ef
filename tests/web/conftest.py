import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from site_cases import Clock, fill
from web_cases import Serve, Served, Start, server_of

from alarmbridge.store.archive import Archive, open_archive
from alarmbridge.store.schema import upgrade
from alarmbridge.web.access import Guard
from alarmbridge.web.server import Part, WebServer


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts servers that end with the test."""
    made: list[Served] = []
    # No cookies of its own: a test says which it sends.
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:

        async def serve(server: WebServer) -> Served:
            made.append(Served(session, server))
            await server.start()
            return made[-1]

        yield serve
    for served in made:
        await served.server.close()


@pytest.fixture
def start(serve: Serve) -> Start:
    """Starts servers of some parts."""

    async def start(guard: Guard, *parts: Part) -> Served:
        return await serve(server_of(guard, *parts))

    return start


@pytest.fixture
def clock() -> Clock:
    """A clock that stands."""
    return Clock()


@pytest.fixture
async def filled(archive: Archive, clock: Clock) -> Archive:
    """An archive with something in it."""
    await fill(archive, clock)
    return archive


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
