"""Digests: when the next one is due, and all that goes into it."""

from datetime import datetime

import pytest
from store_cases import (
    NOW,
    SECOND,
    alarm_of,
    change_alarm,
    clear_alarm,
    due,
    hold,
    raise_alarm,
    register,
    settle,
)

from alarmbridge.core.delivery import DeliveryState
from alarmbridge.core.holds import DIGEST, Hold
from alarmbridge.store.archive import Archive
from alarmbridge.store.digests import list_gathered, next_digest_at

LATER = NOW + 300 * SECOND
GATHERED = {"hold": Hold(cause=DIGEST, until=LATER, reason="gathered for 5 min")}


@pytest.fixture(autouse=True)
async def _known(archive: Archive) -> None:
    await register(archive, "sbc-1")


async def next_at(
    archive: Archive, sink: str = "incidents", now: datetime = NOW
) -> datetime | None:
    async with archive.read() as tx:
        return await next_digest_at(tx, sink, now=now)


async def gathered(archive: Archive, now: datetime = LATER) -> list[tuple[str, str]]:
    """What a digest tells that is due then, as alarm and kind."""
    async with archive.read() as tx:
        found = await list_gathered(tx, "incidents", await due(archive, now=now))
    return [(one.alarm_id, one.kind) for one in found]


async def test_the_next_digest_is_the_first_that_anything_waits_for(archive: Archive) -> None:
    for number, seconds in ((1, 60), (2, 30), (3, 90)):
        await raise_alarm(archive, alarm_of(number))
        (delivery,) = [one for one in await due(archive) if one.alarm_id == f"sbc-1/{number}"]
        await hold(archive, delivery, DIGEST, NOW + seconds * SECOND)
    assert await next_at(archive) == NOW + 30 * SECOND
    assert await next_at(archive, now=NOW + 30 * SECOND) == NOW + 60 * SECOND
    assert await next_at(archive, now=NOW + 90 * SECOND) is None


async def test_nothing_gathers_where_nothing_waits_for_a_digest(archive: Archive) -> None:
    await raise_alarm(archive, alarm_of(1), sinks=("chat",), terms=GATHERED)
    await raise_alarm(archive, alarm_of(2))
    await hold(archive, *await due(archive), cause="silence:1", until=LATER)
    assert await next_at(archive) is None
    assert await next_at(archive, "chat") == LATER


async def test_what_was_told_or_dropped_meanwhile_gathers_no_more(archive: Archive) -> None:
    for number in (1, 2):
        await raise_alarm(archive, alarm_of(number), terms=GATHERED)
    told, dropped = await due(archive, now=LATER)
    await settle(archive, told)
    await settle(archive, dropped, state=DeliveryState.DROPPED)
    assert await next_at(archive) is None


async def test_a_digest_tells_all_that_waits_behind_what_is_due_oldest_first(
    archive: Archive,
) -> None:
    first = await raise_alarm(archive, alarm_of(1), terms=GATHERED)
    second = await raise_alarm(archive, alarm_of(2), terms=GATHERED)
    await clear_alarm(archive, await change_alarm(archive, first, "worse"))
    await clear_alarm(archive, second)
    assert await gathered(archive) == [
        ("sbc-1/1", "raised"),
        ("sbc-1/2", "raised"),
        ("sbc-1/1", "changed"),
        ("sbc-1/1", "cleared"),
        ("sbc-1/2", "cleared"),
    ]


async def test_what_is_not_due_stays_out_and_so_does_what_is_settled(archive: Archive) -> None:
    alarm = await raise_alarm(archive, alarm_of(1))
    await settle(archive, *await due(archive))
    await change_alarm(archive, alarm, "worse", terms=GATHERED)
    await raise_alarm(archive, alarm_of(2))
    await hold(archive, *await due(archive), cause=DIGEST, until=LATER + SECOND)
    assert await gathered(archive) == [("sbc-1/1", "changed")]
    assert await gathered(archive, NOW) == []


async def test_what_comes_along_needs_no_raise_that_was_accepted_before(archive: Archive) -> None:
    # The clear is told by the very message that tells the raise.
    await clear_alarm(archive, await raise_alarm(archive, alarm_of(1)))
    taken = await due(archive)
    async with archive.read() as tx:
        raised, cleared = await list_gathered(tx, "incidents", taken)
    assert raised == taken[0]
    assert (raised.told, cleared.told) == (False, True)
