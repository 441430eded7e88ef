"""Alarms as people ask for them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from store_cases import NOW, SECOND, alarm_of, clear_alarm, held_of, raise_alarm, register, scans_of

from alarmbridge.core.alarm import Origin, State
from alarmbridge.core.severity import Severity
from alarmbridge.store.alarm_filter import AlarmFilter
from alarmbridge.store.alarm_lists import list_alarms
from alarmbridge.store.alarms import (
    _BRIDGE,
    active_bridge_alarms,
    fetch_alarm,
    find_alarms,
    mark_stale,
)
from alarmbridge.store.archive import Archive
from alarmbridge.store.device_states import list_states
from alarmbridge.store.page import BadCursor

CASES = {
    "none": (AlarmFilter(), {1, 2, 3, 4}),
    "active": (AlarmFilter(states=(State.ACTIVE,)), {1, 3, 4}),
    "cleared": (AlarmFilter(states=(State.CLEARED,)), {2}),
    "both": (AlarmFilter(states=tuple(State)), {1, 2, 3, 4}),
    "severity": (AlarmFilter(severities=(Severity.CRITICAL, Severity.WARNING)), {2, 3}),
    "at least": (AlarmFilter(min_severity=Severity.MAJOR), {1, 3}),
    "anything": (AlarmFilter(min_severity=Severity.INDETERMINATE), {1, 2, 3, 4}),
    "device": (AlarmFilter(devices=("sbc-2", "sbc-9")), {3, 4}),
    "tag": (AlarmFilter(tags={"site": ("ams",)}), {1, 2}),
    "tags": (AlarmFilter(tags={"site": ("ams", "fra"), "tier": ("1",)}), {1, 2}),
    "no such tag": (AlarmFilter(tags={"tier": ("2",)}), set()),
    "source": (AlarmFilter(sources=("Board#1", "Board#3")), {1, 3}),
    "name": (AlarmFilter(names=("sinkFailing",)), {4}),
    "origin": (AlarmFilter(origins=(Origin.BRIDGE,)), {4}),
    "after": (AlarmFilter(raised_after=NOW + 2 * SECOND), {3, 4}),
    "before": (AlarmFilter(raised_before=NOW + 2 * SECOND), {1}),
    "between": (
        AlarmFilter(raised_after=NOW + SECOND, raised_before=NOW + 3 * SECOND, devices=("sbc-1",)),
        {2},
    ),
}


async def fill(archive: Archive) -> None:
    await register(archive, "sbc-1", site="ams", tier="1")
    await register(archive, "sbc-2", site="fra")
    alarms = [
        alarm_of(1, raised_at=NOW + SECOND),
        alarm_of(2, severity=Severity.WARNING, raised_at=NOW + 2 * SECOND),
        alarm_of(3, "sbc-2", severity=Severity.CRITICAL, raised_at=NOW + 3 * SECOND),
        alarm_of(
            4,
            "sbc-2",
            severity=Severity.MINOR,
            origin=Origin.BRIDGE,
            name="sinkFailing",
            seen_at=NOW + 4 * SECOND,
        ),
    ]
    for alarm in alarms:
        raised = await raise_alarm(archive, alarm)
        if raised.id == "sbc-1/2":
            await clear_alarm(archive, raised)


async def test_every_filter_finds_what_it_names_and_nothing_else(archive: Archive) -> None:
    await fill(archive)
    async with archive.read() as tx:
        found = {
            name: {int(alarm.id[-1]) for alarm in (await list_alarms(tx, asked)).items}
            for name, (asked, _) in CASES.items()
        }

    assert found == {name: expected for name, (_, expected) in CASES.items()}


async def test_pages_go_on_where_the_last_one_ended_whatever_came_meanwhile(
    archive: Archive,
) -> None:
    await register(archive, "sbc-1")
    for number in range(6):
        await raise_alarm(archive, alarm_of(number, seen_at=NOW + (number // 2) * SECOND))

    async with archive.read() as tx:
        first = await list_alarms(tx, limit=4)
    await raise_alarm(archive, alarm_of(9, seen_at=NOW + 9 * SECOND))
    async with archive.read() as tx:
        rest = await list_alarms(tx, limit=4, after=first.next)

    ids = [alarm.id for alarm in (*first.items, *rest.items)]
    assert ids == [f"sbc-1/{number}" for number in (5, 4, 3, 2, 1, 0)]
    assert rest.next is None


async def test_a_time_as_it_is_shown_leaves_out_the_alarm_that_it_is_of(archive: Archive) -> None:
    await register(archive, "sbc-1")
    first = datetime(2026, 11, 23, 21, 4, 5, 123999, tzinfo=UTC)
    for number in range(3):
        raised_at = first + number * timedelta(milliseconds=1)
        await raise_alarm(archive, alarm_of(number, raised_at=raised_at))
    shown = datetime(2026, 11, 23, 21, 4, 5, 124000, tzinfo=UTC)
    for text in (None, "trunk"):
        later = AlarmFilter(raised_after=shown, text=text)
        earlier = AlarmFilter(raised_before=shown, text=text)
        async with archive.read() as tx:
            (after,) = (await list_alarms(tx, later)).items
            (before,) = (await list_alarms(tx, earlier)).items
        assert (after.id, before.id) == ("sbc-1/2", "sbc-1/0")


@pytest.mark.parametrize("cursor", ["", "x", "2026-11-23T21:04:05~a", "2026-11-23~", "~", "1~\0"])
async def test_what_is_no_cursor_is_refused(archive: Archive, cursor: str) -> None:
    async with archive.read() as tx:
        with pytest.raises(BadCursor, match="is no cursor of this list"):
            await list_alarms(tx, after=cursor)


async def test_one_alarm_is_fetched_by_its_id(archive: Archive) -> None:
    await register(archive, "sbc-1")
    alarm = await raise_alarm(archive, alarm_of(1))

    async with archive.read() as tx:
        assert await fetch_alarm(tx, alarm.id) == replace(alarm, recorded_at=NOW)
        assert await fetch_alarm(tx, "unknown") is None


async def test_the_bridges_own_alarms_are_found_of_all_devices(archive: Archive) -> None:
    await fill(archive)
    await raise_alarm(archive, alarm_of(5, "", origin=Origin.BRIDGE, name="sinkFailing"))

    async with archive.read() as tx:
        own = await active_bridge_alarms(tx)

    assert [(alarm.device, alarm.id[-1]) for alarm in own] == [("", "5"), ("sbc-2", "4")]


def test_what_devices_have_is_not_read_for_the_bridges_own(sqlite_url: str) -> None:
    assert scans_of(sqlite_url, _BRIDGE) == set()


async def test_active_alarms_are_counted_by_device_and_severity(archive: Archive) -> None:
    await fill(archive)

    async with archive.read() as tx:
        states = (await list_states(tx)).items
    assert {
        (one.record.name, severity): number
        for one in states
        for severity, number in one.active.items()
    } == {
        ("sbc-1", Severity.MAJOR): 1,
        ("sbc-2", Severity.CRITICAL): 1,
        ("sbc-2", Severity.MINOR): 1,
    }


async def test_only_the_devices_own_active_alarms_turn_stale_and_fresh(archive: Archive) -> None:
    await fill(archive)

    async with archive.begin() as tx:
        assert await mark_stale(tx, "sbc-2", stale=True) == 1
        assert await mark_stale(tx, "sbc-2", stale=True) == 0
    held = await held_of(archive, "sbc-2")
    assert [alarm.stale for alarm in (*held.active, *held.own)] == [True, False]

    async with archive.begin() as tx:
        assert await mark_stale(tx, "sbc-2", stale=False) == 1
    assert not (await held_of(archive, "sbc-2")).active[0].stale


async def test_alarms_are_found_by_how_their_ids_begin(archive: Archive) -> None:
    await register(archive, "sbc-1")
    for alarm_id in ("0a1b", "0a1b-7", "0a2", "0b", "f0"):
        await raise_alarm(archive, alarm_of(1, id=alarm_id))

    async def found(start: str, **how: int) -> tuple[str, ...]:
        async with archive.read() as tx:
            return await find_alarms(tx, start, **how)

    assert await found("0a1b") == ("0a1b", "0a1b-7")
    assert await found("0a", limit=9) == ("0a1b", "0a1b-7", "0a2")
    assert await found("0a") == ("0a1b", "0a1b-7")
    assert await found("f") == ("f0",)
    assert await found("0a3") == await found("%") == await found("0A") == ()
