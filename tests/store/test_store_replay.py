"""Replay: owed once more, in the order it was owed at first."""

import asyncio
from dataclasses import replace
from datetime import datetime

import pytest
from store_cases import (
    HOUR,
    NOW,
    SECOND,
    alarm_of,
    change_alarm,
    clear_alarm,
    due,
    held_of,
    hold,
    raise_alarm,
    register,
    remarked,
    rows_of,
    settle,
)

from alarmbridge.core.alarm import State
from alarmbridge.core.decision import Decision
from alarmbridge.core.delivery import Delivery, DeliveryState, Obligation
from alarmbridge.core.event import tell_cleared
from alarmbridge.core.operator import OperatorAction
from alarmbridge.core.routing import Routed
from alarmbridge.store.archive import Archive
from alarmbridge.store.decisions import save_decision
from alarmbridge.store.deliveries import ledger_of
from alarmbridge.store.digests import list_gathered
from alarmbridge.store.obligations import save_routed
from alarmbridge.store.operator_actions import act
from alarmbridge.store.replay import owe_again, repeat, replay, replay_dead

LATER = NOW + 7 * SECOND


@pytest.fixture(autouse=True)
async def _known(archive: Archive) -> None:
    await register(archive, "sbc-1")


async def replay_ids(archive: Archive, *deliveries: Delivery) -> int:
    async with archive.begin() as tx:
        return len(await replay(tx, [one.id for one in deliveries], now=LATER))


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
        assert await replay(tx, [row.id for row in before], now=LATER) == ()

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


async def test_a_replayed_raise_is_followed_by_its_clear_though_that_was_delivered(
    archive: Archive,
) -> None:
    # The far end is told the raise once more and has the alarm open again.
    alarm = await raise_alarm(archive, alarm_of(1))
    await settle(archive, *await due(archive))
    await clear_alarm(archive, await change_alarm(archive, alarm, "worse"))
    for _ in range(2):
        await settle(archive, *await due(archive))
    (raised, *_) = await rows_of(archive, "SELECT id FROM deliveries ORDER BY id")

    async with archive.begin() as tx:
        assert await replay(tx, [raised.id], now=LATER) == (raised.id,)

    told = []
    while taken := await due(archive, now=LATER):
        told += [(one.kind, one.told, one.forced) for one in taken]
        await settle(archive, *taken)
    assert told == [("raised", True, True), ("cleared", True, True)]


async def test_a_replayed_clear_brings_back_nothing(archive: Archive) -> None:
    await clear_alarm(archive, await raise_alarm(archive, alarm_of(1)))
    await settle(archive, *await due(archive))
    (cleared,) = await due(archive)
    await settle(archive, cleared)
    await replay_ids(archive, cleared)
    assert [one.kind for one in await due(archive, now=LATER)] == ["cleared"]


async def test_a_replayed_delivery_waits_for_nothing_and_says_what_befell_it(
    archive: Archive,
) -> None:
    alarm = await raise_alarm(archive, alarm_of(1))
    (raised,) = await due(archive)
    await hold(archive, raised, until=LATER)
    await settle(archive, *await due(archive, now=LATER), state=DeliveryState.DEAD)
    await replay_ids(archive, raised)
    (again,) = await due(archive, now=LATER)
    assert (again.held, again.forced) == (None, True)
    assert (await remarked(archive, alarm))[1:] == ["replayed"]


async def test_what_was_dropped_can_be_owed_after_all_and_why_is_remembered(
    archive: Archive,
) -> None:
    alarm = await raise_alarm(archive, alarm_of(1), states=DeliveryState.DROPPED, sinks=("chat",))
    (row,) = await rows_of(archive, "SELECT id FROM deliveries")
    async with archive.begin() as tx:
        assert await owe_again(tx, [row.id], now=LATER, words="somebody asked") == 1
        assert await owe_again(tx, [row.id], now=LATER, words="somebody asked") == 0
    (owed,) = await due(archive, "chat", now=LATER)
    assert (owed.id, owed.forced) == (row.id, True)
    assert await remarked(archive, alarm) == ["somebody asked"]


# Repeats


async def repeated(archive: Archive, *, told_before: datetime = NOW, limit: int = 1000) -> int:
    async with archive.begin() as tx:
        return await repeat(tx, "incidents", told_before=told_before, now=LATER, limit=limit)


async def told_alarm(archive: Archive, number: int = 1, *, at: datetime = NOW) -> Delivery:
    """Have an alarm raised and its raise accepted by incidents; return that delivery."""
    await raise_alarm(archive, alarm_of(number))
    (delivery,) = await due(archive)
    await settle(archive, delivery, at=at)
    return delivery


async def test_what_stands_is_told_again_as_it_was_by_the_rules_of_its_sink(
    archive: Archive,
) -> None:
    told = await told_alarm(archive)
    assert await repeated(archive) == 1
    (again,) = await due(archive, now=LATER)
    assert (again.id, again.event_id, again.body) == (told.id, told.event_id, told.body)
    assert (again.attempts, again.created_at, again.accepted_at) == (0, LATER, NOW)
    assert (again.forced, again.told) == (False, True)
    assert await remarked(archive, alarm_of(1)) == ["to be told again"]


async def test_a_clear_that_is_accepted_while_its_raise_is_replayed_is_said_again_after_it(
    archive: Archive,
) -> None:
    # The clear is under way when the raise is replayed: that opens the alarm once more.
    await clear_alarm(archive, await raise_alarm(archive, alarm_of(1)))
    (raised,) = await due(archive)
    await settle(archive, raised)
    (under_way,) = await due(archive)
    await replay_ids(archive, raised)
    await settle(archive, under_way, at=LATER)

    (again,) = await due(archive, now=LATER)
    await settle(archive, again, at=LATER)
    (closing,) = await due(archive, now=LATER)
    assert [again.id, closing.id] == [raised.id, under_way.id]
    assert (closing.forced, closing.accepted_at) == (True, LATER)


async def test_what_is_accepted_together_with_what_it_waited_for_is_said_once(
    archive: Archive,
) -> None:
    # As a digest does.
    await clear_alarm(archive, await raise_alarm(archive, alarm_of(1), sinks=("chat",)))
    (raised,) = await due(archive, "chat")
    async with archive.read() as tx:
        gathered = await list_gathered(tx, "chat", [raised])
    await settle(archive, *gathered)
    assert await due(archive, "chat", now=LATER) == ()


async def test_of_many_repeats_only_the_latest_is_remembered(archive: Archive) -> None:
    # One that is told again every hour for years would otherwise fill the archive.
    await raise_alarm(archive, alarm_of(1), sinks=("incidents",))
    for _ in range(3):
        (told,) = await due(archive, now=LATER)
        await hold(archive, told, until=NOW)
        await settle(archive, *await due(archive, now=LATER))
        assert await repeated(archive, told_before=LATER) == 1
    held = "held until 2026-11-23 21:04:05 UTC: told later"
    assert await remarked(archive, alarm_of(1)) == [held, "to be told again"]


async def test_a_repeat_after_a_replay_goes_by_the_rules_again(archive: Archive) -> None:
    told = await told_alarm(archive)
    await replay_ids(archive, told)
    await settle(archive, *await due(archive, now=LATER))
    assert await repeated(archive) == 1
    assert [one.forced for one in await due(archive, now=LATER)] == [False]


async def test_nothing_is_repeated_before_its_time_or_while_it_is_on_its_way(
    archive: Archive,
) -> None:
    await told_alarm(archive)
    assert await repeated(archive, told_before=NOW - SECOND) == 0
    assert [await repeated(archive) for _ in range(2)] == [1, 0]
    await settle(archive, *await due(archive, now=LATER), at=LATER)
    assert await repeated(archive, told_before=LATER - SECOND) == 0
    assert await repeated(archive, told_before=LATER) == 1


async def test_what_is_over_or_acknowledged_is_not_repeated(archive: Archive) -> None:
    await told_alarm(archive, 1)
    await told_alarm(archive, 2)
    async with archive.begin() as tx:
        await act(tx, "sbc-1/1", OperatorAction.ACK, who="noc", now=NOW)
    await clear_alarm(archive, alarm_of(2), sinks=())
    assert await repeated(archive) == 0


async def test_what_the_sink_never_accepted_is_not_repeated(archive: Archive) -> None:
    for state in (DeliveryState.DEAD, DeliveryState.DROPPED):
        await raise_alarm(archive, alarm_of(1, id=state))
        await settle(archive, *await due(archive), state=state)
    await raise_alarm(archive, alarm_of(2))
    await settle(archive, *await due(archive, "chat"))
    assert await repeated(archive) == 0


async def test_it_is_the_latest_that_is_repeated(archive: Archive) -> None:
    await told_alarm(archive)
    await change_alarm(archive, alarm_of(1), "worse")
    await settle(archive, *await due(archive))
    assert await repeated(archive) == 1
    assert [one.kind for one in await due(archive, now=LATER)] == ["changed"]


async def test_while_a_change_is_on_its_way_nothing_older_is_said_again(archive: Archive) -> None:
    await told_alarm(archive)
    await change_alarm(archive, alarm_of(1), "worse")
    await settle(archive, *await due(archive), state=DeliveryState.PENDING, next_at=NOW + HOUR)
    assert await repeated(archive) == 0


async def test_a_change_that_was_not_accepted_leaves_the_raise_to_be_repeated(
    archive: Archive,
) -> None:
    await told_alarm(archive)
    await change_alarm(archive, alarm_of(1), "worse")
    await settle(archive, *await due(archive), state=DeliveryState.DROPPED)
    assert await repeated(archive) == 1
    assert [one.kind for one in await due(archive, now=LATER)] == ["raised"]


async def test_after_a_repeat_that_died_nothing_older_is_said_again(archive: Archive) -> None:
    # Raise and change were accepted; the change is repeated and refused for good. To say the raise
    # after it would tell the far end how the alarm was once.
    await told_alarm(archive)
    await change_alarm(archive, alarm_of(1), "worse")
    await settle(archive, *await due(archive))
    await repeated(archive)
    await settle(archive, *await due(archive, now=LATER), state=DeliveryState.DEAD)
    assert await repeated(archive, told_before=LATER) == 0


async def test_repeats_come_in_portions_the_oldest_first(archive: Archive) -> None:
    for number in range(5):
        await told_alarm(archive, number)
    assert [await repeated(archive, limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert len(await due(archive, now=LATER)) == 5
