"""Migrations: they make what `tables` says, whole or not at all, and know what they can."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, make_url, select, text
from store_cases import HOUR, NOW
from store_history import make_older, read_all, revisions

from alarmbridge.core.errors import StoreError
from alarmbridge.store.alarm_filter import AlarmFilter
from alarmbridge.store.alarm_lists import list_alarms
from alarmbridge.store.archive import Archive, open_archive
from alarmbridge.store.database_url import parse_url
from alarmbridge.store.lanes import take
from alarmbridge.store.postgres import postgres_engine
from alarmbridge.store.schema import _UPGRADE_LOCK, _on, check, check_ready, current, head, upgrade
from alarmbridge.store.sqlite import BUSY_TIMEOUT, sqlite_engine
from alarmbridge.store.tables import deliveries, metadata


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(
        connection,
        opts={
            "compare_type": True,
            "compare_server_default": False,
            # The words of the search are no table of SQLAlchemy's; see `alarm_words`.
            "include_name": lambda name, kind, _: (
                kind != "table" or not name.startswith("alarm_words")
            ),
        },
    )
    return list(compare_metadata(context, metadata))


async def test_the_migrations_make_the_tables_in_sqlite(sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    engine = sqlite_engine(
        path, begin="BEGIN", size=1, busy_timeout=BUSY_TIMEOUT, synchronous="FULL"
    )
    with engine.connect() as connection:
        assert differences(connection) == []
    engine.dispose()


async def test_the_migrations_make_the_tables_in_postgres(postgres_url: str) -> None:
    engine = postgres_engine(parse_url(postgres_url))
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


async def test_partial_indexes_and_odd_tables_are_as_declared(sqlite_url: str) -> None:
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        made = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE sql NOT NULL"))
    connection.close()

    assert made["ix_deliveries_heads"].endswith("(sink, next_at, id) WHERE head = 1")
    assert made["ix_alarms_active"].endswith("WHERE state = 'active'")
    assert "WITHOUT ROWID" in made["history_marks"]
    assert "AUTOINCREMENT" in made["events"]
    assert "CHECK (NOT head OR state = 'pending')" in made["deliveries"]


async def test_an_upgrade_is_safe_to_repeat(database_url: str) -> None:
    assert await upgrade(database_url) == head() == await current(database_url)
    await check(database_url)


async def test_an_upgrade_takes_longer_than_any_other_statement_may(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It waits for another program's upgrade for longer than a statement of the daemon may take.
    monkeypatch.setattr("alarmbridge.store.postgres._STATEMENT_TIMEOUT", 0.2)
    other = await asyncpg.connect(postgres_url)
    await other.execute(f"SELECT pg_advisory_lock({_UPGRADE_LOCK})")
    waiting = asyncio.create_task(upgrade(postgres_url))
    done, _ = await asyncio.wait([waiting], timeout=0.6)
    await other.close()
    assert not done
    assert await waiting == head()


async def test_a_new_file_is_made_by_upgrade_and_by_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "alarmbridge.db"
    url = f"sqlite:///{path}"
    with pytest.raises(StoreError, match="has no schema yet; run `alarmbridge db upgrade`"):
        await check(url)
    assert await current(url) is None
    with pytest.raises(sqlite3.OperationalError):
        sqlite3.connect(f"file:{path}?mode=ro", uri=True)

    await upgrade(url)

    assert await current(url) == head()


async def test_a_file_without_a_schema_asks_for_the_upgrade(tmp_path: Path) -> None:
    path = tmp_path / "alarmbridge.db"
    sqlite3.connect(path).close()
    path.touch()

    with pytest.raises(StoreError, match="run `alarmbridge db upgrade`"):
        await check(f"sqlite:///{path}")


async def _set_revision(url: str, revision: str) -> None:
    archive = open_archive(url)
    async with archive.begin() as tx:
        statement = text("UPDATE alembic_version SET version_num = :revision")
        await tx.execute(statement, {"revision": revision})
    await archive.dispose()


async def test_a_database_of_a_newer_program_is_left_alone(database_url: str) -> None:
    await _set_revision(database_url, "9999")
    words = "has schema revision 9999, which this alarmbridge does not know; upgrade alarmbridge"
    try:
        with pytest.raises(StoreError, match=words):
            await check(database_url)
        with pytest.raises(StoreError, match=words):
            await upgrade(database_url)
    finally:
        await _set_revision(database_url, head())


async def test_a_step_that_fails_leaves_nothing_and_can_be_run_again(tmp_path: Path) -> None:
    path = tmp_path / "alarmbridge.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE deliveries (in_the_way)")

    with pytest.raises(StoreError, match="deliveries already exists"):
        await upgrade(f"sqlite:///{path}")

    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    assert not tables & {"devices", "alarms", "events"}
    connection.execute("DROP TABLE deliveries")
    connection.close()
    assert await upgrade(f"sqlite:///{path}") == head()


@pytest.mark.parametrize("work", [check, upgrade, current])
async def test_a_missing_directory_is_named(tmp_path: Path, work: object) -> None:
    with pytest.raises(StoreError, match=r"has no place: create the directory .*/missing"):
        await work(f"sqlite:///{tmp_path}/missing/alarmbridge.db")  # type: ignore[operator]


async def test_a_directory_in_the_files_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is no file; check database"):
        await upgrade(f"sqlite:///{tmp_path}")


async def test_a_place_that_cannot_be_written_is_named() -> None:
    with pytest.raises(StoreError, match="the file cannot be opened"):
        await upgrade("sqlite:////proc/alarmbridge.db")


async def test_a_read_only_database_is_refused_at_start(postgres_url: str) -> None:
    archive = open_archive(postgres_url)
    async with archive.begin() as tx:
        await tx.execute(text("ALTER ROLE postgres SET default_transaction_read_only = on"))
    try:
        with pytest.raises(StoreError, match="read-only"):
            await check(postgres_url)
    finally:
        async with archive.begin() as tx:
            await tx.execute(text("ALTER ROLE postgres RESET default_transaction_read_only"))
        await archive.dispose()


async def test_an_open_archive_says_if_it_is_ready(archive: Archive) -> None:
    await check_ready(archive)


async def test_a_schema_changed_under_an_open_archive_is_noticed(sqlite_url: str) -> None:
    archive = open_archive(sqlite_url)
    await _set_revision(sqlite_url, "9999")

    with pytest.raises(StoreError, match="schema was changed"):
        await check_ready(archive)
    await archive.dispose()


# Archives of older programs


@pytest.fixture
async def empty_postgres_url(postgres_server: str) -> AsyncIterator[str]:
    """A PostgreSQL database without a schema."""
    connection = await asyncpg.connect(postgres_server)
    await connection.execute("CREATE DATABASE older")
    yield make_url(postgres_server).set(database="older").render_as_string(hide_password=False)
    await connection.execute("DROP DATABASE older WITH (FORCE)")
    await connection.close()


@pytest.fixture(params=("sqlite", "postgres"))
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind without a schema."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/older.db"
    url: str = request.getfixturevalue("empty_postgres_url")
    return url


@pytest.mark.parametrize("revision", revisions())
async def test_all_that_an_older_archive_holds_survives_the_upgrade(
    empty_url: str, revision: str
) -> None:
    await _on(empty_url, make_older(revision), upgrading=True)
    assert await current(empty_url) == revision
    if revision != head():
        words = f"has schema revision {revision}, .* needs {head()}; run `alarmbridge db upgrade`"
        with pytest.raises(StoreError, match=words):
            await check(empty_url)
    before = await _on(empty_url, read_all)
    assert all(before.values())

    await upgrade(empty_url)

    after = await _on(empty_url, read_all)
    assert await _on(empty_url, differences) == []
    for table, rows in before.items():
        kept = [{name: row[name] for name in rows[0]} for row in after[table]]
        assert kept == rows


@pytest.mark.parametrize("revision", revisions())
async def test_alarms_of_an_older_archive_are_found_by_words_and_hour(
    empty_url: str, revision: str
) -> None:
    await _on(empty_url, make_older(revision), upgrading=True)
    await upgrade(empty_url)
    archive = open_archive(empty_url)
    raised = datetime(2026, 11, 23, 21, 4, tzinfo=UTC)
    async with archive.read() as tx:
        for after, before, number in ((-1, 1, 2), (-70, -1, 0), (1, 70, 0), (-3000, 3000, 2)):
            wanted = AlarmFilter(
                text="trunk",
                raised_after=raised + timedelta(minutes=after),
                raised_before=raised + timedelta(minutes=before),
            )
            assert len((await list_alarms(tx, wanted)).items) == number
    await archive.dispose()


async def test_what_the_first_revision_had_told_is_known_to_be_accepted(empty_url: str) -> None:
    await _on(empty_url, make_older("0001"), upgrading=True)
    await upgrade(empty_url)
    archive = open_archive(empty_url)
    async with archive.read() as tx:
        rows = (await tx.execute(select(deliveries).order_by(deliveries.c.id))).rows
        (clear,) = await take(tx, "chat", now=NOW + HOUR, limit=9)
    await archive.dispose()
    # Of the others none was accepted: one is dead, one is pending, one was dropped.
    accepted = [row.accepted_at for row in rows]
    assert accepted == [rows[0].settled_at, rows[1].settled_at, None, None, None]
    assert None not in accepted[:2]
    assert (clear.kind, clear.told, clear.forced, clear.held) == ("cleared", True, False, None)
