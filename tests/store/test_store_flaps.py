"""Flaps: what is known of a key at a sink, replaced whole and forgotten in time."""

from datetime import timedelta

import pytest
from store_cases import (
    NOW,
    SECOND,
    alarm_of,
    count_of,
    due,
    held_of,
    raise_alarm,
    register,
    save,
    settle,
)

from alarmbridge.core.delivery import DeliveryState
from alarmbridge.core.errors import StaleClaim
from alarmbridge.core.event import tell_raised
from alarmbridge.core.flapping import Flap, flap_key
from alarmbridge.core.routing import FlapPlace
from alarmbridge.store.archive import Archive
from alarmbridge.store.flaps import forget_flaps, load_flaps, save_flaps

KEY = str(flap_key(alarm_of(1, source='Bo"ard#1€')))
STEADY = Flap(recent=(NOW - 9 * SECOND, NOW))
FLAPPING = Flap(recent=(NOW, NOW + SECOND), since=NOW + SECOND, told="sbc-2/2")
UNKNOWN = ("incidents", "unknown")


@pytest.fixture(autouse=True)
async def _told(archive: Archive) -> None:
    """The alarm whose raise says that its key flaps."""
    await register(archive, "sbc-1", "sbc-2")
    await raise_alarm(archive, alarm_of(2, "sbc-2"))


async def keep(archive: Archive, flaps: dict[FlapPlace, Flap]) -> None:
    async with archive.begin() as tx:
        await save_flaps(tx, flaps)


async def known(archive: Archive, *places: FlapPlace) -> dict[FlapPlace, Flap]:
    async with archive.read() as tx:
        return await load_flaps(tx, places)


async def test_a_flap_comes_back_as_it_was_at_its_own_sink(archive: Archive) -> None:
    flaps = {("incidents", KEY): FLAPPING, ("chat", KEY): STEADY}
    await keep(archive, flaps)
    assert await known(archive, *flaps, UNKNOWN) == flaps
    assert await known(archive, UNKNOWN) == await known(archive) == {}


async def test_what_becomes_of_a_key_replaces_what_was_known(archive: Archive) -> None:
    place, other = ("chat", KEY), ("chat", "other")
    await keep(archive, {place: STEADY, other: STEADY})
    await keep(archive, {place: FLAPPING})
    await keep(archive, {})
    assert await known(archive, place, other) == {place: FLAPPING, other: STEADY}
    assert await count_of(archive, "flaps") == 2


@pytest.mark.parametrize("state", [DeliveryState.DROPPED, DeliveryState.DEAD])
async def test_where_the_raise_that_says_so_was_told_to_nobody_nobody_knows(
    archive: Archive, state: DeliveryState
) -> None:
    place, other = ("incidents", KEY), ("chat", KEY)
    await keep(archive, {place: FLAPPING, other: FLAPPING})
    await settle(archive, *await due(archive, "incidents"), state=state)
    await settle(archive, *await due(archive, "chat"))
    found = await known(archive, place, other)
    assert (found[place].told, found[other].told) == (None, "sbc-2/2")


async def test_a_key_that_was_not_raised_for_long_is_forgotten(archive: Archive) -> None:
    old, young = ("chat", "old"), ("chat", "young")
    await keep(archive, {old: STEADY, young: FLAPPING})
    async with archive.begin() as tx:
        await forget_flaps(tx, NOW)
    assert len(await known(archive, old, young)) == 2
    async with archive.begin() as tx:
        await forget_flaps(tx, NOW + timedelta(microseconds=1))
    assert await known(archive, old, young) == {young: FLAPPING}


async def test_flaps_are_stored_with_the_raise_or_not_at_all(archive: Archive) -> None:
    place = ("incidents", KEY)
    stale = await held_of(archive)
    await raise_alarm(archive, alarm_of(1), flaps={place: STEADY})
    with pytest.raises(StaleClaim):
        await save(
            archive,
            stale,
            tell_raised(alarm_of(2), sequence=1, now=NOW),
            flaps={place: FLAPPING},
        )
    assert await known(archive, place) == {place: STEADY}
