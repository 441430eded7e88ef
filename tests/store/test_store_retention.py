"""Retention: the old leaves whole, what is owed or stands stays."""

from datetime import datetime, timedelta

import pytest
from store_cases import (
    NOW,
    SECOND,
    SILENCED,
    alarm_of,
    clear_alarm,
    count_of,
    due,
    raise_alarm,
    register,
    remarked,
    rows_of,
    settle,
)

from alarmbridge.core.delivery import DeliveryState
from alarmbridge.core.holds import word_hold
from alarmbridge.store.archive import Archive
from alarmbridge.store.blind_spells import SpellKind, close_spell, open_spell
from alarmbridge.store.configurations import add_configuration, note_unchanged
from alarmbridge.store.retention import prune, prune_all

LATER = NOW + timedelta(days=1)


@pytest.fixture(autouse=True)
async def _known(archive: Archive) -> None:
    await register(archive, "sbc-1")


async def pruned(archive: Archive, before: datetime = LATER, limit: int = 1000) -> int:
    async with archive.begin() as tx:
        return (await prune(tx, before, limit)).alarms


async def closed(archive: Archive, number: int, **how: object) -> None:
    alarm = await raise_alarm(archive, alarm_of(number), states=DeliveryState.DROPPED)
    await clear_alarm(archive, alarm, states=DeliveryState.DROPPED, **how)


async def test_an_old_alarm_leaves_with_all_about_it(archive: Archive) -> None:
    await closed(archive, 1)

    assert await pruned(archive) == 1

    assert [await count_of(archive, t) for t in ("alarms", "events", "deliveries")] == [0, 0, 0]


async def test_what_befell_its_deliveries_leaves_with_them_and_no_other_remark(
    archive: Archive,
) -> None:
    await clear_alarm(archive, await raise_alarm(archive, alarm_of(1), terms={"hold": SILENCED}))
    standing = await raise_alarm(archive, alarm_of(2), terms={"hold": SILENCED})
    for sink in ("incidents", "chat"):
        for _ in ("raised", "cleared"):
            (head, *_) = await due(archive, sink, now=LATER)
            assert head.alarm_id == "sbc-1/1"
            await settle(archive, head)
    assert await count_of(archive, "delivery_remarks") == 4

    assert await pruned(archive) == 1

    assert await remarked(archive, standing) == [word_hold(SILENCED)] * 2
    assert await count_of(archive, "delivery_remarks") == 2


async def test_active_and_recent_alarms_stay(archive: Archive) -> None:
    await raise_alarm(archive, alarm_of(1), states=DeliveryState.DROPPED)
    await closed(archive, 2, now=LATER)

    assert await pruned(archive) == 0

    assert await count_of(archive, "alarms") == 2


async def test_what_is_still_owed_stays_until_it_is_settled(archive: Archive) -> None:
    await clear_alarm(archive, await raise_alarm(archive, alarm_of(1), sinks=()), sinks=("chat",))
    await closed(archive, 2)
    assert await pruned(archive) == 1
    assert [row.id for row in await rows_of(archive, "SELECT id FROM alarms")] == ["sbc-1/1"]

    await settle(archive, *await due(archive, "chat"))

    assert await pruned(archive) == 1


async def test_the_oldest_leave_first_and_a_portion_at_a_time(archive: Archive) -> None:
    for number in (3, 1, 2):
        await closed(archive, number, now=NOW + number * SECOND)

    assert await pruned(archive, limit=2) == 2

    assert [row.id for row in await rows_of(archive, "SELECT id FROM alarms")] == ["sbc-1/3"]
    assert [await pruned(archive, limit=2) for _ in range(2)] == [1, 0]


async def test_old_blind_spells_leave_and_lasting_ones_stay(archive: Archive) -> None:
    async with archive.begin() as tx:
        await open_spell(tx, "sbc-1", kind=SpellKind.LOGIN, since=NOW, reason="")
        await close_spell(tx, "sbc-1", until=NOW)
        await open_spell(tx, "sbc-1", kind=SpellKind.UNREACHABLE, since=NOW, reason="")

    await pruned(archive)

    assert [row.kind for row in await rows_of(archive, "SELECT kind FROM blind_spells")] == [
        "unreachable"
    ]


async def test_a_configuration_leaves_that_was_long_not_found_so(archive: Archive) -> None:
    for text in ("A = 1", "A = 2"):
        async with archive.begin() as tx:
            await add_configuration(tx, "sbc-1", text, reason="schedule", now=NOW, keep=9)
    (_, last) = await rows_of(archive, "SELECT id FROM configurations ORDER BY id")
    async with archive.begin() as tx:
        await note_unchanged(tx, last.id, now=LATER)

    await pruned(archive)

    assert await rows_of(archive, "SELECT id FROM configurations") == [last]


async def test_all_that_is_old_leaves_in_as_many_portions_as_it_takes(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alarmbridge.store.retention.MOST", 2)
    for number in range(3):
        await closed(archive, number)
    for _ in range(7):
        async with archive.begin() as tx:
            await open_spell(tx, "sbc-1", kind=SpellKind.LOGIN, since=NOW, reason="")
            await close_spell(tx, "sbc-1", until=NOW)

    assert await prune_all(archive, LATER) == 3

    assert [await count_of(archive, t) for t in ("alarms", "blind_spells")] == [0, 0]


async def test_positions_of_events_are_never_given_out_again(archive: Archive) -> None:
    await closed(archive, 1)
    (before,) = await rows_of(archive, "SELECT max(position) AS latest FROM events")
    await pruned(archive)
    await raise_alarm(archive, alarm_of(2))

    (after,) = await rows_of(archive, "SELECT min(position) AS first FROM events")
    assert after.first > before.latest
