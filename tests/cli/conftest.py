import asyncio
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_cases import Result, Run, fill, run_command, write_config

from alarmbridge.store.schema import upgrade


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """Undo what `run` and `demo` do to the program's log: it is this process's here."""
    names = (None, "apscheduler", "aiohttp.access", "alembic", "asyncio")
    levels = {name: logging.getLogger(name).level for name in names}
    handlers = logging.getLogger().handlers[:]
    yield
    logging.getLogger().handlers[:] = handlers
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file at head with nothing in it, made once."""
    path = tmp_path_factory.mktemp("cli") / "empty.db"
    asyncio.run(upgrade(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def full_database(empty_database: Path) -> Path:
    """An SQLite file with something of every sort, made once."""
    path = Path(shutil.copy(empty_database, empty_database.with_name("full.db")))
    asyncio.run(fill(path))
    return path


@pytest.fixture
def database(tmp_path: Path, full_database: Path) -> Path:
    """A copy of the full archive."""
    return Path(shutil.copy(full_database, tmp_path / "alarmbridge.db"))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration for the database that may be there."""
    return write_config(tmp_path / "alarmbridge.yaml", tmp_path / "alarmbridge.db")


@pytest.fixture
def run(config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command where that configuration is found."""
    monkeypatch.chdir(config.parent)
    monkeypatch.delenv("ALARMBRIDGE_CONFIG", raising=False)

    def run(*arguments: str) -> Result:
        return run_command(capsys, *arguments)

    return run
