"""What stands in the archive, counted."""

import pytest
from store_cases import (
    HOUR,
    NOW,
    SECOND,
    SILENCED,
    alarm_of,
    clear_alarm,
    due,
    raise_alarm,
    register,
    scans_of,
    settle,
)

from alarmbridge.core.severity import Severity
from alarmbridge.store.archive import Archive
from alarmbridge.store.census import (
    _COUNT_ACTIVE,
    _COUNT_HELD,
    _OLDEST,
    count_active_by_severity,
    count_held,
    measure_size,
    oldest_owed,
)


@pytest.fixture(autouse=True)
async def _known(archive: Archive) -> None:
    await register(archive, "sbc-1")


async def test_active_alarms_are_counted_by_severity(archive: Archive) -> None:
    gone = await raise_alarm(archive, alarm_of(1))
    await raise_alarm(archive, alarm_of(2))
    await raise_alarm(archive, alarm_of(3, severity=Severity.MINOR))
    await clear_alarm(archive, gone)
    async with archive.read() as tx:
        counts = await count_active_by_severity(tx)
    assert counts == dict.fromkeys(Severity, 0) | {Severity.MAJOR: 1, Severity.MINOR: 1}


async def test_an_empty_archive_has_nothing_that_is_old_or_held(archive: Archive) -> None:
    async with archive.read() as tx:
        assert await oldest_owed(tx, ["chat"], now=NOW) == {}
        assert await count_held(tx, now=NOW) == {}


async def test_the_oldest_is_what_is_owed_longest_and_not_settled(archive: Archive) -> None:
    await raise_alarm(archive, alarm_of(1))
    await settle(archive, *await due(archive, "incidents"))
    async with archive.read() as tx:
        assert await oldest_owed(tx, ["incidents", "chat"], now=NOW) == {"chat": NOW}


async def test_what_is_held_counts_by_its_cause_until_the_hold_ends(archive: Archive) -> None:
    await raise_alarm(archive, alarm_of(1), sinks=("chat",), terms={"hold": SILENCED})
    async with archive.read() as tx:
        held = await count_held(tx, now=NOW + SECOND)
        oldest = await oldest_owed(tx, ["chat"], now=NOW + SECOND)
        later = await count_held(tx, now=NOW + HOUR)
        oldest_later = await oldest_owed(tx, ["chat"], now=NOW + HOUR)
    assert (held, oldest) == ({("chat", "silence"): 1}, {})
    assert (later, oldest_later) == ({}, {"chat": NOW})


async def test_the_size_is_the_databases(archive: Archive) -> None:
    async with archive.read() as tx:
        assert 50_000 < await measure_size(tx) < 100_000_000


def test_nothing_is_walked_through_but_the_indexes_of_what_is_open(sqlite_url: str) -> None:
    # Otherwise ten million alarms would be counted through four times a minute.
    assert scans_of(sqlite_url, _COUNT_HELD) == set()
    assert scans_of(sqlite_url, _OLDEST) == {"SCAN deliveries USING INDEX ix_deliveries_pending"}
    assert scans_of(sqlite_url, _COUNT_ACTIVE) == set()
