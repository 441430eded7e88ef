"""Resync: the accounts are what the ledger says, and what is planned is owed."""

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
    remarked,
    rows_of,
    scans_of,
    settle,
)

from alarmbridge.core.delivery import DeliveryState
from alarmbridge.core.resync import Step, plan_resync
from alarmbridge.core.routing import Subscription
from alarmbridge.store.archive import Archive
from alarmbridge.store.replay import replay
from alarmbridge.store.resync import _ACCOUNTS, list_accounts, save_resync

LATER = NOW + 7 * SECOND
INCIDENTS = Subscription(sink="incidents")


@pytest.fixture(autouse=True)
async def _known(archive: Archive) -> None:
    await register(archive, "sbc-1")


async def resync(archive: Archive, subscription: Subscription = INCIDENTS) -> list[tuple[str, str]]:
    """Resync; return what was planned as step and alarm."""
    async with archive.begin() as tx:
        planned = plan_resync(await list_accounts(tx, subscription.sink), subscription)
        assert await save_resync(tx, planned, subscription, now=LATER) == len(planned)
    return [(one.step.value, one.account.alarm.id) for one in planned]


async def owed(archive: Archive, sink: str = "incidents") -> list[tuple[str, str, bool]]:
    return [(one.alarm_id, one.kind, one.forced) for one in await due(archive, sink, now=LATER)]


async def test_what_stands_and_was_told_is_told_again_as_it_stands_now(archive: Archive) -> None:
    alarm = await raise_alarm(archive, alarm_of(1))
    await settle(archive, *await due(archive))
    await change_alarm(archive, alarm, "worse")
    await settle(archive, *await due(archive))

    assert await resync(archive) == [(Step.RESTATE, alarm.id)]
    assert await owed(archive) == [(alarm.id, "changed", True)]


async def test_what_is_open_there_and_stands_no_longer_is_closed(archive: Archive) -> None:
    alarm = await raise_alarm(archive, alarm_of(1))
    await settle(archive, *await due(archive))
    await clear_alarm(archive, alarm)
    await settle(archive, *await due(archive), state=DeliveryState.DEAD)

    assert await resync(archive) == [(Step.CLOSE, alarm.id)]
    assert await owed(archive) == [(alarm.id, "cleared", True)]
    await settle(archive, *await due(archive, now=LATER))
    assert await resync(archive) == []


async def test_what_a_sink_was_never_offered_is_opened_there(archive: Archive) -> None:
    alarm = await raise_alarm(archive, alarm_of(1))
    latecomer = Subscription(
        sink="latecomer", key_for=lambda one, _: f"late/{one.id}", credential="canary"
    )

    assert await resync(archive, latecomer) == [(Step.OPEN, alarm.id)]
    assert await owed(archive, "latecomer") == [(alarm.id, "raised", True)]
    (row,) = await rows_of(
        archive, "SELECT key, credential FROM deliveries WHERE sink = 'latecomer'"
    )
    assert tuple(row) == (f"late/{alarm.id}", "canary")


async def test_what_was_dropped_once_is_opened_by_the_same_delivery(archive: Archive) -> None:
    alarm = await raise_alarm(archive, alarm_of(1), states=DeliveryState.DROPPED)
    assert await resync(archive) == [(Step.OPEN, alarm.id)]
    assert await owed(archive) == [(alarm.id, "raised", True)]


async def test_what_is_on_its_way_is_left(archive: Archive) -> None:
    await raise_alarm(archive, alarm_of(1))
    assert await resync(archive) == []


async def test_what_was_closed_there_or_never_opened_is_left(archive: Archive) -> None:
    for number, state in ((1, DeliveryState.DELIVERED), (2, DeliveryState.DEAD)):
        alarm = await raise_alarm(archive, alarm_of(number))
        await settle(archive, *await due(archive), state=state)
        await clear_alarm(archive, alarm)
        await settle(archive, *await due(archive), state=state)
    assert await resync(archive) == []


async def test_a_clear_that_was_accepted_once_and_died_when_said_again_is_left(
    archive: Archive,
) -> None:
    alarm = await raise_alarm(archive, alarm_of(1))
    await settle(archive, *await due(archive))
    await clear_alarm(archive, alarm)
    (cleared,) = await due(archive)
    await settle(archive, cleared)
    async with archive.begin() as tx:
        await replay(tx, [cleared.id], now=LATER)
    await settle(archive, *await due(archive, now=LATER), state=DeliveryState.DEAD)
    assert await resync(archive) == []


async def test_what_is_owed_says_that_a_resync_has_it_so(archive: Archive) -> None:
    alarm = await raise_alarm(archive, alarm_of(1))
    await settle(archive, *await due(archive))
    await resync(archive)
    assert await remarked(archive, alarm) == ["said again by a resync"]


@pytest.mark.parametrize("place", ["postgres"], indirect=True)
async def test_what_clears_while_a_resync_is_planned_is_not_opened(archive: Archive) -> None:
    # The resync reads that it stands and was never offered here. Its clear is recorded, owed to
    # nobody. Were it opened now, nobody would ever close it. (SQLite has one writer.)
    alarm = await raise_alarm(archive, alarm_of(1))
    latecomer = Subscription(sink="latecomer")
    async with archive.begin() as tx:
        planned = plan_resync(await list_accounts(tx, "latecomer"), latecomer)
        assert [one.step for one in planned] == [Step.OPEN]
        await clear_alarm(archive, alarm)
        assert await save_resync(tx, planned, latecomer, now=LATER) == 0
    assert await owed(archive, "latecomer") == []


def test_an_archive_full_of_what_is_over_is_not_read_through(sqlite_url: str) -> None:
    scans = {str(scan) for scan in scans_of(sqlite_url, _ACCOUNTS)}
    others = {"SCAN concerned"}
    assert others <= scans
    assert all("INDEX ix_alarms_active" in scan for scan in scans - others)
