"""`/live` over a real socket: a page is told when to look again."""

import json
from collections.abc import AsyncIterator
from time import monotonic

import pytest
from stream_cases import NOW, Listener, happen, looking, register
from web_cases import REFUSED, TOKENS, Served, Start, guard_of

from alarmbridge.core.operator import OperatorAction
from alarmbridge.store.archive import Archive
from alarmbridge.store.operator_actions import act
from alarmbridge.web.live import Live
from alarmbridge.web.sse import Pace


@pytest.fixture
async def served(start: Start, archive: Archive) -> AsyncIterator[Served]:
    """The channel over an archive with two devices; it beats often."""
    await register(archive)
    guard = guard_of(*TOKENS)
    async with looking(archive) as news:
        live = Live(news, guard=guard, monotonic=monotonic, pace=Pace(beat=0.05))
        yield await start(guard, live)


def viewer(served: Served) -> Listener:
    return Listener(served.port, "/live", Authorization=f"Bearer {TOKENS[0]}")


async def change(listener: Listener) -> dict[str, int]:
    """Read on to the next hint."""
    while (told := await listener.message())["event"] != "changed":
        assert told == {"event": "beat", "data": "{}"}
    said: dict[str, int] = json.loads(told["data"])
    return said


async def test_each_viewer_is_told_of_events_and_of_what_others_do(
    served: Served, archive: Archive
) -> None:
    async with viewer(served) as one, viewer(served) as other:
        first = [await change(one), await change(other)]
        await happen(archive, 2)
        second = [await change(one), await change(other)]
        async with archive.begin() as tx:
            await act(tx, "sbc-1/1", OperatorAction.ACK, who="noc", now=NOW)
        third = [await change(one), await change(other)]

    assert first == [{"position": 0, "action": 0}] * 2
    assert second == [{"position": 2, "action": 0}] * 2
    assert third == [{"position": 2, "action": 1}] * 2


async def test_a_quiet_channel_beats(served: Served) -> None:
    async with viewer(served) as listener:
        told = [(await listener.message())["event"] for _ in range(4)]

    assert listener.headers["content-type"] == "text/event-stream"
    assert told == ["changed", "beat", "beat", "beat"]


@pytest.mark.parametrize("headers", REFUSED, ids=str)
async def test_a_stranger_learns_nothing(served: Served, headers: dict[str, str]) -> None:
    assert (await served.ask("/live", **headers)).status == 401


async def test_the_head_of_the_channel_is_answered_at_once(served: Served) -> None:
    answer = await served.ask("/live", "HEAD", Authorization=f"Bearer {TOKENS[0]}")

    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/event-stream")
