"""News from the real PostgreSQL, where transactions end in any order; it is here for its server."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from store_cases import register, writing

from alarmbridge.store.archive import Archive, open_archive
from alarmbridge.web.news import News


@pytest.fixture
async def postgres(postgres_url: str) -> AsyncIterator[Archive]:
    """An archive with three devices."""
    archive = open_archive(postgres_url)
    await register(archive, "sbc-1", "sbc-2", "sbc-3")
    yield archive
    await archive.dispose()


async def told(news: News, position: int) -> list[int]:
    """Say which events a reader is told after a position, and no others before the next look."""
    positions: list[int] = []
    while (batch := await news.after(position)) is not None:
        positions += [one.position for one in batch.told if one.position > position]
        position = batch.end
    return positions


async def test_a_live_reader_misses_no_event_that_commits_late(postgres: Archive) -> None:
    # A writes event 1 and is not done. B writes event 2 and commits; the stream looks. C writes
    # event 3 and commits; the stream looks. A commits; the stream looks. All come, in their order.
    news = News(postgres, wake=lambda: None)
    with news.listen():
        await news.look()
        async with writing(postgres, "sbc-1"):
            for device in ("sbc-2", "sbc-3"):
                async with writing(postgres, device):
                    pass
                await news.look()
            before, pause = await told(news, 0), news.pause
        await news.look()
        after, then = await told(news, 0), news.pause

    assert (before, pause) == ([], 0.05)
    assert (after, then) == ([1, 2, 3], 1.0)


async def test_who_resumes_while_nobody_listens_misses_no_event_that_commits_late(
    postgres: Archive,
) -> None:
    # A writes event 1 and is not done; B writes event 2 and commits. A reader comes with 0 when
    # nobody else listens. Were he told 2 now, he would come back with 2 and never have 1.
    news = News(postgres, wake=lambda: None)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(writing(postgres, "sbc-1"))
        async with writing(postgres, "sbc-2"):
            pass
        with news.listen():
            await news.look()
            before = await told(news, 0)
            await stack.aclose()
            await news.look()
            await news.begun()
            after = await told(news, 0)

    assert (before, after) == ([], [1, 2])


async def test_an_event_that_was_rolled_back_holds_up_nobody_for_long(postgres: Archive) -> None:
    news = News(postgres, wake=lambda: None)
    with news.listen():
        await news.look()
        with pytest.raises(KeyError):
            await fail(postgres)
        async with writing(postgres, "sbc-2"):
            pass
        await news.look()

        assert await told(news, 0) == [2]


async def fail(archive: Archive) -> None:
    async with writing(archive, "sbc-1"):
        raise KeyError
