"""Transactions: whole or not at all, and failures in plain words."""

import asyncio
import sqlite3
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from store_cases import NOW, alarm_of, count_of, raise_alarm, register

from alarmbridge.core.errors import StoreError
from alarmbridge.store.archive import Archive, open_archive
from alarmbridge.store.database_url import parse_url, shown
from alarmbridge.store.devices import list_devices
from alarmbridge.store.tables import devices
from alarmbridge.store.transaction import batches


async def test_what_was_written_is_there_after_the_transaction(archive: Archive) -> None:
    await register(archive, "sbc-1")

    assert await count_of(archive, "devices") == 2


async def test_an_error_in_the_block_rolls_all_of_it_back(archive: Archive) -> None:
    async def write() -> None:
        async with archive.begin() as tx:
            await tx.execute(insert(devices), [{"name": "sbc-1", "first_seen_at": NOW}])
            raise KeyError

    with pytest.raises(KeyError):
        await write()

    assert await count_of(archive, "devices") == 1


async def test_a_cancelled_block_is_rolled_back_and_the_next_one_goes_on(
    archive: Archive,
) -> None:
    inside = asyncio.Event()

    async def write() -> None:
        async with archive.begin() as tx:
            await tx.execute(insert(devices), [{"name": "sbc-1", "first_seen_at": NOW}])
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write())
    await inside.wait()
    task.cancel()
    await asyncio.wait([task])

    await register(archive, "sbc-2")
    async with archive.read() as tx:
        assert [device.name for device in await list_devices(tx)] == ["sbc-2"]


async def test_writers_take_turns(archive: Archive) -> None:
    await asyncio.gather(*(register(archive, f"sbc-{number}") for number in range(12)))

    assert await count_of(archive, "devices") == 13


async def test_an_urgent_writer_goes_before_the_queue_and_then_one_of_the_queue_before_it(
    sqlite_url: str,
) -> None:
    # Pollers queue up behind one that writes; a lane comes last and goes before them. Its next
    # transaction waits for the first of the queue, so that nobody waits for ever.
    archive, order = open_archive(sqlite_url), list[str]()

    async def write(name: str, *, urgent: bool = False) -> None:
        async with archive.begin(urgent=urgent):
            order.append(name)

    async def deliver() -> None:
        for name in ("lane 1", "lane 2"):
            await write(name, urgent=True)

    async with asyncio.TaskGroup() as group, archive.begin():
        for number in range(1, 5):
            group.create_task(write(f"poller {number}"))
        group.create_task(deliver())
        for _ in range(3):
            await asyncio.sleep(0)
    await archive.dispose()
    assert order == ["lane 1", "poller 1", "lane 2", "poller 2", "poller 3", "poller 4"]


async def test_a_reader_cannot_write(archive: Archive) -> None:
    with pytest.raises(StoreError):
        async with archive.read() as tx:
            await tx.execute(text("DELETE FROM alarms"))


async def test_a_reader_sees_one_moment(archive: Archive) -> None:
    async with archive.read() as tx:
        before = await list_devices(tx)
        await register(archive, "sbc-1")
        after = await list_devices(tx)

    assert before == after == ()


async def test_more_readers_than_connections_wait_their_turn(archive: Archive) -> None:
    async def read() -> int:
        async with archive.read() as tx:
            await asyncio.sleep(0)
            return len((await tx.execute(select(devices.c.id))).rows)

    assert await asyncio.gather(*(read() for _ in range(20))) == [1] * 20


async def test_housekeeping_disturbs_nothing(archive: Archive) -> None:
    await register(archive, "sbc-1")
    await archive.tidy()

    assert await count_of(archive, "devices") == 2


async def test_a_broken_rule_is_a_store_error_that_keeps_its_cause(archive: Archive) -> None:
    await register(archive, "sbc-1")

    with pytest.raises(StoreError, match="archive") as caught:
        async with archive.begin() as tx:
            await tx.execute(insert(devices), [{"name": "sbc-1", "first_seen_at": NOW}])
    assert caught.value.__cause__ is not None
    assert "[SQL" not in str(caught.value)


async def test_text_that_is_no_unicode_is_refused(archive: Archive) -> None:
    with pytest.raises(StoreError):
        await register(archive, "half a pair: \ud800")


async def test_a_commit_is_asked_to_survive_a_power_cut(sqlite_url: str) -> None:
    archive = open_archive(sqlite_url)
    async with archive.begin() as tx:
        (synchronous,) = (await tx.execute(text("PRAGMA synchronous"))).rows
        (journal,) = (await tx.execute(text("PRAGMA journal_mode"))).rows
    await archive.dispose()

    assert (synchronous[0], journal[0]) == (2, "wal")


async def test_a_locked_file_fails_within_the_busy_timeout(sqlite_url: str) -> None:
    archive = open_archive(sqlite_url, busy_timeout=timedelta(milliseconds=200))
    holder = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    started = time.monotonic()
    with pytest.raises(StoreError, match="another program has been holding it"):
        await register(archive, "sbc-1")
    assert time.monotonic() - started < 2

    holder.execute("ROLLBACK")
    holder.close()
    await register(archive, "sbc-1")
    await archive.dispose()


async def test_a_full_disk_leaves_nothing_half_done_and_heals(sqlite_url: str) -> None:
    archive = open_archive(sqlite_url)
    await register(archive, "sbc-1")
    async with archive.begin() as tx:
        await tx.execute(text("PRAGMA max_page_count = 1"))

    with pytest.raises(StoreError, match="the disk is full"):
        await raise_alarm(archive, alarm_of(1, description="x" * 100_000))
    assert await count_of(archive, "alarms") == 0

    async with archive.begin() as tx:
        await tx.execute(text("PRAGMA max_page_count = 1000000"))
    await raise_alarm(archive, alarm_of(1))
    await archive.dispose()


async def test_a_long_question_is_broken_off_when_its_asker_leaves(sqlite_url: str) -> None:
    archive = open_archive(sqlite_url)
    endless = text(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    )

    async def ask() -> None:
        async with archive.read() as tx:
            await tx.execute(endless)

    task = asyncio.create_task(ask())
    await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.wait([task], timeout=5)

    assert task.cancelled()
    assert await count_of(archive, "devices") == 1
    await archive.dispose()


async def test_a_damaged_file_is_named_and_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "alarmbridge.db"
    path.write_bytes(b"this is no database at all, but it is long enough for a header" * 20)
    archive = open_archive(f"sqlite:///{path}")

    with pytest.raises(StoreError, match=r"alarmbridge\.db failed: the file is no SQLite database"):
        await count_of(archive, "devices")
    assert path.read_bytes().startswith(b"this is no")
    await archive.dispose()


async def test_a_lost_connection_fails_once_and_is_made_anew(postgres_url: str) -> None:
    archive, operator = open_archive(postgres_url), open_archive(postgres_url)
    await register(archive, "sbc-1")

    async with operator.begin() as tx:
        await tx.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND application_name = 'alarmbridge'"
            )
        )
    with pytest.raises(StoreError, match=r"postgresql://.*: (the connection is lost|it is shut)"):
        await register(archive, "sbc-2")

    await register(archive, "sbc-3")
    await archive.dispose()
    await operator.dispose()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://bridge:hush@127.0.0.1:1/alarms", "it cannot be reached"),
        ("sqlite:////proc/alarmbridge.db", "the file cannot be opened"),
    ],
)
async def test_what_cannot_be_opened_says_why_and_no_password(url: str, words: str) -> None:
    archive = open_archive(url)
    with pytest.raises(StoreError, match=words) as caught:
        async with archive.read() as tx:
            await list_devices(tx)
    assert "hush" not in str(caught.value)
    await archive.dispose()


async def test_a_refused_user_is_told_so(postgres_url: str) -> None:
    archive = open_archive(postgres_url.replace("postgres:@", "stranger:hush@"))
    with pytest.raises(StoreError, match="refused the user or the password"):
        await count_of(archive, "devices")
    await archive.dispose()


@pytest.mark.parametrize(
    "url", ["mysql://root:hush@host/x", "sqlite://", "sqlite:///:memory:", "a:hush@b:c", ""]
)
def test_other_urls_are_refused_with_the_forms_that_are_known(url: str) -> None:
    with pytest.raises(StoreError, match="use sqlite:///path/to/file or postgresql://") as caught:
        open_archive(url)
    assert "hush" not in str(caught.value)


def test_a_url_is_shown_without_password_and_driver() -> None:
    url = parse_url("postgres://bridge:hush@db.example:5433/alarms?sslmode=require")

    assert shown(url) == "postgresql://bridge:***@db.example:5433/alarms"


def test_lists_are_cut_and_padded_so_that_few_lengths_occur() -> None:
    assert list(batches([1, 2, 3])) == [[1, 2, 3, 3]]
    assert list(batches([])) == []
    assert [len(batch) for batch in batches(range(1500))] == [1024, 512]
