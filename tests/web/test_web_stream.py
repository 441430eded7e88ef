"""`/api/v1/events/stream` over a real socket: what is told, from where on, and to whom."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from time import monotonic
from typing import Any

import pytest
from stream_cases import STREAM, Listener, happen, looking, register, stored
from web_cases import REFUSED, TOKENS, UNAUTHORIZED, Served, Start, guard_of

from alarmbridge.core.severity import Severity
from alarmbridge.store.archive import Archive
from alarmbridge.web.access import Guard, Role
from alarmbridge.web.api import Api
from alarmbridge.web.news import News
from alarmbridge.web.sse import Pace
from alarmbridge.web.stream import Stream
from alarmbridge.web.told import Ring

HOSTILE = 'a\nid: 9999\ndata: b\r\n\r\n\u2028<script>"\\\x00' + "\u202e" * 60_000

Serve = Callable[..., Awaitable[Served]]


@pytest.fixture
async def news(archive: Archive) -> AsyncIterator[News]:
    """News of an archive with two devices."""
    await register(archive)
    async with looking(archive) as news:
        yield news


@pytest.fixture
def serve(start: Start, archive: Archive, news: News) -> Serve:
    """Starts the API with the stream."""

    async def serve(guard: Guard | None = None, other: News | None = None, **how: Any) -> Served:
        guard = guard or guard_of()
        stream = Stream(archive, news=other or news, guard=guard, monotonic=monotonic, **how)
        return await start(guard, Api([stream], guard=guard))

    return serve


async def test_events_are_told_as_they_are_stored(serve: Serve, archive: Archive) -> None:
    served = await serve()
    async with Listener(served.port, STREAM) as listener:
        await listener.block()
        await happen(archive)
        told = await listener.message()

    assert listener.headers["content-type"] == "text/event-stream"
    assert listener.headers["cache-control"] == "no-store"
    assert listener.headers["x-accel-buffering"] == "no"
    assert told["event"] == "alarm.raised"
    assert [(int(told["id"]), told["data"])] == await stored(archive)


async def test_without_an_id_news_only_is_told_and_from_where_to_resume(
    serve: Serve, archive: Archive
) -> None:
    await happen(archive, 3)
    served = await serve()
    async with Listener(served.port, STREAM) as listener:
        first, second = await listener.block(), await listener.block()
        await happen(archive, 2)
        told = await listener.told(2)

    assert first == {"retry": "2000"}
    assert second == {"id": "3"}
    assert told == (await stored(archive))[3:]


@pytest.mark.parametrize(
    ("query", "headers", "after"),
    [
        ("", {"Last_Event_ID": "0"}, 0),
        ("", {"Last_Event_ID": "4"}, 4),
        ("?last_event_id=4", {}, 4),
        ("?last_event_id=1", {"Last_Event_ID": "6"}, 6),
        ("?last_event_id=6", {"Last_Event_ID": ""}, 6),
    ],
)
async def test_a_reader_resumes_behind_what_he_had(
    serve: Serve, archive: Archive, query: str, headers: dict[str, str], after: int
) -> None:
    await happen(archive, 8)
    served = await serve()
    async with Listener(served.port, STREAM + query, **headers) as listener:
        early = await listener.told(8 - after)
        await happen(archive, 2)
        late = await listener.told(2)

    assert early + late == (await stored(archive))[after:]


@pytest.mark.parametrize(
    ("query", "headers", "name"),
    [
        ("", {"Last_Event_ID": "x"}, "Last-Event-ID"),
        ("", {"Last_Event_ID": "-1"}, "Last-Event-ID"),
        ("", {"Last_Event_ID": "9" * 30}, "Last-Event-ID"),
        ("?last_event_id=1.5", {}, "last_event_id"),
        ("?last_event_id=", {}, "last_event_id"),
        ("?severity=awful", {}, "severity"),
        ("?type=raised", {}, "type"),
        ("?limit=1", {}, "limit"),
    ],
)
async def test_what_cannot_be_meant_is_told_by_its_name(
    serve: Serve, query: str, headers: dict[str, str], name: str
) -> None:
    answer = await (await serve()).ask(STREAM + query, **headers)

    assert answer.status == 400
    assert [error["parameter"] for error in answer.json["errors"]] == [name]


async def test_an_id_that_is_still_to_come_goes_on_from_now_and_says_so(
    serve: Serve, archive: Archive
) -> None:
    await happen(archive, 2)
    served = await serve()
    async with Listener(served.port, STREAM, Last_Event_ID="900") as listener:
        await listener.block()
        said = await listener.block()
        await happen(archive)
        told = await listener.told(1)

    assert said == {"": "There is no event 900: from now on.", "id": "2"}
    assert told == (await stored(archive))[2:]


@pytest.mark.parametrize(
    ("query", "positions"),
    [
        ("?device=sbc-2", [3, 4]),
        ("?device=sbc-2&device=sbc-1", [1, 2, 3, 4, 5]),
        ("?severity=critical", [5]),
        ("?severity=critical&severity=minor", [3, 4, 5]),
        ("?type=alarm.raised&device=sbc-1", [1, 2, 5]),
    ],
)
async def test_a_reader_may_want_some_of_them(
    serve: Serve, archive: Archive, query: str, positions: list[int]
) -> None:
    async def tell() -> None:
        await happen(archive, 2)
        await happen(archive, 2, "sbc-2", severity=Severity.MINOR)
        await happen(archive, severity=Severity.CRITICAL)

    await tell()
    served = await serve()
    async with Listener(served.port, STREAM + query, Last_Event_ID="0") as listener:
        early = await listener.told(len(positions))
        await tell()
        late = await listener.told(len(positions))

    everything = await stored(archive)
    assert early == [everything[position - 1] for position in positions]
    assert late == [everything[position + 4] for position in positions]


async def test_who_wants_none_of_them_is_told_from_where_to_resume(
    serve: Serve, archive: Archive
) -> None:
    served = await serve(pace=Pace(beat=0.05))
    async with Listener(served.port, f"{STREAM}?device=sbc-2") as listener:
        await happen(archive, 3)
        while (block := await listener.block()).get("id") != "3":
            assert "data" not in block


async def test_hostile_text_stays_in_its_line(serve: Serve, archive: Archive) -> None:
    served = await serve()
    async with Listener(served.port, STREAM) as listener:
        await listener.block()
        await happen(archive, description=HOSTILE)
        await happen(archive)
        told = await listener.told(2)

    assert told == await stored(archive)
    assert json.loads(told[0][1])["data"]["alarm"]["description"] == HOSTILE


async def test_who_has_fallen_behind_what_is_kept_reads_it_from_the_archive(
    serve: Serve, archive: Archive
) -> None:
    await happen(archive, 300)
    async with looking(archive, ring=Ring(most=2000)) as news:
        served = await serve(other=news)
        async with (
            Listener(served.port, STREAM, Last_Event_ID="0") as behind,
            Listener(served.port, STREAM) as live,
        ):
            await live.block()
            told = await behind.told(100)
            for _ in range(5):
                await happen(archive, 20)
            told += await behind.told(300)
            news_only = await live.told(100)

    assert told == await stored(archive)
    assert news_only == told[300:]


async def test_who_takes_nothing_costs_nobody_else_anything_and_is_cut_off(
    serve: Serve, archive: Archive
) -> None:
    served = await serve(pace=Pace(patience=0.3))
    async with Listener(served.port, STREAM) as idle, Listener(served.port, STREAM) as live:
        await live.block()
        for number in range(60):
            await happen(archive, description="x" * 200_000)
            assert [position for position, _ in await live.told(1)] == [number + 1]
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await idle.told(61)


async def test_every_stream_ends_with_the_daemon(serve: Serve, archive: Archive) -> None:
    async with looking(archive) as news:
        served = await serve(other=news)
        async with Listener(served.port, STREAM) as one, Listener(served.port, STREAM) as other:
            news.close()
            assert (await one.rest(), await other.rest()) == (b"retry: 2000\n\n:\nid: 0\n\n",) * 2
        late = await served.ask(STREAM)

    assert late.status == 503


async def test_a_stream_ends_with_the_right_to_read_it(serve: Serve) -> None:
    class Fading(Guard):
        fades = False

        def admits(self, request: Any) -> bool:
            return not self.fades and super().admits(request)

    guard = Fading()
    served = await serve(guard, pace=Pace(beat=0.05, recheck=0.1))
    async with Listener(served.port, STREAM) as listener:
        for _ in range(6):
            await listener.block()
        guard.fades = True
        await listener.rest()


@pytest.mark.parametrize("headers", REFUSED, ids=str)
async def test_a_stranger_learns_nothing(serve: Serve, headers: dict[str, str]) -> None:
    answer = await (await serve(guard_of(*TOKENS))).ask(STREAM, **headers)

    assert (answer.status, answer.json) == (401, UNAUTHORIZED)


async def test_a_viewer_may_follow(serve: Serve, archive: Archive) -> None:
    served = await serve(guard_of(TOKENS[0], role=Role.VIEWER))
    async with Listener(served.port, STREAM, Authorization=f"Bearer {TOKENS[0]}") as listener:
        await listener.block()
        await happen(archive)
        assert await listener.told(1) == await stored(archive)


async def test_the_head_of_a_stream_is_answered_at_once(serve: Serve) -> None:
    answer = await (await serve()).ask(STREAM, "HEAD")

    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/event-stream")
