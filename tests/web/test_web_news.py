"""News: when the archive is looked at, and from where on whoever comes is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from typing import Any

import pytest
from stream_cases import happen, register

from alarmbridge.core.errors import StoreError
from alarmbridge.store.archive import Archive
from alarmbridge.store.transaction import Transaction
from alarmbridge.web.news import News


class Counted:
    """An archive that counts how often it is read."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.reads = 0

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        self.reads += 1
        async with self._archive.read() as tx:
            yield tx

    def __getattr__(self, name: str) -> Any:
        return getattr(self._archive, name)


@pytest.fixture
async def counted(archive: Archive) -> Counted:
    """An archive with two devices."""
    await register(archive)
    return Counted(archive)


def news_of(archive: Any) -> News:
    return News(archive, wake=lambda: None)


async def test_while_nobody_listens_nothing_is_read(counted: Counted) -> None:
    news = news_of(counted)

    assert not await news.look()
    assert (counted.reads, news.pause) == (0, 3600.0)


async def test_who_begins_to_listen_has_the_archive_looked_at() -> None:
    woken: list[None] = []
    news = News(None, wake=lambda: woken.append(None))  # type: ignore[arg-type] - not read here
    with news.listen():
        assert (len(woken), news.pause) == (1, 1.0)
        with news.listen():
            assert len(woken) == 1


async def test_who_comes_after_a_while_is_not_told_what_came_meanwhile(counted: Counted) -> None:
    news = news_of(counted)
    with news.listen():
        await news.look()
        assert news.position == 0
    await happen(counted, 3)
    with news.listen():
        await news.look()
        await news.begun()
        assert news.position == 3
        assert await news.after(3) is None


async def test_events_are_read_once_for_all_who_listen(counted: Counted) -> None:
    news = news_of(counted)
    with news.listen():
        await news.look()
        await happen(counted, 5)
        await news.look()
        reads = counted.reads
        batches = [await news.after(0) for _ in range(100)]

    assert counted.reads == reads
    assert {id(batch) for batch in batches} == {id(batches[0])}


async def test_the_more_listen_the_less_is_told_after_one_look(counted: Counted) -> None:
    news = News(counted, wake=lambda: None, sent=300_000)  # type: ignore[arg-type] - it is one
    with ExitStack() as listeners:
        listeners.enter_context(news.listen())
        await news.look()
        await happen(counted, 9, description="x" * 70_000)
        await news.look()
        alone = news.position
        listeners.enter_context(news.listen())
        listeners.enter_context(news.listen())
        await news.look()
        three = news.position - alone
        while await news.look():
            pass

    assert (alone, three, news.position) == (5, 2, 9)


async def test_a_look_finds_something_once(counted: Counted) -> None:
    news = news_of(counted)
    with news.listen():
        found = [await news.look(), await news.look()]
        await happen(counted)
        found += [await news.look(), await news.look()]

    assert found == [True, False, True, False]
    assert news.moves == 2


async def test_what_was_found_before_the_archive_failed_is_told_all_the_same(
    counted: Counted,
) -> None:
    news = news_of(counted)
    with news.listen():
        await news.look()
        await happen(counted)
        read, left = counted.read, 2

        def fail() -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                raise StoreError("no disk")
            return read()

        counted.read = fail  # type: ignore[method-assign] - a fake of the test's own
        with pytest.raises(StoreError):
            await news.look()
        batch = await news.after(0)
        counted.read = read  # type: ignore[method-assign] - the same
        moves = news.moves
        assert await news.look()

    assert batch is not None
    assert news.moves == moves + 1


async def test_who_listens_to_news_that_are_closed_is_told_so(counted: Counted) -> None:
    news = news_of(counted)
    with news.listen():
        waiting = asyncio.create_task(news.begun())
        news.close()
        with pytest.raises(StoreError):
            await waiting
