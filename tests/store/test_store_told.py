"""Told: the latest that a sink has accepted of each alarm it believes to stand."""

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
    hold,
    raise_alarm,
    register,
    scans_of,
    settle,
)

from alarmbridge.core.delivery import DeliveryState
from alarmbridge.core.holds import FLAPPING
from alarmbridge.store.archive import Archive
from alarmbridge.store.replay import replay
from alarmbridge.store.told import _TOLD, list_told


@pytest.fixture(autouse=True)
async def _known(archive: Archive) -> None:
    await register(archive, "sbc-1")


async def told(archive: Archive, cleared_since: datetime = NOW) -> list[tuple[str, str]]:
    async with archive.read() as tx:
        found = await list_told(tx, "incidents", cleared_since=cleared_since)
    return [(one.alarm_id, one.kind) for one in found]


async def test_only_what_was_accepted_has_been_told(archive: Archive) -> None:
    for number in (1, 2, 3, 4):
        await raise_alarm(archive, alarm_of(number))
    first, second, third, _ = await due(archive)
    await settle(archive, first)
    await settle(archive, second, state=DeliveryState.DEAD)
    await settle(archive, third, state=DeliveryState.DROPPED)
    await settle(archive, *await due(archive, "chat"))

    assert await told(archive) == [("sbc-1/1", "raised")]


async def test_of_each_alarm_it_is_the_latest_and_the_oldest_comes_first(archive: Archive) -> None:
    first = await raise_alarm(archive, alarm_of(1))
    await raise_alarm(archive, alarm_of(2))
    await settle(archive, *await due(archive))
    await change_alarm(archive, first, "worse")
    await settle(archive, *await due(archive))
    await change_alarm(archive, first, "worse still")

    assert await told(archive) == [("sbc-1/2", "raised"), ("sbc-1/1", "changed")]


async def test_what_is_told_is_a_whole_delivery(archive: Archive) -> None:
    await raise_alarm(archive, alarm_of(1), terms={"note": "flapping", "credential": "canary"})
    (raised,) = await due(archive)
    await settle(archive, raised)

    async with archive.read() as tx:
        (one,) = await list_told(tx, "incidents", cleared_since=NOW)

    assert (one.id, one.key, one.body) == (raised.id, raised.key, raised.body)
    assert (one.note, one.credential, one.told) == ("flapping", "canary", True)


async def test_what_is_owed_once_more_has_been_told_all_the_same(archive: Archive) -> None:
    await raise_alarm(archive, alarm_of(1))
    (raised,) = await due(archive)
    await settle(archive, raised)
    async with archive.begin() as tx:
        await replay(tx, [raised.id], now=NOW)
    await settle(archive, *await due(archive), state=DeliveryState.DEAD)

    assert await told(archive) == [("sbc-1/1", "raised")]


async def test_a_clear_is_told_for_as_long_as_asked(archive: Archive) -> None:
    alarm = await raise_alarm(archive, alarm_of(1))
    await settle(archive, *await due(archive))
    await clear_alarm(archive, alarm)
    await settle(archive, *await due(archive))

    assert await told(archive, NOW) == [("sbc-1/1", "cleared")]
    assert await told(archive, NOW + SECOND) == []


async def test_while_its_clear_is_on_the_way_the_raise_is_what_was_told(archive: Archive) -> None:
    # The far end believes that it stands until the clear is accepted, or has itself forgotten it.
    alarm = await raise_alarm(archive, alarm_of(1))
    await settle(archive, *await due(archive))
    await clear_alarm(archive, alarm)

    assert await told(archive, NOW) == [("sbc-1/1", "raised")]
    assert await told(archive, NOW + HOUR) == []


async def test_while_its_clear_waits_for_calm_the_raise_is_what_was_told(archive: Archive) -> None:
    # It was told as one that flaps; a far end that forgets would call it over while it does.
    alarm = await raise_alarm(archive, alarm_of(1))
    await settle(archive, *await due(archive))
    await clear_alarm(archive, alarm)
    await hold(archive, *await due(archive), cause=FLAPPING)

    assert await told(archive, NOW) == [("sbc-1/1", "raised")]
    assert await told(archive, NOW + HOUR) == [("sbc-1/1", "raised")]


async def test_a_clear_that_was_never_accepted_is_not_told(archive: Archive) -> None:
    alarm = await raise_alarm(archive, alarm_of(1))
    await settle(archive, *await due(archive), state=DeliveryState.DEAD)
    await clear_alarm(archive, alarm)
    await settle(archive, *await due(archive), state=DeliveryState.DROPPED)

    assert await told(archive, NOW) == []


def test_an_archive_full_of_what_is_over_is_not_read_through(sqlite_url: str) -> None:
    scans = {str(scan) for scan in scans_of(sqlite_url, _TOLD)} - {"SCAN shown"}
    assert scans
    assert all("INDEX ix_alarms_active" in scan for scan in scans)
