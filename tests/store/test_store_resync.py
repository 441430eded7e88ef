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
    rows_of,
    settle,
)

from alarmbridge.core.delivery import DeliveryState
from alarmbridge.core.resync import Step, plan_resync
from alarmbridge.core.routing import Subscription
from alarmbridge.store.archive import Archive
from alarmbridge.store.resync import list_accounts, save_resync

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
