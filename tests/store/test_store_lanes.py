"""Lanes: heads in the order they are due, and what became of each."""

from datetime import datetime

import pytest
from store_cases import (
    HOUR,
    NOW,
    SECOND,
    SILENCED,
    alarm_of,
    change_alarm,
    clear_alarm,
    due,
    hold,
    raise_alarm,
    register,
    remarked,
    rows_of,
    settle,
)

from alarmbridge.core.delivery import DeliveryState
from alarmbridge.core.holds import Hold
from alarmbridge.store.archive import Archive
from alarmbridge.store.lanes import bury_orphans, next_due_at, release, release_all, take
from alarmbridge.store.replay import replay

SHARED = {"key": "Board#1"}


@pytest.fixture(autouse=True)
async def _known(archive: Archive) -> None:
    await register(archive, "sbc-1")


async def kinds(archive: Archive, sink: str = "incidents") -> list[tuple[str, str]]:
    return [(one.alarm_id, one.kind) for one in await due(archive, sink)]


async def taken_by_key(archive: Archive, *, now: datetime = NOW) -> list[tuple[str, str]]:
    async with archive.read() as tx:
        taken = await take(tx, "incidents", now=now, limit=100, by_key=True)
    return [(one.alarm_id, one.kind) for one in taken]


async def test_what_is_taken_is_all_that_a_sink_needs(archive: Archive) -> None:
    alarm = await raise_alarm(archive, alarm_of(1))

    (delivery,) = await due(archive)

    assert (delivery.alarm_id, delivery.kind, delivery.sink) == (alarm.id, "raised", "incidents")
    assert delivery.body == f'{{"event":"{delivery.event_id}"}}'
    assert (delivery.key, delivery.state, delivery.attempts) == ("key incidents", "pending", 0)
    assert delivery.created_at == delivery.next_at == NOW
    assert (delivery.settled_at, delivery.reason, delivery.answer) == (None, None, None)


async def test_a_clear_waits_for_its_raise_at_each_sink_by_itself(archive: Archive) -> None:
    alarm = await clear_alarm(archive, await raise_alarm(archive, alarm_of(1)))
    assert await kinds(archive) == [(alarm.id, "raised")]

    await settle(archive, *await due(archive))

    assert await kinds(archive) == [(alarm.id, "cleared")]
    assert await kinds(archive, "chat") == [(alarm.id, "raised")]


async def test_one_alarm_waiting_holds_up_no_other(archive: Archive) -> None:
    first = await raise_alarm(archive, alarm_of(1))
    await settle(
        archive, *await due(archive), state=DeliveryState.PENDING, next_at=NOW + 60 * SECOND
    )
    await clear_alarm(archive, first)
    second = await raise_alarm(archive, alarm_of(2))

    assert await kinds(archive) == [(second.id, "raised")]


async def test_the_longest_due_goes_first_and_only_when_due(archive: Archive) -> None:
    for number in (1, 2, 3):
        await raise_alarm(archive, alarm_of(number), now=NOW + (4 - number) * SECOND)

    async with archive.read() as tx:
        assert await next_due_at(tx, "incidents") == NOW + SECOND
    taken = await due(archive, now=NOW + 2 * SECOND)
    assert [one.alarm_id for one in taken] == ["sbc-1/3", "sbc-1/2"]


async def test_deliveries_on_their_way_are_left_out_and_their_place_is_filled(
    archive: Archive,
) -> None:
    for number in (1, 2, 3):
        await raise_alarm(archive, alarm_of(number))
    first, second, third = await due(archive)

    under_way = {first.alarm_id, third.alarm_id}
    async with archive.read() as tx:
        taken = await take(tx, "incidents", now=NOW, limit=1, exclude=under_way)

    assert taken == (second,)


async def test_an_idle_lane_has_nothing_due(archive: Archive) -> None:
    async with archive.read() as tx:
        assert await next_due_at(tx, "incidents") is None
        assert await take(tx, "incidents", now=NOW, limit=8) == ()


async def test_a_failed_attempt_comes_back_with_its_reason(archive: Archive) -> None:
    await raise_alarm(archive, alarm_of(1))
    later = NOW + 5 * SECOND
    await settle(archive, *await due(archive), state=DeliveryState.PENDING, next_at=later)

    assert await due(archive) == ()
    (again,) = await due(archive, now=later)
    assert (again.attempts, again.reason, again.next_at) == (1, "because", later)
    assert again.settled_at is None


async def test_an_outcome_is_recorded_once(archive: Archive) -> None:
    await raise_alarm(archive, alarm_of(1))
    (delivery,) = await due(archive)

    assert await settle(archive, delivery) == 1
    assert await settle(archive, delivery, state=DeliveryState.DEAD) == 0

    rows = await rows_of(archive, "SELECT * FROM deliveries WHERE sink = 'incidents'")
    assert (rows[0].state, rows[0].answer, rows[0].attempts) == ("delivered", "HTTP 200", 1)


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (DeliveryState.DELIVERED, True),
        (DeliveryState.DEAD, False),
        (DeliveryState.DROPPED, False),
    ],
)
async def test_a_clear_knows_whether_its_alarm_was_opened(
    archive: Archive, state: DeliveryState, told: bool
) -> None:
    await clear_alarm(archive, await raise_alarm(archive, alarm_of(1)))
    (raised,) = await due(archive)
    assert not raised.told

    await settle(archive, raised, state=state)

    assert [one.told for one in await due(archive)] == [told]


async def test_a_change_opens_what_the_raise_did_not(archive: Archive) -> None:
    alarm = await raise_alarm(archive, alarm_of(1), states=DeliveryState.DROPPED)
    await clear_alarm(archive, await change_alarm(archive, alarm, "worse"))
    (changed,) = await due(archive)
    assert (changed.kind, changed.told) == ("changed", False)

    await settle(archive, changed)

    assert [(one.kind, one.told) for one in await due(archive)] == [("cleared", True)]


async def test_released_deliveries_go_at_once_and_none_goes_later(archive: Archive) -> None:
    for number in (1, 2):
        await raise_alarm(archive, alarm_of(number))
    first, second = await due(archive)
    hour = NOW + 3600 * SECOND
    await settle(archive, first, state=DeliveryState.PENDING, next_at=hour)

    async with archive.begin() as tx:
        await release(tx, "incidents", [first.id, second.id], next_at=NOW + SECOND)
        await release(tx, "chat", [first.id], next_at=NOW - SECOND)

    taken = await due(archive, now=NOW + SECOND)
    assert [one.next_at for one in taken] == [NOW, NOW + SECOND]


async def test_a_clock_set_back_releases_a_whole_lane(archive: Archive) -> None:
    for number in (1, 2):
        await raise_alarm(archive, alarm_of(number))

    async with archive.begin() as tx:
        assert await release_all(tx, "incidents", next_at=NOW - SECOND) == 2

    assert len(await due(archive, now=NOW - SECOND)) == 2
    assert await due(archive, "chat", now=NOW - SECOND) == ()


async def test_what_is_owed_to_sinks_that_are_gone_is_given_up_in_time(archive: Archive) -> None:
    alarm = await raise_alarm(archive, alarm_of(1))
    await change_alarm(archive, alarm, "worse", now=NOW + 9 * SECOND)

    async with archive.begin() as tx:
        buried = await bury_orphans(tx, ["chat"], before=NOW + SECOND, now=NOW + SECOND)

    assert buried == 1
    assert [one.kind for one in await due(archive, now=NOW + 9 * SECOND)] == ["changed"]
    (row,) = await rows_of(archive, "SELECT sink, reason FROM deliveries WHERE state = 'dead'")
    assert tuple(row) == ("incidents", "its sink is configured no longer")


# What waits, and what befell it


async def test_a_note_and_a_credential_are_carried_and_the_latter_never_shown(
    archive: Archive,
) -> None:
    terms = {"note": "flapping: raised 3 times", "credential": "canary"}
    await raise_alarm(archive, alarm_of(1), terms=terms)
    (delivery,) = await due(archive)
    assert (delivery.note, delivery.credential) == ("flapping: raised 3 times", "canary")
    assert "canary" not in repr(delivery)


async def test_what_is_held_goes_when_its_hold_is_over_and_says_what_it_was(
    archive: Archive,
) -> None:
    alarm = await raise_alarm(archive, alarm_of(1))
    (delivery,) = await due(archive)
    assert (delivery.held, delivery.accepted_at, delivery.forced) == (None, None, False)

    assert await hold(archive, delivery, "flapping", NOW + HOUR) == 1

    assert await due(archive) == ()
    (again,) = await due(archive, now=NOW + HOUR)
    assert again.held == Hold(cause="flapping", until=NOW + HOUR, reason="told later")
    assert (again.state, again.attempts, again.reason) == (DeliveryState.PENDING, 0, "told later")
    assert again.settled_at is None
    assert await remarked(archive, alarm) == ["held until 2026-11-23 22:04:05 UTC: told later"]


async def test_a_hold_keeps_what_follows_waiting_and_nothing_else(archive: Archive) -> None:
    await clear_alarm(archive, await raise_alarm(archive, alarm_of(1)))
    await hold(archive, *await due(archive))
    other = await raise_alarm(archive, alarm_of(2))
    assert await kinds(archive) == [(other.id, "raised")]
    assert await kinds(archive, "chat") == [("sbc-1/1", "raised"), (other.id, "raised")]


async def test_a_hold_comes_too_late_for_what_is_settled(archive: Archive) -> None:
    alarm = await raise_alarm(archive, alarm_of(1))
    (delivery,) = await due(archive)
    await settle(archive, delivery)
    assert await hold(archive, delivery) == 0
    (row,) = await rows_of(
        archive, "SELECT state, held_by FROM deliveries WHERE state <> 'pending'"
    )
    assert tuple(row) == ("delivered", None)
    assert await remarked(archive, alarm) == []


async def test_an_attempt_that_fails_keeps_the_hold_that_was(archive: Archive) -> None:
    await raise_alarm(archive, alarm_of(1))
    await hold(archive, *await due(archive), cause="digest", until=NOW + HOUR)
    (delivery,) = await due(archive, now=NOW + HOUR)
    await settle(archive, delivery, state=DeliveryState.PENDING, next_at=NOW + 2 * HOUR)
    (again,) = await due(archive, now=NOW + 2 * HOUR)
    assert again.held == Hold(cause="digest", until=NOW + HOUR, reason="because")


async def test_each_attempt_that_failed_is_remembered_and_the_last_one_by_its_state(
    archive: Archive,
) -> None:
    alarm = await raise_alarm(archive, alarm_of(1), sinks=("incidents",))
    for state in (DeliveryState.PENDING, DeliveryState.PENDING, DeliveryState.DEAD):
        await settle(archive, *await due(archive), state=state)
    assert await remarked(archive, alarm) == ["attempt 1: because", "attempt 2: because"]


async def test_when_it_was_accepted_is_kept_though_it_is_owed_again(archive: Archive) -> None:
    await raise_alarm(archive, alarm_of(1))
    (delivery,) = await due(archive)
    await settle(archive, delivery, at=NOW)
    for state in (DeliveryState.DELIVERED, DeliveryState.DEAD):
        async with archive.begin() as tx:
            await replay(tx, [delivery.id], now=NOW)
        (again,) = await due(archive)
        assert (again.accepted_at, again.told, again.forced) == (NOW, True, True)
        await settle(archive, again, state=state, at=NOW + HOUR)
    (row,) = await rows_of(
        archive, "SELECT count(*) AS n FROM deliveries WHERE accepted_at IS NULL"
    )
    assert row.n == 1


async def test_a_clear_is_told_though_its_raise_died_when_it_was_said_again(
    archive: Archive,
) -> None:
    alarm = await raise_alarm(archive, alarm_of(1))
    (raised,) = await due(archive)
    await settle(archive, raised)
    async with archive.begin() as tx:
        await replay(tx, [raised.id], now=NOW)
    await settle(archive, *await due(archive), state=DeliveryState.DEAD)
    await clear_alarm(archive, alarm)
    assert [(one.kind, one.told) for one in await due(archive)] == [("cleared", True)]


# Keys that several alarms share


async def test_by_key_only_the_earliest_of_several_alarms_goes(archive: Archive) -> None:
    first = await raise_alarm(archive, alarm_of(1), terms=SHARED)
    second = await raise_alarm(archive, alarm_of(2), terms=SHARED)
    other = await raise_alarm(archive, alarm_of(3), terms={"key": "Board#3"})
    assert len(await kinds(archive)) == 3
    assert await taken_by_key(archive) == [(first.id, "raised"), (other.id, "raised")]

    (raised, *_) = await due(archive)
    await settle(archive, raised)
    assert (second.id, "raised") in await taken_by_key(archive)


async def test_by_key_one_that_is_tried_again_keeps_the_next_waiting(archive: Archive) -> None:
    await raise_alarm(archive, alarm_of(1), terms=SHARED)
    await settle(archive, *await due(archive), state=DeliveryState.PENDING, next_at=NOW + HOUR)
    await raise_alarm(archive, alarm_of(2), terms=SHARED)
    assert await taken_by_key(archive) == []
    assert await taken_by_key(archive, now=NOW + HOUR) == [("sbc-1/1", "raised")]


async def test_by_key_a_clear_goes_before_the_raise_that_follows_it(archive: Archive) -> None:
    alarm = await raise_alarm(archive, alarm_of(1), terms=SHARED)
    await settle(archive, *await due(archive))
    await clear_alarm(archive, alarm, terms=SHARED)
    await raise_alarm(archive, alarm_of(2), terms=SHARED)
    assert await taken_by_key(archive) == [(alarm.id, "cleared")]


async def test_by_key_a_clear_waits_for_no_held_raise_of_another_alarm(archive: Archive) -> None:
    # Both stand under one key, the second is silenced: what is told of the first goes on.
    alarm = await raise_alarm(archive, alarm_of(1), terms=SHARED)
    await settle(archive, *await due(archive))
    await raise_alarm(archive, alarm_of(2), terms=SHARED | {"hold": SILENCED})
    await clear_alarm(archive, alarm, terms=SHARED)
    assert await taken_by_key(archive) == [(alarm.id, "cleared")]
    assert await taken_by_key(archive, now=SILENCED.until) == [("sbc-1/2", "raised")]


async def test_by_key_each_sink_is_by_itself(archive: Archive) -> None:
    await raise_alarm(archive, alarm_of(1), terms=SHARED, sinks=("chat",))
    alarm = await raise_alarm(archive, alarm_of(2), terms=SHARED)
    assert await taken_by_key(archive) == [(alarm.id, "raised")]
