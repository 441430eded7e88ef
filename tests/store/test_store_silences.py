"""Silences: kept, found around a moment, ended once, and what waited for them let go."""

import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.dialects import sqlite
from store_cases import NOW, SECOND, alarm_of, count_of, raise_alarm, register, rows_of

from alarmbridge.core.filters import Match
from alarmbridge.core.severity import Severity
from alarmbridge.core.silence import Silence
from alarmbridge.store.archive import Archive
from alarmbridge.store.page import BadCursor
from alarmbridge.store.retention import prune
from alarmbridge.store.silences import (
    _AROUND,
    add_silence,
    expire_silence,
    fetch_silence,
    list_silences,
    silences_around,
)

HOUR = timedelta(hours=1)
MATCH = Match(
    min_severity=Severity.MAJOR,
    devices=("sbc-*",),
    tags={"site": ("ams", "b€r")},
    names=("ac*",),
    sources=("Board#1",),
    descriptions=('it\'s "down"',),
    origins=("device",),
)


async def add(archive: Archive, match: Match = MATCH, **when: object) -> Silence:
    told = {"starts_at": NOW, "ends_at": NOW + HOUR, "comment": "upgrade", "author": "noc"}
    async with archive.begin() as tx:
        return await add_silence(tx, match=match, now=NOW, **(told | when))  # type: ignore[arg-type] - as the test says


async def around(archive: Archive, now: datetime, since: datetime | None = None) -> list[str]:
    async with archive.read() as tx:
        found = await silences_around(tx, now, since=since or now)
    return [one.id for one in found]


async def listed(archive: Archive, now: datetime = NOW, **how: object) -> list[str]:
    async with archive.read() as tx:
        return [one.id for one in (await list_silences(tx, now=now, **how)).items]  # type: ignore[arg-type]


async def expire(archive: Archive, number: int, now: datetime) -> bool:
    async with archive.begin() as tx:
        return await expire_silence(tx, number, now=now)


async def test_a_silence_is_read_back_as_it_was_added(archive: Archive) -> None:
    added = await add(archive)
    assert added == Silence(
        id="1",
        match=MATCH,
        starts_at=NOW,
        ends_at=NOW + HOUR,
        comment="upgrade",
        author="noc",
        created_at=NOW,
    )
    async with archive.read() as tx:
        assert await silences_around(tx, NOW, since=NOW) == (added,)
        assert (await list_silences(tx, now=NOW)).items == (added,)
        assert await fetch_silence(tx, 1) == added
        assert await fetch_silence(tx, 2) is None


async def test_those_in_force_at_some_moment_are_found_around_it(archive: Archive) -> None:
    await add(archive)
    await add(archive, Match(), starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR)
    assert await around(archive, NOW - SECOND) == []
    assert await around(archive, NOW) == ["1"]
    assert await around(archive, NOW + HOUR - SECOND) == ["1"]
    assert await around(archive, NOW + HOUR) == ["2"]
    assert await around(archive, NOW + HOUR, NOW) == ["1", "2"]
    assert await around(archive, NOW + 9 * HOUR, NOW + 2 * HOUR) == []


def test_with_no_silence_it_is_one_look_at_an_index(sqlite_url: str) -> None:
    statement = str(_AROUND.compile(dialect=sqlite.dialect()))
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", ("x", "x")).fetchall()
    connection.close()
    assert "USING INDEX ix_silences_ends_at (ends_at>?)" in str(plan)


async def test_those_that_have_ended_are_listed_only_if_asked_for(archive: Archive) -> None:
    await add(archive)
    await add(archive, starts_at=NOW + 5 * HOUR, ends_at=NOW + 6 * HOUR)
    assert await listed(archive) == ["2", "1"]
    assert await listed(archive, NOW + HOUR) == ["2"]
    assert await listed(archive, NOW + HOUR, include_ended=True) == ["2", "1"]


async def test_silences_come_in_pages(archive: Archive) -> None:
    for _ in range(3):
        await add(archive)
    async with archive.read() as tx:
        first = await list_silences(tx, now=NOW, limit=2)
        rest = await list_silences(tx, now=NOW, limit=2, after=first.next)
        for odd in ("config/1", "1"):
            with pytest.raises(BadCursor):
                await list_silences(tx, now=NOW, after=odd)
    assert [one.id for one in (*first.items, *rest.items)] == ["3", "2", "1"]
    assert rest.next is None


async def test_a_silence_is_ended_once(archive: Archive) -> None:
    await add(archive)
    assert await expire(archive, 1, NOW + SECOND)
    assert not await expire(archive, 1, NOW + 2 * SECOND)
    assert not await expire(archive, 2, NOW)
    async with archive.read() as tx:
        ended = await fetch_silence(tx, 1)
    assert ended
    assert ended.ends_at == NOW + SECOND
    assert await around(archive, NOW + SECOND) == []


async def test_one_that_is_over_by_itself_is_not_ended_again(archive: Archive) -> None:
    await add(archive)
    assert not await expire(archive, 1, NOW + HOUR)
    async with archive.read() as tx:
        ended = await fetch_silence(tx, 1)
    assert ended
    assert ended.ends_at == NOW + HOUR


async def test_one_that_is_to_come_can_be_ended_and_never_holds(archive: Archive) -> None:
    await add(archive, starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR)
    assert await expire(archive, 1, NOW)
    assert await around(archive, NOW + 3 * HOUR, NOW) == []


async def test_what_waits_for_a_silence_is_released_as_it_is_ended(archive: Archive) -> None:
    await register(archive, "sbc-1")
    for number in range(1, 13):
        await raise_alarm(archive, alarm_of(number), sinks=("chat",))
    for number in (1, 12):
        await add(archive)
        async with archive.begin() as tx:
            # Number 12 waits for silence 2, which is another than silence 1.
            cause = "silence:1" if number == 1 else "silence:12"
            await tx.execute(
                text(
                    "UPDATE deliveries SET held_by = :cause, held_until = :later,"
                    " next_at = :later WHERE id = :number"
                ).bindparams(cause=cause, number=number, later=await _as_stored(archive)),
            )
    await expire(archive, 1, NOW + SECOND)
    rows = await rows_of(archive, "SELECT id FROM deliveries WHERE held_by IS NOT NULL ORDER BY id")
    assert [row.id for row in rows] == [1, 12]
    due = await rows_of(
        archive,
        "SELECT d.id FROM deliveries d JOIN silences s ON s.ends_at = d.next_at WHERE s.id = 1",
    )
    assert [row.id for row in due] == [1]


async def _as_stored(archive: Archive) -> object:
    """A moment long after, as the database keeps it."""
    (row,) = await rows_of(archive, "SELECT max(ends_at) AS at FROM silences")
    return row.at


async def test_old_silences_leave_with_the_alarms_and_others_stay(archive: Archive) -> None:
    await add(archive)
    await add(archive, ends_at=NOW + 5 * HOUR)
    async with archive.begin() as tx:
        assert not (await prune(tx, NOW + HOUR + SECOND)).alarms
    assert await listed(archive, include_ended=True) == ["2"]
    assert await count_of(archive, "silences") == 1


async def test_a_number_is_never_given_out_again(archive: Archive) -> None:
    await add(archive)
    async with archive.begin() as tx:
        await prune(tx, NOW + 9 * HOUR)
    assert (await add(archive)).id == "2"


GLOB = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=9
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(st.lists(GLOB, max_size=3).map(tuple), st.dictionaries(GLOB, GLOB, max_size=2))
async def test_any_glob_survives_the_archive(
    archive: Archive, globs: tuple[str, ...], tags: dict[str, str]
) -> None:
    match = Match(descriptions=globs, tags={key: (value,) for key, value in tags.items()})
    added = await add(archive, match)
    async with archive.read() as tx:
        assert await fetch_silence(tx, int(added.id)) == replace(added, match=match)
