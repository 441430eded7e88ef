"""The schema's revisions: applied, named, and checked before anything else touches a database.

Rules of a revision: one transaction, safe to run again after a kill, both databases. Expand
first and contract a release later, so that the program before it goes on working meanwhile.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text

import alarmbridge
from alarmbridge.core.errors import StoreError
from alarmbridge.store.archive import Archive
from alarmbridge.store.database_url import parse_url, path_of, shown
from alarmbridge.store.failures import Translated
from alarmbridge.store.postgres import postgres_engine
from alarmbridge.store.sqlite import BUSY_TIMEOUT, sqlite_engine
from alarmbridge.store.transaction import QUICK

_UPGRADE_LOCK = 0x616C61726D  # any number that all alarmbridges agree on
_READ_ONLY = text("SELECT current_setting('transaction_read_only') = 'on'")

_REVISION = text("SELECT version_num FROM alembic_version").execution_options(**QUICK)

T = TypeVar("T")


@cache
def head() -> str:
    """Name the revision that this program works with."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    if revision is None:
        raise StoreError("This alarmbridge was installed without its migrations; install it anew.")
    return revision


async def upgrade(url: str) -> str:
    """Bring a database to the revision of this program, and name it; create an SQLite file.

    Raises StoreError, with nothing done, for a database newer than the program.
    """
    await _on(url, _upgrade, upgrading=True)
    return head()


async def current(url: str) -> str | None:
    """Name the revision of a database, None where nothing has been applied yet."""
    path = path_of(parse_url(url))
    if path is not None and path.parent.is_dir() and not path.exists():
        return None
    return await _on(url, _current)


async def check(url: str) -> None:
    """Raise StoreError unless this program can work with the database as it is."""
    revision = await current(url)
    if revision is None or revision != head():
        raise StoreError(_why_not_ready(url, revision))
    await _on(url, _try_to_write)


async def check_ready(archive: Archive) -> None:
    """Raise StoreError unless an archive that is open answers and has this program's schema.

    For whoever asks often: it reads, and never waits for a writer as `check` does.
    """
    async with archive.read() as tx:
        rows = (await tx.execute(_REVISION)).rows
    if [row.version_num for row in rows] != [head()]:
        raise StoreError("The archive's schema was changed while it was open; restart alarmbridge.")


async def _on(url: str, work: Callable[[Connection], T], *, upgrading: bool = False) -> T:
    """Do work on a connection to a database, as all of this module has to be done at start.

    upgrading: it may make the file, and take as long as millions of alarms take.
    """
    parsed = parse_url(url)
    path = path_of(parsed)
    with Translated(shown(parsed)):
        if path is None:
            engine = postgres_engine(parsed, in_haste=not upgrading)
            try:
                async with engine.connect() as connection:
                    return await connection.run_sync(work)
            finally:
                await engine.dispose()
        _require_place(path, create=upgrading)
        file = sqlite_engine(
            path, begin="BEGIN IMMEDIATE", size=1, busy_timeout=BUSY_TIMEOUT, synchronous="FULL"
        )
        try:
            with file.connect() as held:
                return work(held)
        finally:
            file.dispose()


def _require_place(path: Path, *, create: bool) -> None:
    if not path.parent.is_dir():
        raise StoreError(
            f"The archive sqlite:///{path} has no place: create the directory {path.parent} and"
            " let alarmbridge write to it, or change database.url."
        )
    if path.is_dir() or not (create or path.exists()):
        raise StoreError(f"The archive sqlite:///{path} is no file; check database.url.")


def _upgrade(connection: Connection) -> None:
    postgres = connection.dialect.name == "postgresql"
    if postgres:
        # Two daemons may start on one database at the same moment; the second finds it done.
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _UPGRADE_LOCK})
        connection.commit()
    try:
        _refuse_newer(connection)
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    finally:
        if postgres:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _UPGRADE_LOCK})
            connection.commit()


def _refuse_newer(connection: Connection) -> None:
    revision = _current(connection)
    if revision is not None and not _is_known(revision):
        raise StoreError(_why_not_ready(str(connection.engine.url), revision))


def _current(connection: Connection) -> str | None:
    revision = MigrationContext.configure(connection).get_current_revision()
    connection.rollback()
    return revision


def _try_to_write(connection: Connection) -> None:
    """Begin to write and let go; SQLite's engine begins every transaction with the write lock."""
    if connection.dialect.name == "postgresql" and connection.scalar(_READ_ONLY):
        raise StoreError(
            f"The archive {shown(connection.engine.url)} is read-only; is this the standby?"
        )
    connection.execute(text("UPDATE devices SET claim = claim WHERE name = ''"))
    connection.rollback()


def _why_not_ready(url: str, revision: str | None) -> str:
    name = f"The archive {shown(parse_url(url))}"
    if revision is None:
        return f"{name} has no schema yet; run `alarmbridge db upgrade`."
    if _is_known(revision):
        return (
            f"{name} has schema revision {revision}, this alarmbridge needs {head()};"
            " run `alarmbridge db upgrade`."
        )
    return (
        f"{name} has schema revision {revision}, which this alarmbridge does not know; upgrade"
        " alarmbridge, or restore a backup from before the database was upgraded."
    )


def _is_known(revision: str) -> bool:
    try:
        return ScriptDirectory.from_config(_config()).get_revision(revision) is not None
    except CommandError:
        return False


def _config() -> Config:
    package = Path(alarmbridge.__file__ or "").parent
    inside = package / "migrations"
    config = Config()
    # In a wheel they are inside the package, in a checkout beside it.
    scripts = inside if inside.is_dir() else package.parent / "migrations"
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
