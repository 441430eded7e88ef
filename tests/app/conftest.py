import asyncio
import gc
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from app_parts import Receiver, listening_receiver

from alarmbridge.simulator.farm import Farm
from alarmbridge.store.archive import Archive, open_archive
from alarmbridge.store.schema import upgrade


@pytest.fixture(autouse=True)
def _collector() -> Iterator[None]:
    """Undo what a program does to the garbage collector of its process."""
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


@pytest.fixture(scope="session")
def app_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file at head, made once."""
    path = tmp_path_factory.mktemp("app") / "alarmbridge.db"
    asyncio.run(upgrade(f"sqlite:///{path}"))
    return path


@pytest.fixture
def database(tmp_path: Path, app_database: Path) -> Path:
    """An SQLite file at head with nothing in it."""
    return Path(shutil.copy(app_database, tmp_path))


@pytest.fixture
async def archive(database: Path) -> AsyncIterator[Archive]:
    """The archive in that file, beside the program."""
    opened = open_archive(f"sqlite:///{database}")
    yield opened
    await opened.dispose()


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    """What closes what a program has opened."""
    async with AsyncExitStack() as made:
        yield made


@pytest.fixture
async def farm() -> AsyncIterator[Farm]:
    """Two simulated devices."""
    async with Farm(2, tokens=True) as made:
        yield made


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A webhook's far end."""
    async with listening_receiver() as made:
        yield made
