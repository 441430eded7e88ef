"""What is held of a device: all that a decision needs, and nothing of its neighbours."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from store_cases import (
    NOW,
    SECOND,
    alarm_of,
    clear_alarm,
    held_of,
    raise_alarm,
    register,
    save,
)

from alarmbridge.core.alarm import ClearReason, Origin, State
from alarmbridge.core.decision import HistoryMark
from alarmbridge.core.event import tell_cleared, tell_raised
from alarmbridge.store.archive import Archive


async def test_a_fresh_device_holds_nothing(archive: Archive) -> None:
    await register(archive, "sbc-1")

    held = await held_of(archive)

    assert (held.active, held.own, held.loose, held.marks) == ((), (), (), {})
    assert (held.sequence, held.read_at, held.newest_last) == (0, None, None)


async def test_active_alarms_come_oldest_first_without_the_bridges_own(archive: Archive) -> None:
    await register(archive, "sbc-1", "sbc-2")
    await raise_alarm(archive, alarm_of(2, seen_at=NOW + SECOND))
    await raise_alarm(archive, alarm_of(1))
    await raise_alarm(archive, alarm_of(3, origin=Origin.BRIDGE))
    await raise_alarm(archive, alarm_of(4, "sbc-2"))
    await clear_alarm(archive, await raise_alarm(archive, alarm_of(5)))

    held = await held_of(archive)

    assert [alarm.id for alarm in held.active] == ["sbc-1/1", "sbc-1/2"]
    assert [alarm.id for alarm in held.own] == ["sbc-1/3"]


async def test_loose_is_what_was_cleared_of_late_and_lacks_a_row(archive: Archive) -> None:
    await register(archive, "sbc-1")
    by_restart = {"clear_reason": ClearReason.DEVICE_RESTART}
    both = {"raise_row": "8", "clear_row": "9"}
    cases: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({}, {}),
        ({}, {"clear_row": "9"}),
        ({}, {"raise_row": "8"}),
        ({}, both),
        ({}, by_restart),
        ({"transient": True}, {}),
        ({"origin": Origin.BRIDGE}, {}),
    ]
    for number, (raised, closed) in enumerate(cases, start=1):
        alarm = await raise_alarm(archive, alarm_of(number, **raised))
        how = {"clear_reason": ClearReason.DEVICE} | closed
        held = await held_of(archive)
        after = replace(alarm, state=State.CLEARED, **how)
        await save(archive, held, tell_cleared(after, sequence=held.sequence + 1, now=NOW))

    loose = {alarm.id for alarm in (await held_of(archive)).loose}
    assert loose == {"sbc-1/1", "sbc-1/2", "sbc-1/3"}
    later = await held_of(archive, now=NOW + timedelta(hours=1, seconds=1))
    assert later.loose == ()


async def test_of_many_loose_the_latest_are_held_oldest_first(archive: Archive) -> None:
    await register(archive, "sbc-1")
    alarms = [alarm_of(number) for number in range(210)]
    raised = [tell_raised(alarm, sequence=1 + at, now=NOW) for at, alarm in enumerate(alarms)]
    await save(archive, await held_of(archive), *raised, sinks=())
    for start in (0, 105):
        held = await held_of(archive)
        closed = [
            replace(event.alarm, state=State.CLEARED, clear_reason=ClearReason.DEVICE)
            for event in raised[start : start + 105]
        ]
        told = [
            tell_cleared(alarm, sequence=held.sequence + 1 + at, now=NOW)
            for at, alarm in enumerate(closed)
        ]
        await save(archive, held, *told, sinks=(), now=NOW + start * SECOND)

    loose = [alarm.id for alarm in (await held_of(archive)).loose]

    assert len(loose) == 200
    assert set(loose[95:]) == {alarm.id for alarm in alarms[105:]}


async def test_marks_keep_odd_texts_and_dates(archive: Archive) -> None:
    await register(archive, "sbc-1")
    mark = HistoryMark("ид 'x\"", "línea\n\t☎ \U0001f4a9", firm=True, date=" ?? ", clears=True)

    await save(archive, await held_of(archive), new_marks=(mark, mark))

    assert (await held_of(archive)).marks == {mark.id: mark}
