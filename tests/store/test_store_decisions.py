"""Decisions: stored whole, once, and only upon what they were made from."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from store_cases import (
    NOW,
    SECOND,
    alarm_of,
    change_alarm,
    clear_alarm,
    count_of,
    held_of,
    raise_alarm,
    register,
    rows_of,
    save,
)

from alarmbridge.core.alarm import ClearReason, State
from alarmbridge.core.decision import Gap, HistoryMark
from alarmbridge.core.delivery import DeliveryState
from alarmbridge.core.device_time import parse_device_time
from alarmbridge.core.errors import StaleClaim
from alarmbridge.core.event import tell_changed, tell_cleared, tell_raised
from alarmbridge.core.severity import Severity
from alarmbridge.store.alarms import fetch_alarm
from alarmbridge.store.archive import Archive
from alarmbridge.store.blind_spells import list_spells
from alarmbridge.store.held import count_identities


@pytest.fixture(autouse=True)
async def _known(archive: Archive) -> None:
    await register(archive, "sbc-1")


async def test_what_was_raised_is_held(archive: Archive) -> None:
    alarm = await raise_alarm(archive, alarm_of(1))

    held = await held_of(archive)

    assert held.active == (replace(alarm, recorded_at=NOW),)
    assert held.sequence == 1


async def test_the_same_decision_twice_is_stored_once(archive: Archive) -> None:
    held = await held_of(archive)
    told = tell_raised(alarm_of(1), sequence=1, now=NOW)
    await save(archive, held, told)

    with pytest.raises(StaleClaim, match=r"sbc-1 is no longer at event 0: .* load it again"):
        await save(archive, held, told)

    assert [await count_of(archive, t) for t in ("alarms", "events", "deliveries")] == [1, 1, 2]


async def test_a_lost_race_leaves_the_transaction_usable(archive: Archive) -> None:
    await register(archive, "sbc-1", "sbc-2")
    stale = await held_of(archive)
    await raise_alarm(archive, alarm_of(1))
    other = await held_of(archive, "sbc-2")

    with pytest.raises(StaleClaim):
        await save(archive, stale, tell_raised(alarm_of(9), sequence=1, now=NOW))
    await save(archive, other, tell_raised(alarm_of(2, "sbc-2"), sequence=1, now=NOW))

    assert [row.id for row in await rows_of(archive, "SELECT id FROM alarms ORDER BY id")] == [
        "sbc-1/1",
        "sbc-2/2",
    ]


async def test_an_error_in_the_transaction_leaves_nothing_of_it(archive: Archive) -> None:
    held = await held_of(archive)
    broken = replace(tell_raised(alarm_of(1), sequence=1, now=NOW), at=datetime(2026, 1, 1))  # noqa: DTZ001 - without a zone

    with pytest.raises(Exception, match="no zone"):
        await save(archive, held, broken)

    assert await count_of(archive, "alarms") == 0
    assert (await held_of(archive)).sequence == 0


async def test_an_alarm_with_several_events_is_stored_as_it_is_in_the_end(
    archive: Archive,
) -> None:
    held = await held_of(archive)
    raised = tell_raised(alarm_of(1), sequence=1, now=NOW)
    worse = tell_changed(
        replace(raised.alarm, severity=Severity.CRITICAL),
        previous_severity=Severity.MAJOR,
        sequence=2,
        now=NOW,
    )
    closed = replace(worse.alarm, state=State.CLEARED, clear_reason=ClearReason.DEVICE)
    cleared = tell_cleared(closed, sequence=3, now=NOW)

    await save(archive, held, raised, worse, cleared)

    async with archive.read() as tx:
        stored = await fetch_alarm(tx, raised.alarm.id)
    assert stored == replace(cleared.alarm, recorded_at=NOW)
    assert await count_of(archive, "events") == 3


async def test_recorded_at_is_when_the_raise_was_committed(archive: Archive) -> None:
    alarm = await raise_alarm(archive, alarm_of(1), now=NOW + SECOND)
    await change_alarm(archive, alarm, "Trunk 1 is still down", now=NOW + 9 * SECOND)

    (held,) = (await held_of(archive)).active

    assert (held.description, held.recorded_at) == ("Trunk 1 is still down", NOW + SECOND)


async def test_the_identity_is_that_of_the_raise_whatever_comes_after(archive: Archive) -> None:
    held = await held_of(archive)
    raised = tell_raised(alarm_of(1), sequence=1, now=NOW)
    escalated = tell_changed(
        replace(raised.alarm, device_date=parse_device_time("2026-11-23T21:09:00Z")),
        previous_severity=Severity.MAJOR,
        sequence=2,
        now=NOW,
    )
    await save(archive, held, raised, escalated)
    await change_alarm(archive, replace(escalated.alarm, source="Board#7"), "other words")

    (row,) = await rows_of(archive, "SELECT identity, source FROM alarms")
    async with archive.read() as tx:
        counts = await count_identities(tx, {row.identity, "unknown"})
    assert counts == {row.identity: 1, "unknown": 0}
    await raise_alarm(archive, alarm_of(1, id="another occurrence"))
    (again,) = await rows_of(archive, "SELECT count(*) AS alarms FROM alarms GROUP BY identity")
    assert again.alarms == 2


async def test_what_is_learnt_without_an_event_is_stored(archive: Archive) -> None:
    alarm = await clear_alarm(archive, await raise_alarm(archive, alarm_of(1)))
    held = await held_of(archive)
    assert [loose.id for loose in held.loose] == [alarm.id]
    learnt = replace(
        held.loose[0], raise_row="76", clear_row="77", clear_description="Trunk 1 is up"
    )

    await save(archive, held, evidence=(learnt,))

    assert (await held_of(archive)).loose == ()
    async with archive.read() as tx:
        assert await fetch_alarm(tx, alarm.id) == learnt
    assert await count_of(archive, "events") == 2


async def test_marks_are_entered_made_firm_renewed_and_forgotten(archive: Archive) -> None:
    old, soft, reused = (
        HistoryMark("1", "a", firm=True, date="2026-11-23T21:00:00Z"),
        HistoryMark("2", "b", firm=False),
        HistoryMark("3", "c", firm=True),
    )
    await save(archive, await held_of(archive), new_marks=(old, soft, reused))
    new = (replace(soft, firm=True), replace(reused, description="after the restart"))

    await save(archive, await held_of(archive), new_marks=new, lost_marks=("1", "3"))

    assert (await held_of(archive)).marks == {"2": new[0], "3": new[1]}


async def test_a_gap_is_a_blind_spell_with_its_bounds(archive: Archive) -> None:
    gap = Gap(since=NOW - timedelta(hours=1), until=NOW, reason="its history was overwritten")

    await save(archive, await held_of(archive), gap=gap)

    async with archive.read() as tx:
        (spell,) = (await list_spells(tx)).items
    assert (spell.kind, spell.since, spell.until) == ("gap", gap.since, gap.until)
    assert spell.reason == gap.reason


async def test_an_empty_decision_does_not_even_look(archive: Archive) -> None:
    stale = replace(await held_of(archive), sequence=99)

    await save(archive, stale)


async def test_the_bridge_itself_has_a_place(archive: Archive) -> None:
    await raise_alarm(archive, alarm_of(1, device=""))

    assert (await held_of(archive, "")).sequence == 1


async def test_what_is_not_owed_is_stored_with_its_reason(archive: Archive) -> None:
    await raise_alarm(archive, alarm_of(1), states=DeliveryState.DROPPED)

    rows = await rows_of(archive, "SELECT DISTINCT state, head, settled_at FROM deliveries")
    assert [(row.state, bool(row.head)) for row in rows] == [("dropped", False)]
    assert rows[0].settled_at is not None


async def test_another_claim_refuses_the_write(archive: Archive) -> None:
    async with archive.begin() as tx:
        await tx.execute(text("UPDATE devices SET claim = 2 WHERE name = 'sbc-1'"))

    with pytest.raises(StaleClaim):
        await raise_alarm(archive, alarm_of(1))
