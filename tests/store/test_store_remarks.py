"""Remarks: what befell deliveries, in the order in which it did."""

import pytest
from store_cases import NOW, SECOND, alarm_of, due, raise_alarm, register

from alarmbridge.store.archive import Archive
from alarmbridge.store.remarks import Remark, remarks_on, save_remarks


@pytest.fixture(autouse=True)
async def _known(archive: Archive) -> None:
    await register(archive, "sbc-1")


async def test_remarks_come_back_in_the_order_they_were_made(archive: Archive) -> None:
    await raise_alarm(archive, alarm_of(1))
    (here,), (there,) = await due(archive), await due(archive, "chat")
    # A clock that was set back in between changes nothing.
    made = (
        Remark(here.id, NOW + SECOND, "attempt 1: HTTP 503"),
        Remark(there.id, NOW, "held"),
        Remark(here.id, NOW - SECOND, "attempt 2: ✆\n"),
    )
    async with archive.begin() as tx:
        await save_remarks(tx, made[:2])
        await save_remarks(tx, made[2:])
        await save_remarks(tx, ())
    async with archive.read() as tx:
        assert await remarks_on(tx, "sbc-1/1") == made


async def test_remarks_are_of_one_alarm(archive: Archive) -> None:
    for number in (1, 2):
        await raise_alarm(archive, alarm_of(number))
    first, second = await due(archive)
    async with archive.begin() as tx:
        await save_remarks(tx, [Remark(one.id, NOW, one.alarm_id) for one in (first, second)])
    async with archive.read() as tx:
        assert [remark.words for remark in await remarks_on(tx, "sbc-1/2")] == ["sbc-1/2"]
        assert await remarks_on(tx, "unknown") == ()
