"""Figures for charts: by the hour, by the source, by how operators left alarms."""

from datetime import timedelta

import pytest
from store_cases import HOUR, NOW, alarm_of, clear_alarm, raise_alarm, register

from alarmbridge.core.alarm import Origin
from alarmbridge.core.operator import OperatorAction
from alarmbridge.core.severity import Severity
from alarmbridge.store.archive import Archive
from alarmbridge.store.charts import noisiest_sources, raised_per_hour, time_in_states
from alarmbridge.store.operator_actions import act

FULL_HOUR = NOW.replace(minute=0, second=0, microsecond=0)
SPAN = {"since": NOW - HOUR, "until": NOW + 3 * HOUR}


@pytest.fixture(autouse=True)
async def _known(archive: Archive) -> None:
    await register(archive, "sbc-1", "sbc-2")


async def test_alarms_are_counted_by_hour_and_severity(archive: Archive) -> None:
    for number, seen in enumerate((NOW, NOW + 0.8 * HOUR, NOW + HOUR, NOW + 9 * HOUR)):
        severity = Severity.MINOR if number == 1 else Severity.MAJOR
        await raise_alarm(archive, alarm_of(number, seen_at=seen, severity=severity))
    own = alarm_of(9, device="", origin=Origin.BRIDGE, seen_at=NOW)
    await raise_alarm(archive, own)
    async with archive.read() as tx:
        hours = await raised_per_hour(tx, **SPAN)
    assert hours == {
        FULL_HOUR: {Severity.MAJOR: 1, Severity.MINOR: 1},
        FULL_HOUR + HOUR: {Severity.MAJOR: 1},
    }


async def test_the_sources_that_raise_most_come_first(archive: Archive) -> None:
    for number in range(6):
        device = "sbc-1" if number < 2 else "sbc-2"
        source = "Board#2" if number == 5 else "Board#1"
        await raise_alarm(archive, alarm_of(number, device=device, source=source, name="acLink"))
    async with archive.read() as tx:
        found = await noisiest_sources(tx, **SPAN, limit=2)
    assert [(one.device, one.source, one.name, one.count) for one in found] == [
        ("sbc-2", "Board#1", "acLink", 3),
        ("sbc-1", "Board#1", "acLink", 2),
    ]


async def test_time_is_added_up_by_how_operators_left_alarms(archive: Archive) -> None:
    await raise_alarm(archive, alarm_of(1, seen_at=NOW))
    await clear_alarm(archive, await raise_alarm(archive, alarm_of(2, seen_at=NOW)), now=NOW + HOUR)
    old = NOW - 99 * HOUR
    await raise_alarm(archive, alarm_of(3, seen_at=old))
    async with archive.begin() as tx:
        for action, hours in ((OperatorAction.ACK, 1), (OperatorAction.CLOSE, 2)):
            assert await act(tx, "sbc-1/1", action, who="noc", now=NOW + hours * HOUR)
    async with archive.read() as tx:
        spent = await time_in_states(tx, **SPAN)
    # The first unseen for one hour, the second for one, the third for all four.
    assert (spent.unseen, spent.acknowledged, spent.closed) == (6 * HOUR, HOUR, HOUR)


async def test_an_empty_archive_has_no_figures(archive: Archive) -> None:
    async with archive.read() as tx:
        assert await raised_per_hour(tx, **SPAN) == {}
        assert await noisiest_sources(tx, **SPAN) == ()
        assert (await time_in_states(tx, **SPAN)).unseen == timedelta(0)
