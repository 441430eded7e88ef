"""Positions: who may still fill a hole among them, and what pages look again by."""

from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from sqlalchemy import text
from store_cases import NOW, alarm_of, due, raise_alarm, register, settle, writing

from alarmbridge.core.horizon import Horizon
from alarmbridge.store.archive import Archive, open_archive
from alarmbridge.store.events import events_since
from alarmbridge.store.operator_actions import note
from alarmbridge.store.positions import list_writers, read_marks


@pytest.fixture
async def postgres(postgres_url: str) -> AsyncIterator[Archive]:
    """An archive in the real PostgreSQL, and two devices."""
    archive = open_archive(postgres_url)
    await register(archive, "sbc-1", "sbc-2")
    yield archive
    await archive.dispose()


async def seen(archive: Archive, position: int = 0) -> list[int]:
    async with archive.read() as tx:
        return [event.position for event in await events_since(tx, position)]


async def writers(archive: Archive) -> frozenset[str]:
    async with archive.read() as tx:
        return await list_writers(tx)


async def test_an_event_that_commits_after_a_later_one_is_not_passed_over(
    postgres: Archive,
) -> None:
    # A writes event 1 and does not commit yet. B writes event 2 and commits. A look sees 2 alone.
    # Only then A commits: whoever had told 2 already would never look for 1 again.
    async with writing(postgres, "sbc-1"):
        async with writing(postgres, "sbc-2"):
            pass
        first_look = await seen(postgres)
        horizon = Horizon(0)
        told = horizon.count(first_look)
        horizon = horizon.suspect(first_look[-1], await writers(postgres))
        still = horizon.hear(await writers(postgres))
    ended = still.hear(await writers(postgres))

    assert (first_look, told) == ([2], 0)
    assert (still.doubtful, ended.doubtful) == (True, False)
    assert ended.count(await seen(postgres)) == 2


async def test_a_position_that_was_rolled_back_holds_nobody_up(postgres: Archive) -> None:
    # A writes event 1 and rolls back; B has written event 2 and committed. 1 never comes.
    with suppress(ZeroDivisionError):
        async with writing(postgres, "sbc-1"):
            async with writing(postgres, "sbc-2"):
                pass
            horizon = Horizon(0).suspect(2, await writers(postgres))
            raise ZeroDivisionError
    ended = horizon.hear(await writers(postgres))

    assert horizon.doubtful
    assert ended.count(await seen(postgres)) == 1


async def test_who_reads_for_long_holds_nobody_up(postgres: Archive) -> None:
    async with postgres.read() as tx:
        await tx.execute(text("SELECT count(*) FROM events"))
        assert await writers(postgres) == frozenset()


async def test_a_writer_that_hangs_is_ended_by_the_database(
    postgres: Archive,
) -> None:
    async with postgres.read() as tx:
        bound = (await tx.execute(text("SHOW idle_in_transaction_session_timeout"))).rows[0][0]

    assert bound == "1min"


async def test_in_a_file_nobody_else_writes(archive: Archive, place: tuple[str, str]) -> None:
    await register(archive, "sbc-1")
    async with writing(archive, "sbc-1"):
        assert bool(await writers(archive)) == (place[0] == "postgres")


async def test_a_page_ends_where_it_is_large_enough_and_has_one_event_in_any_case(
    archive: Archive,
) -> None:
    await register(archive, "sbc-1")
    for number in range(4):
        await raise_alarm(archive, alarm_of(number))
    async with archive.read() as tx:
        size = len((await events_since(tx, 0))[0].body)

        async def page(position: int, **how: int) -> list[int]:
            return [event.position for event in await events_since(tx, position, **how)]

        assert await page(0, size=2 * size) == [1, 2]
        assert await page(2, size=1) == [3]
        assert await page(0, size=100 * size) == [1, 2, 3, 4]
        assert await page(0, size=100 * size, limit=3) == [1, 2, 3]
        assert await page(1, upto=3) == [2, 3]
        assert await page(4, size=size) == []


async def test_marks_stand_still_until_somebody_acts_or_a_delivery_gets_on(
    archive: Archive,
) -> None:
    async def marks() -> object:
        async with archive.read() as tx:
            return await read_marks(tx)

    await register(archive, "sbc-1")
    empty = await marks()
    await raise_alarm(archive, alarm_of())
    owed = await marks()
    await settle(archive, *await due(archive))
    delivered = await marks()
    async with archive.begin() as tx:
        await note(tx, "silence.add", who="noc", now=NOW, target="7")
    silenced = await marks()

    assert len({empty, owed, delivered, silenced}) == 4
    assert await marks() == silenced


async def test_an_action_that_is_seen_late_moves_the_marks(postgres: Archive) -> None:
    # A notes action 1 and does not commit yet; B notes action 2 and commits; then A commits. The
    # latest is 2 before and after.
    async with postgres.begin() as slow:
        await note(slow, "login", who="a", now=NOW)
        async with postgres.begin() as quick:
            await note(quick, "login", who="b", now=NOW)
        async with postgres.read() as tx:
            before = await read_marks(tx)
    async with postgres.read() as tx:
        after = await read_marks(tx)

    assert before != after
    assert before.action == after.action == 2
