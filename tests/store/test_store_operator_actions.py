"""Operator actions: who did what first, and that it stays whatever becomes of the alarm."""

import pytest
from store_cases import (
    NOW,
    SECOND,
    alarm_of,
    change_alarm,
    clear_alarm,
    due,
    raise_alarm,
    register,
    settle,
)

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.delivery import DeliveryState
from alarmbridge.core.operator import OperatorAction, OperatorState
from alarmbridge.store.alarms import fetch_alarm
from alarmbridge.store.archive import Archive
from alarmbridge.store.operator_actions import (
    act,
    list_actions,
    note,
    tell_again,
    tell_dead_again,
)

ALARM = "sbc-1/1"
ACK, UNACK, COMMENT, CLOSE = OperatorAction


@pytest.fixture(autouse=True)
async def _known(archive: Archive) -> None:
    await register(archive, "sbc-1")


async def do(archive: Archive, action: OperatorAction, who: str = "noc", **other: str) -> bool:
    async with archive.begin() as tx:
        return await act(tx, other.pop("alarm_id", ALARM), action, who=who, now=NOW, **other)


async def alarm_in(archive: Archive) -> Alarm:
    async with archive.read() as tx:
        found = await fetch_alarm(tx, ALARM)
    assert found is not None
    return found


async def done(archive: Archive, *alarms: str) -> list[tuple[str, str, str]]:
    """Who did what with what words, the latest first; about these alarms, or all."""
    async with archive.read() as tx:
        page = await list_actions(tx, alarms=alarms)
    return [(one.who, one.action, one.comment) for one in page.items]


async def test_it_is_kept_who_saw_it_first_and_when(archive: Archive) -> None:
    await raise_alarm(archive, alarm_of(1))
    await raise_alarm(archive, alarm_of(2))
    assert await do(archive, ACK, "ada", comment="looking")
    assert not await do(archive, ACK, "bob")
    alarm = await alarm_in(archive)
    assert (alarm.acknowledged_by, alarm.acknowledged_at) == ("ada", NOW)
    assert alarm.operator_state is OperatorState.ACK
    assert await done(archive, ALARM) == [("ada", "ack", "looking")]


async def test_what_is_cleared_can_be_acknowledged_and_what_is_unknown_not(
    archive: Archive,
) -> None:
    await clear_alarm(archive, await raise_alarm(archive, alarm_of(1)))
    assert await do(archive, ACK)
    for action in OperatorAction:
        assert not await do(archive, action, alarm_id="sbc-1/9")
    assert len(await done(archive)) == len(await done(archive, ALARM, "sbc-1/9")) == 1


async def test_it_is_taken_back_once_and_may_be_given_again(archive: Archive) -> None:
    await raise_alarm(archive, alarm_of(1))
    assert not await do(archive, UNACK)
    await do(archive, ACK, "ada")
    assert [await do(archive, UNACK), await do(archive, UNACK)] == [True, False]
    assert (await alarm_in(archive)).operator_state is OperatorState.NONE
    assert await do(archive, ACK, "bob")


async def test_what_is_closed_still_stands_and_counts_as_seen(archive: Archive) -> None:
    await raise_alarm(archive, alarm_of(1))
    assert [await do(archive, CLOSE, "ada"), await do(archive, CLOSE, "bob")] == [True, False]
    alarm = await alarm_in(archive)
    assert (alarm.state, alarm.operator_state) == ("active", "closed")
    assert (alarm.operator_closed_by, alarm.acknowledged_by) == ("ada", "ada")


async def test_closing_leaves_who_saw_it_first_and_unack_takes_both_back(archive: Archive) -> None:
    await raise_alarm(archive, alarm_of(1))
    await do(archive, ACK, "ada")
    await do(archive, CLOSE, "bob")
    assert (await alarm_in(archive)).acknowledged_by == "ada"
    assert await do(archive, UNACK)
    alarm = await alarm_in(archive)
    assert (alarm.operator_closed_at, alarm.acknowledged_at) == (None, None)


async def test_comments_gather_and_change_nothing(archive: Archive) -> None:
    await raise_alarm(archive, alarm_of(1))
    assert await do(archive, COMMENT, "ada", comment="carrier called")
    assert await do(archive, COMMENT, "bob", comment="fixed by noon")
    assert (await alarm_in(archive)).operator_state is OperatorState.NONE
    assert [words for _, _, words in await done(archive, ALARM)] == [
        "fixed by noon",
        "carrier called",
    ]


async def test_it_stays_whatever_becomes_of_the_alarm(archive: Archive) -> None:
    alarm = await raise_alarm(archive, alarm_of(1))
    await do(archive, ACK)
    await clear_alarm(archive, await change_alarm(archive, alarm, "worse", now=NOW + SECOND))
    assert (await alarm_in(archive)).acknowledged_by == "noc"


async def test_all_that_was_changed_is_listed_in_pages(archive: Archive) -> None:
    await raise_alarm(archive, alarm_of(1))
    await do(archive, ACK)
    async with archive.begin() as tx:
        await note(tx, "silence.add", who="ada", now=NOW, target="7", comment="upgrade")
    async with archive.read() as tx:
        first = await list_actions(tx, limit=1)
        second = await list_actions(tx, limit=1, after=first.next)
    assert [(one.action, one.target, one.alarm_id) for one in (*first.items, *second.items)] == [
        ("silence.add", "7", None),
        ("ack", "", ALARM),
    ]
    assert second.next is None


async def noted(archive: Archive) -> list[tuple[str, str]]:
    """What was done to what, the latest first."""
    async with archive.read() as tx:
        return [(one.action, one.target) for one in (await list_actions(tx)).items]


async def test_only_what_is_told_again_is_noted(archive: Archive) -> None:
    for number in (1, 2):
        await raise_alarm(archive, alarm_of(number))
    dead, pending = await due(archive)
    await settle(archive, dead, state=DeliveryState.DEAD)
    async with archive.begin() as tx:
        asked = [pending.id, 999, dead.id]
        assert await tell_again(tx, asked, who="ada", now=NOW) == (dead.id,)
        assert await tell_again(tx, asked, who="ada", now=NOW) == ()
        assert await tell_dead_again(tx, sink=None, who="ada", now=NOW) == 0
    assert await noted(archive) == [("delivery.replay", str(dead.id))]


async def test_the_dead_that_are_told_again_are_noted_by_their_number(archive: Archive) -> None:
    for number in (1, 2):
        await raise_alarm(archive, alarm_of(number))
    dead = await due(archive)
    await settle(archive, *dead, state=DeliveryState.DEAD)
    async with archive.begin() as tx:
        assert await tell_dead_again(tx, sink="nobody", who="ada", now=NOW) == 0
        assert await tell_dead_again(tx, sink=dead[0].sink, who="ada", now=NOW) == 2
    assert await noted(archive) == [("delivery.replay", f"2 dead of {dead[0].sink}")]
