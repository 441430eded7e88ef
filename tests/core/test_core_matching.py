"""Whose reading is it: what is present, what is fresh, what is missing and what that proves."""

from dataclasses import replace
from typing import Any

import pytest
from core_cases import SWITCHED, WIPED, alarm, at, reading, settled, unsettled, well

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.device_time import DeviceTime, parse_device_time
from alarmbridge.core.matching import (
    Matching,
    alike,
    match_active,
    moved_with_the_zone,
    same_instance,
    surely_alike,
)
from alarmbridge.core.reading import Row, Settled, Unsettled

HOUR = 3600


def present(matching: Matching) -> list[str]:
    return [one.id for one, _ in matching.present]


def fresh(matching: Matching) -> list[str]:
    return [one.id for one in matching.fresh]


def missing(matching: Matching) -> dict[str, bool]:
    return {one.alarm.id: one.proven for one in matching.missing}


def proves_gone(one: Alarm, snapshot: Settled | Unsettled, **how: Any) -> bool:
    return missing(match_active([one], snapshot, **how))[one.id]


def test_what_a_device_leaves_out_may_be_anything_but_is_surely_nothing() -> None:
    told, silent = reading("1"), reading("2", oid=None)
    assert alike(told, silent)
    assert not surely_alike(told, silent)
    assert surely_alike(silent, reading("3", oid=None))


@pytest.mark.parametrize("other", [{"oid": "1.11"}, {"source": "Board#2"}])
def test_another_oid_or_source_is_another_thing(other: dict[str, str]) -> None:
    assert not alike(reading("1"), reading("2", **other))


def test_one_id_and_one_date_are_one_instance_however_the_date_is_spelled() -> None:
    spelled = replace(reading("1"), date=parse_device_time("2026-01-01 15:00:10.0+0300"))
    assert same_instance(alarm("1"), spelled)


def test_another_date_under_an_old_id_is_a_new_instance() -> None:
    assert not same_instance(alarm("1"), reading("1", second=11))


def test_another_oid_under_an_old_id_is_a_new_instance_whatever_its_date() -> None:
    assert not same_instance(alarm("1"), reading("1", oid="1.11"))


def test_without_a_date_on_either_side_the_id_has_to_do() -> None:
    assert same_instance(alarm("1"), reading("1", second=None))
    assert same_instance(alarm("1", second=None), reading("1"))


def test_a_zone_that_moves_is_no_new_instance() -> None:
    # Summer begins on a device that calls its local time "Z".
    assert same_instance(alarm("1"), reading("1", second=10 + HOUR))


def test_after_a_reboot_an_hour_is_chance_but_the_other_unit_may_have_another_zone() -> None:
    an_hour_on = reading("1", second=10 + HOUR)
    assert not same_instance(alarm("1"), an_hour_on, restarted=WIPED)
    assert same_instance(alarm("1"), an_hour_on, restarted=SWITCHED)


@pytest.mark.parametrize(
    ("other", "moved"),
    [
        (at(10 + HOUR), True),
        (at(10 - 5 * HOUR - HOUR / 4), True),
        (at(11 + HOUR), False),
        (at(10 + 26 * HOUR), True),
        (at(10 + 27 * HOUR), False),
        (at(10 + HOUR, "+03:00"), False),
        (at(10 + HOUR, ""), False),
        (parse_device_time("yesterday"), False),
    ],
)
def test_a_zone_moves_local_time_by_whole_quarters(other: DeviceTime, moved: bool) -> None:
    one = at(10)
    assert one is not None
    assert moved_with_the_zone(one, other) is moved
    assert moved_with_the_zone(other, one) is moved


def test_what_names_no_moment_did_not_move() -> None:
    one, odd = at(10, ""), parse_device_time("yesterday")
    assert one is not None
    assert not moved_with_the_zone(one, odd)
    assert not moved_with_the_zone(odd, one)


def test_a_zone_that_is_written_does_not_move() -> None:
    one, other = at(10, "+03:00"), at(10 + HOUR, "+03:00")
    assert one is not None
    assert other is not None
    assert not moved_with_the_zone(one, other)


def test_what_is_listed_as_before_is_present_unread() -> None:
    matching = match_active([alarm("1")], settled([Row("1", "Trunk is down")]))
    assert (matching.present, matching.missing) == (((alarm("1"), None),), ())


def test_what_was_read_is_present_with_its_reading() -> None:
    matching = match_active([alarm("1")], settled([reading("1", "Trunk is worse")]))
    assert matching.present == ((alarm("1"), reading("1", "Trunk is worse")),)


def test_an_unknown_alarm_is_fresh_once_it_was_read() -> None:
    matching = match_active([], settled([reading("1"), Row("2", "not read yet")]))
    assert fresh(matching) == ["1"]


def test_a_row_that_a_torn_list_shows_twice_is_one_alarm() -> None:
    assert fresh(match_active([], unsettled([reading("1"), reading("1")]))) == ["1"]


def test_another_alarm_under_an_old_id_is_fresh_and_proves_the_old_one_gone() -> None:
    matching = match_active([alarm("1")], unsettled([reading("1", second=11)]))
    (old,) = matching.missing
    assert (fresh(matching), old.alarm.id, old.proven, old.displaced) == (["1"], "a1", True, True)


def test_a_listed_alarm_that_its_own_url_calls_cleared_is_gone() -> None:
    matching = match_active([alarm("1")], unsettled([well("1")]))
    assert (present(matching), fresh(matching), missing(matching)) == ([], [], {"a1": True})


def test_a_settled_complete_list_proves_what_it_lacks_gone() -> None:
    assert proves_gone(alarm("1"), settled())


@pytest.mark.parametrize("snapshot", [settled(complete=False), unsettled()])
def test_a_full_or_unsettled_list_proves_nothing_by_what_it_lacks(
    snapshot: Settled | Unsettled,
) -> None:
    assert not proves_gone(alarm("1"), snapshot)


def test_its_own_url_proves_an_alarm_gone_whatever_the_list_is_worth() -> None:
    assert proves_gone(alarm("1"), unsettled(gone=frozenset({"1"})))
    assert not proves_gone(alarm("1"), unsettled(gone=frozenset({"2"})))


def test_what_was_known_from_the_history_alone_is_present_once_it_is_listed() -> None:
    unlisted = [alarm(None), alarm(None, second=40, id="later")]
    matching = match_active(unlisted, settled([reading("8", second=40)], complete=False))
    assert (present(matching), fresh(matching)) == (["later"], [])
    assert missing(matching) == {"aNone": False}


def test_one_reading_is_not_two_unlisted_alarms() -> None:
    twins = [alarm(None, id="one"), alarm(None, id="other")]
    matching = match_active(twins, settled([reading("8")], complete=False))
    assert (present(matching), list(missing(matching))) == (["one"], ["other"])


def test_without_dates_an_unlisted_alarm_is_known_by_its_kind() -> None:
    unlisted = alarm(None, second=None)
    assert present(match_active([unlisted], settled([reading("8", second=None)]))) == ["aNone"]
    assert fresh(match_active([unlisted], settled([reading("8")]))) == ["8"]
    other = reading("8", second=None, source=None)
    assert fresh(match_active([unlisted], settled([other]))) == ["8"]


def test_a_complete_list_says_nothing_of_what_it_may_never_show_while_its_clear_would() -> None:
    # It was raised while the table was full; its clear will have a row behind its raise's.
    rows, unlisted = settled((), [reading("r1")]), alarm(None, raise_row="r1")
    assert not proves_gone(unlisted, rows, clears_logged=True)
    assert proves_gone(unlisted, rows, clears_logged=False)
    assert proves_gone(unlisted, settled(), clears_logged=True)
    assert proves_gone(alarm(None, raise_row="r1", oid=None), rows, clears_logged=True)


def test_an_alarm_without_an_id_is_not_proven_gone_by_any_url() -> None:
    assert not proves_gone(alarm(None), unsettled(gone=frozenset({"1", "None"})))


def test_a_wiped_history_takes_along_what_was_known_from_it_alone() -> None:
    assert proves_gone(alarm(None), unsettled(), restarted=WIPED)
    assert not proves_gone(alarm(None), unsettled(), restarted=SWITCHED)
    assert not proves_gone(alarm("1"), unsettled(), restarted=WIPED)
