"""Deliveries for people and for routing."""

from typing import Any

import pytest
from store_cases import (
    NOW,
    alarm_of,
    change_alarm,
    clear_alarm,
    due,
    raise_alarm,
    register,
    settle,
)

from alarmbridge.core.delivery import DeliveryState
from alarmbridge.store.archive import Archive
from alarmbridge.store.deliveries import (
    count_deliveries,
    ledger_of,
    list_deliveries,
)


@pytest.fixture(autouse=True)
async def _known(archive: Archive) -> None:
    await register(archive, "sbc-1", "sbc-2")


async def test_the_ledger_says_what_each_sink_was_told_oldest_first(archive: Archive) -> None:
    alarm = await raise_alarm(archive, alarm_of(1))
    await settle(archive, *await due(archive))
    await clear_alarm(archive, alarm, sinks=("incidents",))
    other = await raise_alarm(archive, alarm_of(2))

    async with archive.read() as tx:
        ledger = await ledger_of(tx, [alarm.id, other.id, "unknown"])

    told = [(entry.sink, entry.kind, entry.key, entry.state) for entry in ledger[alarm.id]]
    assert told == [
        ("incidents", "raised", "key incidents", DeliveryState.DELIVERED),
        ("chat", "raised", "key chat", DeliveryState.PENDING),
        ("incidents", "cleared", "key incidents", DeliveryState.PENDING),
    ]
    assert len(ledger[other.id]) == 2
    assert ledger["unknown"] == ()


async def test_a_ledger_does_not_grow_with_every_change_alike(archive: Archive) -> None:
    alarm = await raise_alarm(archive, alarm_of(1), sinks=("chat",))
    for number in range(5):
        alarm = await change_alarm(archive, alarm, f"{number} errors", sinks=("chat",))

    async with archive.read() as tx:
        (ledger,) = (await ledger_of(tx, [alarm.id])).values()

    assert [entry.kind for entry in ledger] == ["raised", "changed"]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"sinks": ("chat",)},
        {"sinks": ("chat", "incidents", "chat")},
        {"devices": ("sbc-1",)},
        {"devices": ("sbc-1", "sbc-2")},
        {"devices": ("sbc-1", "sbc-2"), "sinks": ("chat", "incidents")},
        {"states": tuple(DeliveryState)},
    ],
)
async def test_deliveries_are_listed_latest_first_in_pages(
    archive: Archive, asked: dict[str, Any]
) -> None:
    for number in range(5):
        await raise_alarm(archive, alarm_of(number), sinks=("chat",))
    first, second, *_ = await due(archive, "chat")
    await settle(archive, first)
    await settle(archive, second, state=DeliveryState.DROPPED)

    found: list[str] = []
    cursor = None
    async with archive.read() as tx:
        while cursor is not None or not found:
            page = await list_deliveries(tx, **asked, limit=2, after=cursor)
            found += [delivery.alarm_id for delivery in page.items]
            cursor = page.next

    assert found == [f"sbc-1/{number}" for number in (4, 3, 2, 1, 0)]


async def test_a_listed_delivery_says_what_it_is_about(archive: Archive) -> None:
    await raise_alarm(archive, alarm_of(1, "sbc-2"))
    await settle(archive, *await due(archive), state=DeliveryState.DEAD)

    async with archive.read() as tx:
        (one,) = (await list_deliveries(tx, states=(DeliveryState.DEAD,))).items

    assert (one.device, one.description, one.kind) == ("sbc-2", "Trunk 1 is down", "raised")
    assert (one.state, one.reason, one.answer) == (DeliveryState.DEAD, "because", "HTTP 200")
    assert (one.created_at, one.settled_at) == (NOW, NOW)


async def test_deliveries_are_found_by_sink_state_device_and_alarm(archive: Archive) -> None:
    for number, device in ((1, "sbc-1"), (2, "sbc-1"), (3, "sbc-2")):
        await raise_alarm(archive, alarm_of(number, device))
    await settle(archive, (await due(archive))[0])
    pending, delivered = DeliveryState.PENDING, DeliveryState.DELIVERED
    cases: dict[str, dict[str, Any]] = {
        "sink": {"sinks": ("chat",)},
        "sinks": {"sinks": ("chat", "incidents", "nobody")},
        "state": {"states": (delivered,)},
        "states": {"states": (pending, delivered)},
        "pending there": {"states": (pending,), "sinks": ("incidents",)},
        "device": {"devices": ("sbc-2",)},
        "devices": {"devices": ("sbc-2", "sbc-1", "sbc-9")},
        "devices, pending": {"devices": ("sbc-2", "sbc-1"), "states": (pending,)},
        "devices, one sink": {"devices": ("sbc-2", "sbc-1"), "sinks": ("chat",)},
        "a device, two sinks": {"devices": ("sbc-1",), "sinks": ("chat", "incidents")},
        "alarm": {"alarms": ("sbc-1/1",)},
        "alarms": {"alarms": ("sbc-1/1", "sbc-2/3")},
        "alarms of a device": {"alarms": ("sbc-1/1", "sbc-2/3"), "devices": ("sbc-1",)},
    }

    async with archive.read() as tx:
        sizes = {
            name: len((await list_deliveries(tx, **asked)).items) for name, asked in cases.items()
        }
    assert sizes == {
        "sink": 3,
        "sinks": 6,
        "state": 1,
        "states": 6,
        "pending there": 2,
        "device": 2,
        "devices": 6,
        "devices, pending": 5,
        "devices, one sink": 3,
        "a device, two sinks": 4,
        "alarm": 2,
        "alarms": 4,
        "alarms of a device": 2,
    }


async def test_counts_are_of_open_states_unless_asked(archive: Archive) -> None:
    for number in (1, 2, 3):
        await raise_alarm(archive, alarm_of(number))
    first, second, _ = await due(archive)
    await settle(archive, first)
    await settle(archive, second, state=DeliveryState.DEAD)

    async with archive.read() as tx:
        assert await count_deliveries(tx) == {
            ("chat", DeliveryState.PENDING): 3,
            ("incidents", DeliveryState.PENDING): 1,
            ("incidents", DeliveryState.DEAD): 1,
        }
        delivered = await count_deliveries(tx, (DeliveryState.DELIVERED,))
    assert delivered == {("incidents", DeliveryState.DELIVERED): 1}
