"""Acknowledgements: who saw an alarm first, while it stands; and alarms by how their id begins."""

from datetime import datetime

import pytest
from sqlalchemy import select
from store_cases import NOW, SECOND, alarm_of, change_alarm, clear_alarm, raise_alarm, register

from alarmbridge.store.acknowledgements import acknowledge, find_alarms, withdraw
from alarmbridge.store.archive import Archive
from alarmbridge.store.tables import alarms

ALARM = "sbc-1/1"


@pytest.fixture(autouse=True)
async def _known(archive: Archive) -> None:
    await register(archive, "sbc-1")


async def ack(archive: Archive, by: str = "noc", alarm_id: str = ALARM) -> bool:
    async with archive.begin() as tx:
        return await acknowledge(tx, alarm_id, by=by, now=NOW)


async def undo(archive: Archive, alarm_id: str = ALARM) -> bool:
    async with archive.begin() as tx:
        return await withdraw(tx, alarm_id)


async def acknowledged(archive: Archive) -> list[tuple[str, datetime]]:
    """By whom and when alarms were acknowledged."""
    statement = select(alarms.c.acknowledged_by, alarms.c.acknowledged_at)
    async with archive.read() as tx:
        rows = (await tx.execute(statement)).rows
    return [(by, at) for by, at in rows if by or at]


async def test_it_is_kept_who_saw_it_first_and_when(archive: Archive) -> None:
    await raise_alarm(archive, alarm_of(1))
    await raise_alarm(archive, alarm_of(2))
    assert await ack(archive, "ada")
    assert not await ack(archive, "bob")
    assert await acknowledged(archive) == [("ada", NOW)]


async def test_what_is_cleared_or_unknown_cannot_be_acknowledged(archive: Archive) -> None:
    await clear_alarm(archive, await raise_alarm(archive, alarm_of(1)))
    assert not await ack(archive)
    assert not await ack(archive, alarm_id="sbc-1/9")
    assert await acknowledged(archive) == []


async def test_it_is_taken_back_once_and_may_be_given_again(archive: Archive) -> None:
    await raise_alarm(archive, alarm_of(1))
    assert not await undo(archive)
    await ack(archive, "ada")
    assert [await undo(archive), await undo(archive)] == [True, False]
    assert await acknowledged(archive) == []
    assert await ack(archive, "bob")


async def test_it_stays_whatever_becomes_of_the_alarm(archive: Archive) -> None:
    alarm = await raise_alarm(archive, alarm_of(1))
    await ack(archive)
    await clear_alarm(archive, await change_alarm(archive, alarm, "worse", now=NOW + SECOND))
    assert await acknowledged(archive) == [("noc", NOW)]


async def test_alarms_are_found_by_how_their_ids_begin(archive: Archive) -> None:
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
