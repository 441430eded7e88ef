"""The chronicle: what befell each alarm becomes facts, and facts become numbered events."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from core_cases import (
    DOWN,
    NOON,
    NOW,
    SECOND,
    UP,
    alarm,
    at,
    cleared,
    gone,
    held,
    lacking,
    match,
    reading,
    well,
)

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.chronicle import Chronicle, completed, identity_of_reading
from alarmbridge.core.decision import Gap
from alarmbridge.core.episode import Episode
from alarmbridge.core.event import KINDS, Changed
from alarmbridge.core.ids import alarm_id_of
from alarmbridge.core.matching import Matching
from alarmbridge.core.reading import Reading
from alarmbridge.core.severity import Severity

WORSE = "Trunk is worse"
LINK = "1.3.6.1.4.1.5003.9.10.1.21.2.0.10"
CRITICAL = {"severity": Severity.CRITICAL}


def chronicle(
    *active: Alarm, occurrences: Mapping[str, int] | None = None, restarted: bool = False
) -> Chronicle:
    return Chronicle(
        held(*active, sequence=7), now=NOW, occurrences=occurrences or {}, restarted=restarted
    )


def tell(
    episodes: Sequence[Episode], *active: Alarm, absent_proven: bool = True, **how: Any
) -> list[Any]:
    made = chronicle(*active, **how)
    for episode in episodes:
        made.take(episode, absent_proven=absent_proven)
    return list(made.events(None))


def kinds(events: Sequence[Any]) -> list[str]:
    return [KINDS[type(event)] for event in events]


def transient(place: int = 0, *, ended: bool = True, **other: Any) -> Episode:
    row = reading(f"r{place}", **other)
    return Episode(
        opening=row,
        raise_row=row,
        clear_row=well(f"r{place + 1}") if ended else None,
        opened=place,
        closed=place + 1 if ended else -1,
    )


def compared(before: Alarm, now: Reading | None) -> Chronicle:
    made = chronicle(before)
    made.compare(Matching(((before, now),), (), ()))
    return made


# Raises


def test_a_fresh_alarm_that_is_listed_is_raised_as_it_reads() -> None:
    (event,) = tell([Episode(opening=reading("1"), stands=True)])
    raised = event.alarm
    assert (kinds([event]), event.sequence, raised.device) == (["raised"], 8, "sbc-1")
    assert (raised.device_alarm_id, raised.description, raised.severity) == ("1", DOWN, "major")
    assert (raised.raised_at, raised.device_date) == (NOON + 10 * SECOND, at(10))
    assert (raised.seen_at, raised.transient, raised.raise_row) == (NOW, False, None)


def test_a_raise_carries_the_name_that_its_oid_stands_for() -> None:
    told = [
        Episode(opening=reading("1", oid=LINK), stands=True),
        transient(2, oid=LINK),
    ]
    for event in tell(told):
        assert event.alarm.name == "acBoardEthernetLinkAlarm"
        assert event.alarm.event_type == "equipmentAlarm"
        assert event.alarm.probable_cause == "underlyingResourceUnavailable"


def test_an_oid_that_nobody_knows_is_passed_on_without_a_name() -> None:
    for oid in ("1.10", None):
        (event,) = tell([Episode(opening=reading("1", oid=oid), stands=True)])
        assert (event.alarm.oid, event.alarm.name, event.alarm.event_type) == (oid, None, None)


def test_the_name_is_no_part_of_what_identifies_an_alarm() -> None:
    listed = Episode(opening=reading("1", oid=LINK), stands=True)
    (event,) = tell([listed])
    identity = identity_of_reading("sbc-1", reading("1", oid=LINK), listed=True)
    assert event.alarm.id == alarm_id_of(identity=identity, occurrence=0)


def test_an_alarm_without_a_date_has_no_moment_of_its_raise() -> None:
    (event,) = tell([Episode(opening=reading("1", second=None), stands=True)])
    assert (event.alarm.raised_at, event.alarm.device_date) == (None, None)


def test_an_instance_that_returns_under_its_old_identity_is_another_alarm() -> None:
    twice = [Episode(opening=reading("1"), stands=True) for _ in range(2)]
    first, second = (event.alarm.id for event in tell(twice))
    assert first != second


def test_what_the_archive_had_before_counts() -> None:
    identity = identity_of_reading("sbc-1", reading("1"), listed=True)
    fresh = [Episode(opening=reading("1"), stands=True)]
    first, returned = tell(fresh), tell(fresh, occurrences={identity: 1})
    assert first[0].alarm.id != returned[0].alarm.id


def test_what_came_and_went_is_raised_and_cleared_and_marked_as_transient() -> None:
    opened, closed = tell([transient()])
    assert kinds([opened, closed]) == ["raised", "cleared"]
    assert (opened.alarm.transient, closed.alarm.transient) == (True, True)
    assert opened.alarm.id == closed.alarm.id
    assert (opened.alarm.device_alarm_id, opened.alarm.raise_row) == (None, "r0")
    assert (closed.alarm.clear_row, closed.alarm.clear_description) == ("r1", UP)
    assert (closed.alarm.cleared_at, closed.alarm.cleared_raw) == (
        NOON + 20 * SECOND,
        "2026-01-01T12:00:20Z",
    )


def test_a_clear_row_without_a_date_clears_all_the_same() -> None:
    dateless = transient()
    dateless.clear_row = well("r1", None)
    closed = tell([dateless])[1].alarm
    assert (closed.state, closed.cleared_at, closed.cleared_raw) == ("cleared", None, None)


def test_what_came_and_went_without_a_clear_row_is_cleared_by_the_complete_list() -> None:
    opened, closed = tell([transient(ended=False)])
    assert (kinds([opened, closed]), opened.alarm.transient) == (["raised", "cleared"], True)
    assert (closed.alarm.cleared_at, closed.alarm.clear_reason) == (None, "device")


def test_what_a_full_list_cannot_show_is_raised_and_stands() -> None:
    (event,) = tell([transient(ended=False)], absent_proven=False)
    assert (event.alarm.state, event.alarm.transient) == ("active", False)
    assert event.alarm.device_alarm_id is None


# Clears


def test_a_held_alarm_without_proof_stays_as_it_is() -> None:
    episode = Episode(alarm=alarm("1"), missing=lacking(alarm("1")))
    assert tell([episode], alarm("1")) == []
    assert tell([Episode(alarm=alarm("1"), stands=True)], alarm("1")) == []


def test_a_held_alarm_that_is_proven_gone_is_cleared_with_its_last_words() -> None:
    (event,) = tell([Episode(alarm=alarm("1"), missing=gone(alarm("1")))], alarm("1"))
    assert (kinds([event]), event.alarm.clear_reason) == (["cleared"], "device")
    assert (event.alarm.description, event.alarm.clear_description) == (DOWN, None)


def test_after_a_restart_what_is_gone_is_cleared_for_that_reason() -> None:
    episode = Episode(alarm=alarm("1"), missing=gone(alarm("1")))
    (event,) = tell([episode], alarm("1"), restarted=True)
    assert event.alarm.clear_reason == "device_restart"


def test_a_clear_row_clears_for_the_devices_own_reason_and_needs_no_other_proof() -> None:
    episode = Episode(alarm=alarm("1"), missing=lacking(alarm("1")), clear_row=well("r2"), closed=4)
    (event,) = tell([episode], alarm("1"), absent_proven=False, restarted=True)
    assert (event.alarm.clear_reason, event.alarm.clear_row) == ("device", "r2")


# Changes


def test_an_escalation_is_one_change_of_one_alarm() -> None:
    newer = Episode(opening=reading("3", WORSE, 20, **CRITICAL), stands=True, opened=2)
    older = Episode(alarm=alarm("1"), clear_row=well("r2"), closed=1, continued=newer)
    newer.continues = older
    (event,) = tell([newer, older], alarm("1"))
    assert isinstance(event, Changed)
    assert (event.previous_severity, event.alarm.severity) == ("major", "critical")
    assert (event.alarm.id, event.alarm.device_alarm_id) == ("a1", "3")
    assert (event.alarm.description, event.alarm.device_date) == (WORSE, at(20))


def test_an_escalation_that_came_and_went_is_told_from_raise_to_clear() -> None:
    older, newer = transient(0), transient(2, second=20, **CRITICAL)
    older.continued, newer.continues = newer, older
    events = tell([older, newer])
    assert kinds(events) == ["raised", "changed", "cleared"]
    assert [event.alarm.revision for event in events] == [0, 1, 2]
    assert all(event.alarm.transient for event in events)
    assert len({event.alarm.id for event in events}) == 1


def test_a_transient_that_goes_on_as_what_stands_is_none() -> None:
    newer = Episode(opening=reading("3", WORSE, 20, **CRITICAL), stands=True, opened=2)
    older = transient(0)
    older.continued, newer.continues = newer, older
    raised, changed = tell([newer, older])
    assert (kinds([raised, changed]), changed.alarm.transient) == (["raised", "changed"], False)


def test_other_words_or_another_severity_are_a_change() -> None:
    for now in (reading("1", WORSE), reading("1", **CRITICAL)):
        (event,) = compared(alarm("1"), now).events(None)
        assert (kinds([event]), event.alarm.revision) == (["changed"], 1)


def test_what_reads_as_before_or_was_not_read_is_no_news() -> None:
    for now in (reading("1"), None):
        made = compared(alarm("1"), now)
        assert (made.events(None), made.learnt()) == ((), ())


def test_an_oid_learnt_later_is_a_change_and_one_left_out_is_none() -> None:
    (event,) = compared(alarm("1", oid=None), reading("1")).events(None)
    assert event.alarm.oid == "1.10"
    silent = compared(alarm("1"), reading("1", second=None, oid=None, source=None))
    assert (silent.events(None), silent.learnt()) == ((), ())


def test_the_name_comes_with_an_oid_learnt_later_in_one_change() -> None:
    (event,) = compared(alarm("1", oid=None), reading("1", oid=LINK)).events(None)
    assert (kinds([event]), event.alarm.name) == (["changed"], "acBoardEthernetLinkAlarm")


def test_a_catalogue_that_has_grown_changes_nothing_that_stands() -> None:
    # Raised by a release that did not know its oid, so without a name.
    before = alarm("1", oid=LINK)
    silent = compared(before, reading("1", oid=LINK))
    assert (silent.events(None), silent.learnt()) == ((), ())
    (changed,) = compared(before, reading("1", WORSE, oid=LINK)).events(None)
    (ended,) = tell([Episode(alarm=before, missing=gone(before))], before)
    assert (changed.alarm.name, ended.alarm.name) == (None, None)


def test_a_date_or_an_id_learnt_later_is_stored_without_an_event() -> None:
    made = compared(alarm(None, second=None), reading("1"))
    (learnt,) = made.learnt()
    assert made.events(None) == ()
    assert (learnt.device_alarm_id, learnt.device_date) == ("1", at(10))
    assert learnt.raised_at == NOON + 10 * SECOND


def test_a_date_that_moved_with_its_zone_identifies_it_from_now_on() -> None:
    (learnt,) = compared(alarm("1"), reading("1", second=3610)).learnt()
    assert (learnt.device_date, learnt.raised_at) == (at(3610), NOON + 10 * SECOND)


def test_a_raise_row_found_later_is_stored_without_an_event() -> None:
    made = chronicle(alarm("1"))
    made.take(Episode(alarm=alarm("1"), stands=True, raise_row=reading("r1")), absent_proven=True)
    made.compare(match(alarm("1")))
    (learnt,) = made.learnt()
    assert (made.events(None), learnt.raise_row) == ((), "r1")


# Order


def test_facts_are_told_in_the_order_of_the_history_and_the_lists_news_last() -> None:
    listed = Episode(opening=reading("9", "Fan stands still"), stands=True)
    over = Episode(alarm=alarm("1"), missing=gone(alarm("1")), clear_row=well("r5"), closed=5)
    events = tell([listed, over, transient(2), transient(0)], alarm("1"))
    assert [event.sequence for event in events] == [8, 9, 10, 11, 12, 13]
    assert [(KINDS[type(event)], event.alarm.raise_row) for event in events] == [
        ("raised", "r0"),
        ("cleared", "r0"),
        ("raised", "r2"),
        ("cleared", "r2"),
        ("cleared", None),
        ("raised", None),
    ]


def test_what_only_the_list_proves_gone_is_told_behind_all_that_has_a_place() -> None:
    events = tell([transient(0, ended=False), transient(1)])
    told = [(KINDS[type(event)], event.alarm.raise_row) for event in events]
    assert told[-1] == ("cleared", "r0")


def test_a_gap_is_told_before_all_that_was_found_behind_it() -> None:
    made = chronicle()
    made.take(transient(), absent_proven=True)
    gap = Gap(since=NOW - timedelta(hours=1), until=NOW, reason="Lost.")
    events = made.events(gap)
    assert [event.alarm.name for event in events] == ["historyLost", "historyLost", None, None]
    assert [event.sequence for event in events] == [8, 9, 10, 11]
    assert events[0].alarm.description == "Lost."


def test_a_change_and_a_change_in_one_read_are_two_revisions() -> None:
    # It escalated, and its words changed again before it was read.
    row = reading("r3", WORSE, 20, **CRITICAL)
    newer = Episode(opening=row, raise_row=row, stands=True, opened=2)
    older = Episode(alarm=alarm("1"), clear_row=well("r2"), closed=1, continued=newer)
    made = chronicle(alarm("1"))
    made.take(older, absent_proven=True)
    made.compare(Matching(((alarm("1"), reading("3", UP, 20, **CRITICAL)),), (), ()))
    events = made.events(None)
    assert [event.alarm.revision for event in events] == [1, 2]
    assert [event.alarm.description for event in events] == [WORSE, UP]


# What was cleared before


def test_rows_found_late_complete_what_was_cleared_before() -> None:
    over = cleared(alarm("1"))
    with_raise = Episode(alarm=over, raise_row=reading("r1"))
    with_clear = Episode(alarm=replace(over, id="a2"), clear_row=well("r2"))
    first, second = completed([with_raise, with_clear, Episode(alarm=over)])
    assert (first.raise_row, first.clear_row, first.cleared_at) == ("r1", None, None)
    assert (second.clear_row, second.clear_description) == ("r2", UP)
    assert second.cleared_at == NOON + 20 * SECOND
