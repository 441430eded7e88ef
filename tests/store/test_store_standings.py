"""Standings: an alarm as it is now, whatever it was when its delivery was made."""

from dataclasses import replace

import pytest
from store_cases import (
    NOW,
    SECOND,
    alarm_of,
    change_alarm,
    clear_alarm,
    due,
    held_of,
    raise_alarm,
    register,
    settle,
)

from alarmbridge.core.alarm import State
from alarmbridge.core.delivery import DeliveryState
from alarmbridge.store.archive import Archive
from alarmbridge.store.standings import Standing, load_standings


@pytest.fixture(autouse=True)
async def _known(archive: Archive) -> None:
    await register(archive, "sbc-1", site="ams")


async def standing(archive: Archive, sink: str = "incidents") -> Standing:
    """How the alarm of the one delivery that is due there stands."""
    (delivery,) = await due(archive, sink)
    async with archive.read() as tx:
        found = await load_standings(tx, [delivery.id])
    assert list(found) == [delivery.id]
    return found[delivery.id]


async def test_it_is_the_alarm_and_the_tags_of_its_device(archive: Archive) -> None:
    alarm = await raise_alarm(archive, alarm_of(1))
    assert await standing(archive) == Standing(
        alarm=replace(alarm, recorded_at=NOW), tags={"site": "ams"}, closed_at=None, followed=False
    )


async def test_the_tags_are_those_that_the_device_has_by_now(archive: Archive) -> None:
    await raise_alarm(archive, alarm_of(1))
    await register(archive, "sbc-1", site="lon")
    assert (await standing(archive)).tags == {"site": "lon"}


async def test_of_a_raise_that_waits_it_says_that_the_alarm_is_closed_and_since_when(
    archive: Archive,
) -> None:
    await clear_alarm(archive, await raise_alarm(archive, alarm_of(1)), now=NOW + 9 * SECOND)
    found = await standing(archive)
    assert (found.alarm.state, found.closed_at) == (State.CLEARED, NOW + 9 * SECOND)
    assert not found.followed


async def test_a_change_that_waits_behind_it_at_the_same_sink_follows_it(archive: Archive) -> None:
    alarm = await raise_alarm(archive, alarm_of(1))
    await change_alarm(archive, alarm, "worse", sinks=("incidents",))
    assert (await standing(archive)).followed
    assert not (await standing(archive, "chat")).followed

    await settle(archive, *await due(archive))
    assert not (await standing(archive)).followed


async def test_a_change_that_waits_no_more_follows_nothing(archive: Archive) -> None:
    alarm = await raise_alarm(archive, alarm_of(1))
    await change_alarm(archive, alarm, "worse", states=DeliveryState.DROPPED)
    assert not (await standing(archive)).followed


async def test_a_change_of_another_alarm_follows_nothing(archive: Archive) -> None:
    await raise_alarm(archive, alarm_of(1))
    other = await raise_alarm(archive, alarm_of(2), sinks=())
    await change_alarm(archive, other, "worse", now=NOW + SECOND)
    assert not (await standing(archive)).followed


async def test_many_are_loaded_at_once_and_what_is_unknown_is_not_there(archive: Archive) -> None:
    for number in range(5):
        await raise_alarm(archive, alarm_of(number))
    await raise_alarm(archive, alarm_of(1, device=""))
    ids = [one.id for one in await due(archive)]
    async with archive.read() as tx:
        found = await load_standings(tx, {*ids, 999})
        assert await load_standings(tx, []) == {}
    assert sorted(found) == ids
    assert [found[one].alarm.id for one in ids] == [
        *(alarm.id for alarm in (await held_of(archive)).active),
        "/1",
    ]
    assert found[ids[-1]].tags == {}
