"""Obligations: what is owed on which terms, and what waits first."""

from datetime import datetime

import pytest
from sqlalchemy import select
from store_cases import (
    NOW,
    SECOND,
    SILENCED,
    alarm_of,
    change_alarm,
    clear_alarm,
    due,
    held_of,
    raise_alarm,
    register,
    remarked,
    rows_of,
    save,
    settle,
)

from alarmbridge.core.delivery import DeliveryState
from alarmbridge.core.event import tell_changed, tell_raised
from alarmbridge.core.holds import word_hold
from alarmbridge.core.severity import Severity
from alarmbridge.store.archive import Archive
from alarmbridge.store.tables import deliveries

LATER = SILENCED.until


@pytest.fixture(autouse=True)
async def _known(archive: Archive) -> None:
    await register(archive, "sbc-1")


async def due_times(archive: Archive) -> list[datetime]:
    """When each pending delivery to incidents may go, in the order they were made."""
    statement = select(deliveries.c.next_at).where(
        deliveries.c.sink == "incidents", deliveries.c.state == DeliveryState.PENDING.value
    )
    async with archive.read() as tx:
        return [row.next_at for row in (await tx.execute(statement.order_by(deliveries.c.id))).rows]


async def test_what_must_wait_is_held_from_the_start_and_says_so(archive: Archive) -> None:
    alarm = await raise_alarm(archive, alarm_of(1), terms={"hold": SILENCED}, sinks=("incidents",))
    assert await due(archive) == ()
    (held,) = await due(archive, now=LATER)
    assert (held.held, held.reason, held.created_at) == (SILENCED, SILENCED.reason, NOW)
    assert await remarked(archive, alarm) == [word_hold(SILENCED)]


async def test_each_held_delivery_has_a_remark_of_its_own_and_no_other_has(
    archive: Archive,
) -> None:
    first = await raise_alarm(archive, alarm_of(1), terms={"hold": SILENCED})
    second = await raise_alarm(archive, alarm_of(2))
    assert await remarked(archive, first) == [word_hold(SILENCED)] * 2
    assert await remarked(archive, second) == []
    rows = await rows_of(archive, "SELECT DISTINCT delivery_id FROM delivery_remarks")
    assert len(rows) == 2


async def test_note_and_credential_are_kept_with_what_is_owed(archive: Archive) -> None:
    terms = {"note": "flapping: raised 3 times", "credential": "canary"}
    await raise_alarm(archive, alarm_of(1), terms=terms)
    for sink in ("incidents", "chat"):
        (owed,) = await due(archive, sink)
        assert (owed.note, owed.credential) == ("flapping: raised 3 times", "canary")


async def test_a_held_raise_is_the_head_that_its_clear_waits_for(archive: Archive) -> None:
    alarm = await raise_alarm(archive, alarm_of(1), terms={"hold": SILENCED})
    await clear_alarm(archive, alarm)
    assert await due(archive) == ()
    (raised,) = await due(archive, now=LATER)
    await settle(archive, raised, state=DeliveryState.DROPPED)
    assert [one.kind for one in await due(archive)] == ["cleared"]


async def test_of_several_events_of_one_alarm_the_first_that_is_owed_is_the_head(
    archive: Archive,
) -> None:
    raised = tell_raised(alarm_of(1), sequence=1, now=NOW)
    changed = tell_changed(
        raised.alarm, previous_severity=Severity.MINOR, sequence=2, now=NOW + SECOND
    )
    await save(archive, await held_of(archive), raised, changed)
    (head,) = await due(archive)
    assert head.kind == "raised"


async def test_what_is_dropped_at_once_is_nobodys_head(archive: Archive) -> None:
    alarm = await raise_alarm(archive, alarm_of(1), states=DeliveryState.DROPPED)
    await change_alarm(archive, alarm, "worse")
    assert [one.kind for one in await due(archive)] == ["changed"]


async def test_an_event_that_may_free_what_is_held_has_it_judged_at_once(archive: Archive) -> None:
    alarm = await raise_alarm(archive, alarm_of(1), terms={"hold": SILENCED})
    await raise_alarm(archive, alarm_of(2), terms={"hold": SILENCED})
    await clear_alarm(
        archive, alarm, now=NOW + SECOND, sinks=(), reviewed=[(alarm.id, "incidents")]
    )
    assert await due_times(archive) == [NOW + SECOND, LATER]
    (held,) = await due(archive, now=NOW + SECOND)
    # It is still held by the same: only the lane says what becomes of it.
    assert (held.alarm_id, held.held) == (alarm.id, SILENCED)
    assert await due(archive, "chat", now=NOW + SECOND) == ()


async def test_a_review_hurries_nothing_that_waits_because_it_failed(archive: Archive) -> None:
    alarm = await raise_alarm(archive, alarm_of(1))
    await settle(archive, *await due(archive), state=DeliveryState.PENDING, next_at=LATER)
    await clear_alarm(archive, alarm, sinks=(), reviewed=[(alarm.id, "incidents")])
    assert await due_times(archive) == [LATER]
