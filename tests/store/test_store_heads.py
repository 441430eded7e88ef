"""The flag on heads: right after any sequence of doings, and between two that meet."""

import asyncio
import random

import pytest
from sqlalchemy import text
from store_cases import (
    NOW,
    SECOND,
    SINKS,
    alarm_of,
    change_alarm,
    clear_alarm,
    due,
    hold,
    raise_alarm,
    register,
    rows_of,
    settle,
)

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.delivery import Delivery, DeliveryState, Outcome
from alarmbridge.store.archive import Archive
from alarmbridge.store.holds import review
from alarmbridge.store.lanes import record
from alarmbridge.store.replay import replay

DOINGS = ("raise", "change", "change", "clear", "take", "take", "land", "land", "replay")
STATES = (DeliveryState.DELIVERED, DeliveryState.DEAD, DeliveryState.PENDING)


async def assert_heads_are_right(archive: Archive) -> None:
    flagged = await rows_of(archive, "SELECT id FROM deliveries WHERE head ORDER BY id")
    first = await rows_of(
        archive,
        "SELECT min(id) AS id FROM deliveries WHERE state = 'pending'"
        " GROUP BY sink, alarm_id ORDER BY 1",
    )
    assert [row.id for row in flagged] == [row.id for row in first]


@pytest.mark.parametrize("seed", range(3))
async def test_the_first_pending_is_the_head_whatever_is_done(archive: Archive, seed: int) -> None:
    await register(archive, "sbc-1")
    dice = random.Random(seed)
    standing: list[Alarm] = []
    flying: list[Delivery] = []
    for step in range(50):
        match dice.choice(DOINGS):
            case "raise":
                state = dice.choice((DeliveryState.PENDING, DeliveryState.DROPPED))
                standing.append(await raise_alarm(archive, alarm_of(step), states=state))
            case "change" if standing:
                place = dice.randrange(len(standing))
                standing[place] = await change_alarm(archive, standing[place], f"at {step}")
            case "clear" if standing:
                await clear_alarm(archive, standing.pop(dice.randrange(len(standing))))
            case "take":
                flying += await due(archive, dice.choice(SINKS), limit=2)
            case "land" if flying:
                landed = flying.pop(dice.randrange(len(flying)))
                await settle(archive, landed, state=dice.choice(STATES), next_at=NOW)
            case "replay":
                ids = [row.id for row in await rows_of(archive, "SELECT id FROM deliveries")]
                async with archive.begin() as tx:
                    await replay(tx, dice.sample(ids, min(3, len(ids))), now=NOW)
        await assert_heads_are_right(archive)


async def test_a_follower_stored_while_its_head_settles_becomes_the_head(
    archive: Archive,
) -> None:
    await register(archive, "sbc-1")
    alarm = await raise_alarm(archive, alarm_of(1), sinks=("incidents",))
    (raised,) = await due(archive)
    delivered = Outcome(
        delivery_id=raised.id, state=DeliveryState.DELIVERED, attempts=1, at=NOW + SECOND
    )

    async with archive.begin() as tx:
        await record(tx, [delivered])
        follower = asyncio.create_task(clear_alarm(archive, alarm, sinks=("incidents",)))
        await asyncio.wait([follower], timeout=0.1)
    await follower

    assert [one.kind for one in await due(archive)] == ["cleared"]
    await assert_heads_are_right(archive)


async def test_a_head_that_settles_while_its_follower_is_stored_promotes_it(
    archive: Archive,
) -> None:
    await register(archive, "sbc-1")
    alarm = await raise_alarm(archive, alarm_of(1), sinks=("incidents",))
    (raised,) = await due(archive)

    await asyncio.gather(clear_alarm(archive, alarm, sinks=("incidents",)), settle(archive, raised))

    assert [one.kind for one in await due(archive)] == ["cleared"]
    await assert_heads_are_right(archive)


async def test_a_lane_that_settles_what_a_recorder_reviews_waits_for_it(archive: Archive) -> None:
    # The recorder has written the alarm; the lane locks the alarm's delivery and waits for the
    # alarm; the recorder reviews that delivery. Nobody may wait for each other.
    await register(archive, "sbc-1")
    alarm = await raise_alarm(archive, alarm_of(1), sinks=("incidents",))
    (raised,) = await due(archive)
    await hold(archive, raised)

    async with archive.begin() as tx:
        await tx.execute(text("UPDATE alarms SET revision = 2"))
        lane = asyncio.create_task(settle(archive, raised))
        await asyncio.wait([lane], timeout=0.1)
        await review(tx, [(alarm.id, "incidents")], now=NOW)

    assert await lane == 1
