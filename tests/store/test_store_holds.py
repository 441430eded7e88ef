"""Holds: what waits for one cause is let go, and nothing else."""

import asyncio
from datetime import datetime

import pytest
from sqlalchemy import bindparam, text, update
from store_cases import NOW, SECOND, alarm_of, due, raise_alarm, register

from alarmbridge.store.archive import Archive
from alarmbridge.store.column_types import Instant
from alarmbridge.store.holds import release_held, review, review_configured
from alarmbridge.store.tables import deliveries

LATER = NOW + 60 * SECOND
CAUSES = (
    "silence:7",
    "silence:71",
    "silence:config/silences/0011aabb",
    "silence:config/maintenance/night/2026-11-23T02:00:00Z",
    "flapping",
    None,
)
_HOLD = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("number"))
    .values(
        held_by=bindparam("cause"),
        held_until=bindparam("until", type_=Instant),
        next_at=bindparam("until", type_=Instant),
    )
)


@pytest.fixture(autouse=True)
async def _held(archive: Archive) -> None:
    """Deliveries 1 to 6, each held for another cause until later."""
    await register(archive, "sbc-1")
    for number in range(1, len(CAUSES) + 1):
        await raise_alarm(archive, alarm_of(number), sinks=("chat",))
    async with archive.begin() as tx:
        for number, cause in enumerate(CAUSES, 1):
            await tx.execute(_HOLD, {"number": number, "cause": cause, "until": LATER})


async def free(archive: Archive, now: datetime = NOW) -> list[int]:
    return sorted(one.id for one in await due(archive, "chat", now=now))


async def test_what_waits_for_one_cause_is_released_everywhere(archive: Archive) -> None:
    assert await free(archive) == []
    async with archive.begin() as tx:
        assert await release_held(tx, "silence:7", now=NOW) == 1
        assert await release_held(tx, "silence:8", now=NOW) == 0
    assert await free(archive) == [1]


async def test_what_waits_for_rules_or_silences_of_the_configuration_is_judged_anew(
    archive: Archive,
) -> None:
    async with archive.begin() as tx:
        assert await review_configured(tx, now=NOW) == 3
        assert await review_configured(tx, now=NOW) == 0
    assert await free(archive) == [3, 4, 5]


async def test_what_is_settled_waits_for_nothing(archive: Archive) -> None:
    async with archive.begin() as tx:
        await tx.execute(text("UPDATE deliveries SET state = 'dropped', head = (1 = 0)"))
        assert await review_configured(tx, now=NOW) == 0
        assert await release_held(tx, "silence:7", now=NOW) == 0


async def test_what_is_held_at_a_place_is_judged_anew(archive: Archive) -> None:
    async with archive.begin() as tx:
        await review(tx, [("sbc-1/5", "chat"), ("sbc-1/6", "chat"), ("sbc-1/1", "mail")], now=NOW)
    # The sixth is not held; it is tried again later because it failed.
    assert await free(archive) == [5]


async def test_what_is_released_while_a_recorder_reviews_it_waits_for_that(
    archive: Archive,
) -> None:
    # The recorder has written both alarms and reviewed the later one. The release takes the first
    # and waits for the second, which the recorder has; the recorder reviews the first.
    async with archive.begin() as tx:
        await tx.execute(_HOLD, {"number": 2, "cause": "silence:7", "until": LATER})
    async with archive.begin() as tx:
        await tx.execute(text("UPDATE alarms SET revision = 2"))
        await review(tx, [("sbc-1/2", "chat")], now=NOW)
        releasing = asyncio.create_task(release(archive, "silence:7"))
        await asyncio.wait([releasing], timeout=0.1)
        await review(tx, [("sbc-1/1", "chat")], now=NOW)

    assert await releasing == 2


async def release(archive: Archive, cause: str) -> int:
    async with archive.begin() as tx:
        return await release_held(tx, cause, now=NOW)
