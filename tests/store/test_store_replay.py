"""Replay: owed once more, in the order it was owed at first."""

import asyncio
from dataclasses import replace

import pytest
from store_cases import (
    NOW,
    SECOND,
    alarm_of,
    clear_alarm,
    due,
    held_of,
    raise_alarm,
    register,
    rows_of,
    settle,
)

from alarmbridge.core.alarm import State
from alarmbridge.core.decision import Decision
from alarmbridge.core.delivery import Delivery, DeliveryState, Obligation
from alarmbridge.core.event import tell_cleared
from alarmbridge.core.routing import Routed
from alarmbridge.store.archive import Archive
from alarmbridge.store.decisions import save_decision
from alarmbridge.store.deliveries import ledger_of
from alarmbridge.store.obligations import save_routed
from alarmbridge.store.replay import replay, replay_dead

LATER = NOW + 7 * SECOND


@pytest.fixture(autouse=True)
async def _known(archive: Archive) -> None:
    await register(archive, "sbc-1")


async def replay_ids(archive: Archive, *deliveries: Delivery) -> int:
    async with archive.begin() as tx:
        return await replay(tx, [one.id for one in deliveries], now=LATER)


async def test_a_dead_delivery_is_owed_from_now_with_all_its_attempts(archive: Archive) -> None:
    await raise_alarm(archive, alarm_of(1))
    (dead,) = await due(archive)
    await settle(archive, dead, state=DeliveryState.DEAD)

    assert await replay_ids(archive, dead) == 1

    (again,) = await due(archive, now=LATER)
    assert (again.id, again.event_id, again.body) == (dead.id, dead.event_id, dead.body)
    assert (again.attempts, again.created_at, again.next_at) == (0, LATER, LATER)
    assert (again.reason, again.answer, again.settled_at) == (None, None, None)


async def test_a_delivered_one_is_replayed_when_it_is_named_and_not_otherwise(
    archive: Archive,
) -> None:
    await raise_alarm(archive, alarm_of(1))
    (told,) = await due(archive)
    await settle(archive, told)

    async with archive.begin() as tx:
        assert await replay_dead(tx, now=LATER) == 0
    assert await replay_ids(archive, told) == 1


async def test_pending_and_dropped_ones_stay_as_they_are(archive: Archive) -> None:
    await raise_alarm(archive, alarm_of(1))
    await raise_alarm(archive, alarm_of(2), states=DeliveryState.DROPPED)
    before = await rows_of(archive, "SELECT * FROM deliveries ORDER BY id")

    async with archive.begin() as tx:
        assert await replay(tx, [row.id for row in before], now=LATER) == 0

    assert await rows_of(archive, "SELECT * FROM deliveries ORDER BY id") == before


async def test_all_dead_of_a_sink_are_replayed_in_portions(archive: Archive) -> None:
    for number in range(5):
        await raise_alarm(archive, alarm_of(number))
    for sink in ("incidents", "chat"):
        await settle(archive, *await due(archive, sink), state=DeliveryState.DEAD)

    counts = []
    while not counts or counts[-1]:
        async with archive.begin() as tx:
            counts.append(await replay_dead(tx, sink="chat", now=LATER, limit=2))

    assert counts == [2, 2, 1, 0]
    assert len(await due(archive, "chat", now=LATER)) == 5
    assert await due(archive, now=LATER) == ()
    async with archive.begin() as tx:
        assert await replay_dead(tx, now=LATER) == 5


async def test_what_comes_after_waits_for_the_replayed_one_again(archive: Archive) -> None:
    await clear_alarm(archive, await raise_alarm(archive, alarm_of(1)))
    (raised,) = await due(archive)
    await settle(archive, raised, state=DeliveryState.DEAD)
    assert [one.kind for one in await due(archive)] == ["cleared"]

    await replay_ids(archive, raised)

    assert [one.kind for one in await due(archive, now=LATER)] == ["raised"]


async def test_a_replayed_raise_brings_back_the_clear_that_was_dropped_for_want_of_it(
    archive: Archive,
) -> None:
    await clear_alarm(archive, await raise_alarm(archive, alarm_of(1)))
    (raised,) = await due(archive)
    await settle(archive, raised, state=DeliveryState.DEAD)
    await settle(archive, *await due(archive), state=DeliveryState.DROPPED)

    assert await replay_ids(archive, raised) == 1
    await settle(archive, *await due(archive, now=LATER))

    assert [(one.kind, one.told) for one in await due(archive, now=LATER)] == [("cleared", True)]


async def test_an_attempt_under_way_during_a_replay_makes_no_second_head(
    archive: Archive,
) -> None:
    await clear_alarm(archive, await raise_alarm(archive, alarm_of(1)))
    (raised,) = await due(archive)
    await settle(archive, raised, state=DeliveryState.DEAD)
    (under_way,) = await due(archive)

    await replay_ids(archive, raised)
    await settle(archive, under_way, state=DeliveryState.PENDING, next_at=NOW)

    assert [one.kind for one in await due(archive, now=LATER)] == ["raised"]


async def test_a_raise_replayed_while_its_clear_is_recorded_brings_that_clear_back(
    archive: Archive,
) -> None:
    # The recorder has read that the raise is dead, so the clear is owed to nobody; the raise is
    # replayed before that is committed. What is told of it then must be closed.
    alarm = await raise_alarm(archive, alarm_of(1), sinks=("incidents",))
    (dead,) = await due(archive)
    await settle(archive, dead, state=DeliveryState.DEAD)
    held = await held_of(archive)
    closed = replace(alarm, state=State.CLEARED)
    cleared = tell_cleared(closed, sequence=held.sequence + 1, now=NOW)
    decision = Decision(events=(cleared,))

    async with archive.begin() as tx:
        await save_decision(tx, held, decision, bodies={cleared.id: "{}"}, now=NOW)
        (entry,) = (await ledger_of(tx, [alarm.id]))[alarm.id]
        assert not entry.opens
        replaying = asyncio.create_task(replay_ids(archive, dead))
        await asyncio.wait([replaying], timeout=0.1)
        not_owed = Obligation(
            event_id=cleared.id,
            alarm_id=alarm.id,
            sink="incidents",
            key=entry.key,
            state=DeliveryState.DROPPED,
        )
        await save_routed(tx, [cleared], Routed((not_owed,)), raised=frozenset(), now=NOW)

    assert await replaying == 1
    states = await rows_of(archive, "SELECT kind, state FROM deliveries ORDER BY id")
    assert [tuple(row) for row in states] == [("raised", "pending"), ("cleared", "pending")]
