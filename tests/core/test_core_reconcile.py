"""From what is held and what was read to what has happened: the hazards of a device, told whole."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from core_cases import (
    DOWN,
    MINUTE,
    NOON,
    NOW,
    SWITCHED,
    WIPED,
    alarm,
    decide,
    held,
    hold,
    mark,
    reading,
    settled,
    told,
    unsettled,
    well,
)

from alarmbridge.core.decision import Held
from alarmbridge.core.reading import Row, Settled, Unsettled
from alarmbridge.core.reconcile import identities_in, known_of
from alarmbridge.core.severity import Severity

CRITICAL: dict[str, Any] = {"severity": Severity.CRITICAL}
WORSE = "Trunk is worse"
EMPTY = held(read_at=None)
STOOD = replace(hold(EMPTY, decide(EMPTY, settled([reading("1")], [reading("r1")]))), read_at=NOON)
"""One alarm stands, and its raise row is dealt with; read last at noon."""


def test_the_first_read_raises_what_stands_and_what_came_and_went() -> None:
    history = [reading("r1", "Fan stands still"), well("r2"), reading("r3", second=30)]
    decision = decide(EMPTY, settled([reading("1", second=30)], history))
    assert told(decision) == [
        "raised Fan stands still",
        "cleared Fan stands still",
        "raised " + DOWN,
    ]
    assert [event.alarm.transient for event in decision.events] == [True, True, False]
    assert (decision.gap, decision.remarks) == (None, ())


def test_the_same_read_again_is_silent() -> None:
    assert decide(STOOD, settled([reading("1")], [reading("r1")])).empty
    assert decide(STOOD, settled([Row("1", DOWN)], [Row("r1", DOWN)])).empty


def test_what_is_decided_follows_from_what_was_read_alone() -> None:
    snapshot = settled([], [reading("r1"), well("r2")])
    assert decide(STOOD, snapshot) == decide(STOOD, snapshot)


def test_a_clear_between_two_polls_is_told_with_its_row() -> None:
    decision = decide(STOOD, settled([], [Row("r1", DOWN), well("r2")]))
    assert told(decision) == ["cleared " + DOWN]
    assert decision.events[0].alarm.clear_row == "r2"


def test_an_alarm_that_came_and_went_between_two_polls_is_told() -> None:
    history = [Row("r1", DOWN), reading("r2", "Fan stands still", 30, oid="1.11")]
    history.append(well("r3", 31, oid="1.11"))
    decision = decide(STOOD, settled([Row("1", DOWN)], history))
    assert told(decision) == ["raised Fan stands still", "cleared Fan stands still"]


def test_what_is_told_before_its_row_is_read_is_completed_without_another_event() -> None:
    gone = hold(STOOD, decide(STOOD, settled([], [Row("r1", DOWN)])))
    late = decide(gone, settled([], [Row("r1", DOWN), well("r2")]))
    assert (late.events, [one.clear_row for one in late.evidence]) == ((), ["r2"])


def test_a_raise_row_that_comes_late_is_no_other_alarm() -> None:
    before = hold(EMPTY, decide(EMPTY, settled([reading("1")])))
    late = decide(before, settled([Row("1", DOWN)], [reading("r1")]))
    assert (late.events, [one.raise_row for one in late.evidence]) == ((), ["r1"])


def test_a_change_and_evidence_of_one_alarm_are_stored_once() -> None:
    before = hold(EMPTY, decide(EMPTY, settled([reading("1")])))
    decision = decide(before, settled([reading("1", WORSE)], [reading("r1")]))
    assert (told(decision), decision.evidence) == (["changed " + WORSE], ())
    assert decision.events[0].alarm.raise_row == "r1"


def test_an_escalation_is_one_change_however_it_is_read() -> None:
    worse = reading("1", WORSE, 20, **CRITICAL)
    rows = [Row("r1", DOWN), well("r2"), replace(worse, id="r3")]
    for first in (settled, unsettled):
        decision = decide(STOOD, first([worse], rows))
        assert told(decision) == ["changed " + WORSE]
        again = decide(hold(STOOD, decision), settled([worse], rows))
        assert again.events == ()


def test_an_escalation_read_too_early_is_told_whole_by_the_next_read() -> None:
    rows = [Row("r1", DOWN), well("r2"), reading("r3", WORSE, 20, **CRITICAL)]
    early = decide(STOOD, unsettled([], rows, gone=frozenset({"1"})))
    assert told(early) == []
    later = decide(hold(STOOD, early), settled([reading("2", WORSE, 20, **CRITICAL)], rows))
    assert told(later) == ["changed " + WORSE]


def test_an_escalation_of_what_may_find_its_raise_row_yet_is_a_clear_and_a_raise() -> None:
    # Its list is read, it is reworded, its details are read, and nothing of the history: it
    # stands in other words than its raise row. It gets worse. The next read reaches that row and
    # the clear behind it, but not the worse raise: the row waits, since an unread one may be
    # nearer. Had it gone on as the worse one, it could not have claimed the row any more.
    rows = [reading("r1"), well("r2"), reading("r3", WORSE, 20, **CRITICAL)]
    first = decide(EMPTY, unsettled([reading("1", "Trunk flaps")], [Row("r1", DOWN)]))
    early = hold(EMPTY, first, settled=False)
    worse = reading("2", WORSE, 20, **CRITICAL)
    begun = unsettled([worse], [*rows[:2], Row("r3", WORSE)], gone=frozenset({"1"}))
    second = decide(early, begun)
    assert (told(first), told(second)) == (
        ["raised Trunk flaps"],
        ["cleared Trunk flaps", "raised " + WORSE],
    )
    later = decide(hold(early, second, settled=False), settled([Row("2", WORSE)], rows))
    assert later.events == ()
    assert {one.raise_row for one in later.evidence} == {"r1", "r3"}


def test_an_escalation_of_what_a_torn_list_showed_no_raise_row_for_is_a_clear_and_a_raise() -> None:
    # Its raise row was torn from the history when it was raised, and again when it got worse.
    rows = [reading("r1"), well("r2"), reading("r3", WORSE, 20, **CRITICAL)]
    early = hold(EMPTY, decide(EMPTY, unsettled([reading("1")])), settled=False)
    worse = reading("2", WORSE, 20, **CRITICAL)
    torn = decide(early, unsettled([worse], rows[1:], gone=frozenset({"1"})))
    assert told(torn) == ["cleared " + DOWN, "raised " + WORSE]
    assert decide(hold(early, torn, settled=False), settled([worse], rows)).events == ()


def test_an_escalation_of_what_has_no_raise_row_any_more_is_one_change() -> None:
    # It stood for longer than the history reaches back, which a settled read has shown.
    long = hold(EMPTY, decide(EMPTY, settled([reading("1")])))
    worse = reading("2", WORSE, 20, **CRITICAL)
    rows = [well("r2"), reading("r3", WORSE, 20, **CRITICAL)]
    decision = decide(long, unsettled([worse], rows, gone=frozenset({"1"})))
    assert told(decision) == ["changed " + WORSE]


def test_ids_that_came_back_with_other_content_tell_of_a_restart() -> None:
    decision = decide(STOOD, unsettled([reading("1", "Fan stands still", 99, oid="1.11")]))
    assert told(decision) == ["cleared " + DOWN, "raised Fan stands still"]
    assert decision.events[0].alarm.clear_reason == "device_restart"


def test_a_clear_of_an_alarm_that_nobody_saw_is_remarked_once() -> None:
    rows = [Row("r1", DOWN), *(well(f"r{n}", oid="1.11") for n in range(2, 9))]
    decision = decide(STOOD, settled([Row("1", DOWN)], rows))
    assert decision.remarks == (
        "7 history rows clear alarms that were never seen (r2, r3, r4, r5, r6 …)",
    )
    again = decide(hold(STOOD, decision), settled([Row("1", DOWN)], rows))
    assert (again.empty, again.remarks) == (True, ())


# What a read may not be believed in


@pytest.mark.parametrize(
    "snapshot", [unsettled([], [Row("r1", DOWN)]), settled([], [Row("r1", DOWN)], complete=False)]
)
def test_a_full_or_unsettled_list_clears_nothing_by_what_it_lacks(
    snapshot: Settled | Unsettled,
) -> None:
    assert decide(STOOD, snapshot).empty


def test_a_waiting_row_is_not_marked_and_tells_at_the_next_read() -> None:
    rows = [Row("r1", DOWN), well("r2")]
    first = decide(STOOD, unsettled([Row("1", DOWN)], rows))
    assert first.empty
    assert told(decide(hold(STOOD, first), settled([], rows))) == ["cleared " + DOWN]


def test_a_row_that_was_not_read_yet_is_told_by_a_later_read() -> None:
    rows = [Row("r1", DOWN), Row("r2", "Fan stands still")]
    first = decide(STOOD, unsettled([Row("1", DOWN)], rows))
    assert first.empty
    rows[1] = reading("r2", "Fan stands still", 30, oid="1.11")
    later = decide(hold(STOOD, first), settled([Row("1", DOWN)], rows))
    assert told(later) == ["raised Fan stands still", "cleared Fan stands still"]


# A full table


NEWCOMER = reading("r2", "Fan stands still", 30, oid="1.11")
FAN_WELL = well("r3", 40, "Fan turns", oid="1.11")


def crowded() -> Held:
    """Hold an alarm that stands and a newcomer that the full table never listed."""
    snapshot = settled([Row("1", DOWN)], [Row("r1", DOWN), NEWCOMER], complete=False)
    return hold(STOOD, decide(STOOD, snapshot))


def test_a_full_tables_unlisted_newcomer_is_raised_and_stands() -> None:
    assert [one.description for one in crowded().active] == [DOWN, "Fan stands still"]
    assert crowded().active[1].device_alarm_id is None


def test_a_full_tables_unlisted_newcomer_stands_until_its_clears_row() -> None:
    logged = replace(crowded(), marks=crowded().marks | {"r0": mark(well("r0"))})
    rows = [Row("r1", DOWN), Row("r2", "Fan stands still")]
    assert decide(logged, settled([Row("1", DOWN)], rows)).empty
    decision = decide(logged, settled([Row("1", DOWN)], [*rows, FAN_WELL]))
    assert told(decision) == ["cleared Fan stands still"]


def test_where_no_clear_has_rows_the_complete_list_clears_the_newcomer() -> None:
    rows = [Row("r1", DOWN), Row("r2", "Fan stands still")]
    assert told(decide(crowded(), settled([Row("1", DOWN)], rows))) == ["cleared Fan stands still"]


def test_a_newcomer_that_came_while_so_many_have_cleared_since_may_stand_unlisted() -> None:
    # Of the two that the table holds one has cleared since; with the newcomer it was full.
    other = reading("2", "Board is hot", 5, oid="1.12")
    before = hold(STOOD, decide(STOOD, settled([Row("1", DOWN), other], [Row("r1", DOWN)])))
    rows = [Row("r1", DOWN), NEWCOMER, well("r4", 50, oid="1.12")]
    snapshot = settled([Row("1", DOWN)], rows)
    assert told(decide(before, snapshot, active_table_size=3)) == [
        "raised Fan stands still",
        "cleared Board is hot",
    ]
    assert told(decide(before, snapshot, active_table_size=5)) == [
        "raised Fan stands still",
        "cleared Board is hot",
        "cleared Fan stands still",
    ]


def test_of_a_newcomer_without_an_oid_the_complete_list_is_believed() -> None:
    # Its clear's row might be taken for another's.
    rows = [Row("r1", DOWN), replace(NEWCOMER, oid=None), well("r4", 50, oid="1.12")]
    decision = decide(STOOD, settled([Row("1", DOWN)], rows), active_table_size=2)
    assert told(decision) == ["raised Fan stands still", "cleared Fan stands still"]


# Restarts


def test_after_a_reboot_what_is_listed_no_longer_is_cleared_for_that_reason() -> None:
    decision = decide(STOOD, settled(), restarted=WIPED)
    assert told(decision)[2:] == ["cleared " + DOWN]
    assert decision.events[2].alarm.clear_reason == "device_restart"


def test_after_a_reboot_what_is_gone_is_cleared_and_what_came_back_is_new() -> None:
    snapshot = settled([reading("1", second=200)], [reading("r1", second=200)])
    decision = decide(STOOD, snapshot, restarted=WIPED)
    assert told(decision)[2:] == ["cleared " + DOWN, "raised " + DOWN]
    assert decision.events[2].alarm.clear_reason == "device_restart"
    assert decision.restarted
    assert (decision.lost_marks, [one.id for one in decision.new_marks]) == (("r1",), ["r1"])


def test_after_a_reboot_a_gap_is_told_first_with_its_bounds() -> None:
    decision = decide(STOOD, settled(), restarted=WIPED, known_until=NOW - MINUTE)
    assert told(decision)[:2] == ["raised historyLost", "cleared historyLost"]
    assert decision.gap is not None
    assert (decision.gap.since, decision.gap.until) == (NOW - MINUTE, NOW)
    assert decision.gap.reason == (
        "Alarms of sbc-1 that came and went between 2026-01-01T12:59:00+00:00 and"
        " 2026-01-01T13:00:00+00:00 may be lost: it started anew (its uptime went down)."
    )
    assert decision.lost_marks == ("r1",)


def test_an_alarm_that_survived_a_reboot_by_its_date_is_still_the_same() -> None:
    decision = decide(STOOD, settled([reading("1")], [reading("r9")]), restarted=WIPED)
    assert told(decision) == ["raised historyLost", "cleared historyLost"]
    assert [one.raise_row for one in decision.evidence] == ["r9"]


def test_what_a_new_boots_history_says_of_alarms_from_before_is_not_believed() -> None:
    snapshot = settled([], [well("r1", 999)], complete=False)
    decision = decide(STOOD, snapshot, restarted=WIPED)
    assert told(decision) == ["raised historyLost", "cleared historyLost"]
    assert len(decision.remarks) == 1


@pytest.mark.parametrize("text", [DOWN, WORSE])
@pytest.mark.parametrize("second", [10, None])
def test_what_a_new_boot_raised_under_an_old_id_after_its_history_was_listed_is_told_once(
    text: str, second: float | None
) -> None:
    # Alarm 4 stands, then the device reboots, and the new boot's trunk goes down and up. Both
    # tables are listed. Only now the trunk goes down again, without a date, as alarm 4, and is
    # read: 4 is held and not listed, so it is asked for by its own URL. The history that was
    # listed before shows one raise of that trunk, and that is of the first time.
    before = held(alarm("4", "Fan stands still", oid="1.11"), read_at=NOON)
    first, stands = (reading("r1", text, second), well("r2", second)), reading("4", second=None)
    early = decide(before, unsettled([stands], first), restarted=WIPED)
    assert told(early)[2:] == ["cleared Fan stands still", "raised " + DOWN]
    assert early.new_marks == ()
    between = hold(before, early, settled=False)
    history = [*first, reading("r3", second=None)]
    for later in unsettled([stands], history), settled([stands], history):
        decision = decide(between, later)
        assert told(decision) == ["raised " + text, "cleared " + text]
        assert [one.raise_row for one in decision.evidence] == ["r3"]


def test_a_known_id_that_another_alarm_stands_under_tells_of_a_restart_to_the_history_too() -> None:
    before = held(alarm("4", "Fan stands still", oid="1.11"), read_at=NOON)
    decision = decide(before, unsettled([reading("4")], [reading("r1")]))
    assert told(decision) == ["cleared Fan stands still", "raised " + DOWN]
    assert decision.new_marks == ()


def test_a_restart_by_serial_number_keeps_what_both_units_share() -> None:
    snapshot = settled([reading("1")], [reading("r1"), NEWCOMER, FAN_WELL])
    decision = decide(STOOD, snapshot, restarted=SWITCHED)
    assert told(decision) == ["raised Fan stands still", "cleared Fan stands still"]
    assert (decision.gap, decision.restarted, decision.lost_marks) == (None, True, ())


def test_a_history_under_whose_ids_other_rows_stand_is_a_restart() -> None:
    other = reading("r1", "Fan stands still", 99, oid="1.11")
    decision = decide(STOOD, settled([reading("1")], [other]))
    assert told(decision)[:2] == ["raised historyLost", "cleared historyLost"]
    assert decision.restarted


def test_before_the_first_settled_read_a_restarts_gap_begins_when_the_device_was_added() -> None:
    added = held(read_at=None, first_seen_at=NOON)
    decision = decide(added, settled(), restarted=WIPED)
    assert decision.gap is not None
    assert decision.gap.since == NOON
    assert decide(added, settled([], [NEWCOMER]), history_table_size=1).gap is None
    assert decide(EMPTY, settled(), restarted=WIPED).gap is None


# Gaps


def test_no_anchor_left_is_a_gap_with_its_bounds() -> None:
    decision = decide(STOOD, settled([Row("1", DOWN)], [NEWCOMER, FAN_WELL]))
    assert told(decision) == [
        "raised historyLost",
        "cleared historyLost",
        "raised Fan stands still",
        "cleared Fan stands still",
    ]
    assert decision.gap is not None
    assert (decision.gap.since, decision.gap.until) == (NOON, NOW)
    assert decision.gap.reason.endswith(
        "its history table no longer holds any row that was read before."
    )


def test_a_gap_is_declared_once() -> None:
    snapshot = settled([Row("1", DOWN)], [NEWCOMER, FAN_WELL])
    before = decide(STOOD, snapshot)
    assert before.lost_marks == ("r1",)
    assert decide(hold(STOOD, before), snapshot).empty


def test_what_an_unsettled_list_lacks_is_no_gap_unless_the_rows_own_url_says_so_too() -> None:
    rows = [NEWCOMER, FAN_WELL]
    doubtful = decide(STOOD, unsettled([Row("1", DOWN)], rows))
    assert (doubtful.gap, doubtful.lost_marks) == (None, ())
    assert decide(STOOD, unsettled([Row("1", DOWN)], rows, anchor_gone=True)).gap is not None


def test_a_gap_that_a_torn_read_declared_is_not_declared_again_by_the_next_whole_one() -> None:
    # The table turns over and goes on moving while it is read, so the gap is told by a read that
    # does not settle. The next one settles: the table is full, and shows what that one showed.
    rows = [NEWCOMER, FAN_WELL]
    torn = unsettled([Row("1", DOWN)], rows, anchor_gone=True)
    before = decide(STOOD, torn, history_table_size=2)
    assert before.gap is not None
    whole = settled([Row("1", DOWN)], rows)
    assert decide(hold(STOOD, before), whole, history_table_size=2).gap is None


def test_a_history_that_fills_while_nothing_is_known_is_a_gap() -> None:
    before = held(read_at=NOW - timedelta(hours=2))
    rows = [NEWCOMER, FAN_WELL]
    assert decide(before, settled([], rows), history_table_size=2).gap is not None
    assert decide(before, settled([], rows), history_table_size=3).gap is None


def test_after_a_gap_the_complete_list_is_believed_about_unlisted_alarms_again() -> None:
    # Their clears' rows may be among those that were overwritten.
    logged = replace(crowded(), marks=crowded().marks | {"r0": mark(well("r0"))})
    decision = decide(logged, settled([Row("1", DOWN)], [well("r9", 70, oid="1.13")]))
    assert told(decision)[2:] == ["cleared Fan stands still"]


# What a read need not ask


def test_only_news_is_read_whole() -> None:
    known = known_of(replace(STOOD, newest_last=True), restarted=False, verify=False)
    assert (known.active, known.history) == ({"1": DOWN}, {"r1": DOWN})
    assert (known.newest_last, known.verify) == (True, False)
    assert known_of(STOOD, restarted=False, verify=True).verify


def test_what_has_no_id_of_its_own_cannot_be_asked_for() -> None:
    assert known_of(held(alarm(None)), restarted=False, verify=False).active == {}


def test_after_a_restart_all_is_verified_and_nothing_in_the_history_is_known() -> None:
    known = known_of(STOOD, restarted=True, verify=False)
    assert (known.active, known.history, known.verify) == ({"1": DOWN}, {}, True)


def test_every_identity_that_a_new_alarm_may_get_is_counted_beforehand() -> None:
    snapshot = settled([reading("1")], [reading("r1"), NEWCOMER, FAN_WELL])
    counted = identities_in("sbc-1", snapshot)
    assert len(counted) == 8
    before = decide(EMPTY, snapshot, occurrences=dict.fromkeys(counted, 1))
    ids = {event.alarm.id for event in decide(EMPTY, snapshot).events}
    assert not ids & {event.alarm.id for event in before.events}
