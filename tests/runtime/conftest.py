import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from runtime_cases import Bridge
from runtime_fakes import FlakyArchive

from alarmbridge.store.schema import upgrade
from alarmbridge.store.sqlite import SqliteArchive


@pytest.fixture(scope="session")
def archive_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file at head, made once."""
    path = tmp_path_factory.mktemp("template") / "alarmbridge.db"
    asyncio.run(upgrade(f"sqlite:///{path}"))
    return path


@pytest.fixture
async def bridge(tmp_path: Path, archive_template: Path) -> AsyncIterator[Bridge]:
    """A bridge over an archive that knows one device, sbc-1."""
    path = Path(shutil.copy(archive_template, tmp_path))
    # Tests need no disk that survives a power cut.
    made = Bridge(FlakyArchive(SqliteArchive(path, synchronous="OFF")))
    await made.register("sbc-1")
    made.archive.writes = 0
    made.archive.journal.clear()
    yield made
    await made.archive.dispose()
