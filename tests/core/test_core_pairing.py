"""The history table: whose raise and whose clear each new row records, and which have to wait."""

from dataclasses import replace
from typing import Any

import pytest
from core_cases import alarm, cleared, gone, lacking, match, paired, reading, well

from alarmbridge.core.device_time import parse_device_time
from alarmbridge.core.pairing import Pairing
from alarmbridge.core.severity import Severity

CRITICAL = {"severity": Severity.CRITICAL}
NO_OID: dict[str, Any] = {"oid": None}
WORSE = "Trunk is worse"


def rows_of(pairing: Pairing) -> dict[str, tuple[str | None, str | None]]:
    """Say of each episode which row raised and which cleared it, by its alarm or its opening."""
    return {
        one.alarm.id if one.alarm is not None else one.about.id: (
            one.raise_row.id if one.raise_row else None,
            one.clear_row.id if one.clear_row else None,
        )
        for one in (*pairing.episodes, *pairing.loose)
    }


def waiting(pairing: Pairing) -> set[str]:
    return {row.id for row in pairing.waiting}


def orphans(pairing: Pairing) -> list[str]:
    return [row.id for row in pairing.orphans]


# Whose raise is it?


def test_what_stands_gets_its_raise_row_back() -> None:
    assert rows_of(paired(match(alarm("1")), reading("r1"))) == {"a1": ("r1", None)}
    assert rows_of(paired(match(fresh=[reading("1")]), reading("r1"))) == {"1": ("r1", None)}


def test_a_row_of_another_second_is_another_alarm_that_came_and_went() -> None:
    pairing = paired(match(alarm("1")), reading("r1"), reading("r2", second=40))
    assert rows_of(pairing) == {"a1": ("r1", None), "r2": ("r2", None)}


def test_of_two_rows_alike_what_stands_has_the_latest_and_what_is_over_the_first() -> None:
    rows = reading("r1"), reading("r2")
    assert rows_of(paired(match(alarm("1")), *rows))["a1"] == ("r2", None)
    assert rows_of(paired(match(missing=[gone(alarm("1"))]), *rows))["a1"] == ("r1", None)


def test_a_row_of_that_very_second_is_chosen_by_its_words_before_its_id() -> None:
    # Some devices count both tables' rows alike, some each on its own.
    rows = reading("2"), reading("5", "Fan stands still")
    assert rows_of(paired(match(alarm("5")), *rows))["a5"] == ("2", None)


def test_a_row_of_that_very_second_is_chosen_by_its_severity_before_its_id() -> None:
    rows = reading("2"), reading("5", **CRITICAL)
    assert rows_of(paired(match(alarm("5")), *rows))["a5"] == ("2", None)


def test_where_no_row_has_its_words_any_more_the_id_tells() -> None:
    rows = reading("5"), reading("6")
    assert rows_of(paired(match(alarm("5", WORSE)), *rows))["a5"] == ("5", None)


def test_where_neither_has_its_id_the_words_tell_and_then_the_severity() -> None:
    reworded = alarm("1", WORSE, severity=Severity.MINOR)
    by_words = paired(match(reworded), reading("r1", WORSE), reading("r2"))
    assert rows_of(by_words)["a1"] == ("r1", None)
    by_severity = paired(match(reworded), reading("r1", severity=Severity.MINOR), reading("r2"))
    assert rows_of(by_severity)["a1"] == ("r1", None)


def test_a_row_that_tells_the_same_comes_before_one_that_leaves_out_its_oid() -> None:
    rows = reading("r1"), reading("r2", **NO_OID)
    assert rows_of(paired(match(alarm("1")), *rows))["a1"] == ("r1", None)
    assert rows_of(paired(match(alarm("1")), rows[1]))["a1"] == ("r2", None)


def test_a_row_with_a_date_is_not_the_first_choice_for_an_alarm_without() -> None:
    rows = reading("r1", second=None), reading("r2")
    assert rows_of(paired(match(alarm("1", second=None)), *rows))["a1"] == ("r1", None)


def test_a_known_raise_row_in_other_words_raises_nothing_again() -> None:
    pairing = paired(match(alarm("1", raise_row="r1")), reading("r1", "Leitung gestört"))
    assert rows_of(pairing) == {"a1": ("r1", None)}


def test_beside_a_known_raise_row_another_of_that_second_is_another_alarm() -> None:
    known = alarm("1", raise_row="r1")
    pairing = paired(match(known), reading("r2"), before=["r1"])
    assert rows_of(pairing) == {"a1": (None, None), "r2": ("r2", None)}


def test_a_known_raise_row_that_is_listed_no_longer_is_not_looked_for_in_others() -> None:
    known = alarm("1", raise_row="r1")
    near = reading("r2", second=11)
    assert rows_of(paired(match(known), near)) == {"a1": (None, None), "r2": ("r2", None)}


@pytest.mark.parametrize("second", [9, 12, 10 + 3600])
def test_the_tables_may_date_one_raise_a_moment_or_a_zone_apart(second: float) -> None:
    pairing = paired(match(alarm("1")), reading("r1", second=second))
    assert rows_of(pairing) == {"a1": ("r1", None)}


@pytest.mark.parametrize(
    "row", [reading("r1", second=13), reading("r1", WORSE, 11), reading("r1", second=11, oid=None)]
)
def test_further_apart_or_less_alike_is_another_raise(row: Any) -> None:
    assert set(rows_of(paired(match(alarm("1")), row))) == {"a1", "r1"}


def test_a_row_of_that_very_date_comes_before_one_a_moment_apart() -> None:
    rows = reading("r1"), reading("r2", second=11)
    assert rows_of(paired(match(alarm("1")), *rows))["a1"] == ("r1", None)


def test_while_rows_are_unread_no_other_date_will_do() -> None:
    pairing = paired(match(alarm("1")), reading("r1", second=11), whole=False, settled=False)
    assert (rows_of(pairing), waiting(pairing)) == ({"a1": (None, None)}, {"r1"})


def test_while_rows_are_unread_one_in_other_words_has_to_wait() -> None:
    # The alarm's own row may not have been read yet, and this be of one a moment before.
    pairing = paired(match(alarm("1")), reading("r1", WORSE), settled=False, whole=False)
    assert (rows_of(pairing), waiting(pairing)) == ({"a1": (None, None)}, {"r1"})
    surely = paired(match(alarm("1")), reading("r1"), settled=False, whole=False)
    assert rows_of(surely) == {"a1": ("r1", None)}


def test_where_ids_began_anew_what_may_raise_what_stands_has_to_wait() -> None:
    # What stands may have been read by its own URL, after the history was listed.
    late = paired(match(fresh=[reading("1")]), reading("r1"), settled=False, anew=True)
    assert (rows_of(late), waiting(late)) == ({"1": (None, None)}, {"r1"})
    surely = paired(match(fresh=[reading("1")]), reading("r1"), anew=True)
    assert rows_of(surely) == {"1": ("r1", None)}


def test_where_ids_began_anew_what_is_gone_finds_its_row_at_once() -> None:
    pairing = paired(match(missing=[gone(alarm("1"))]), reading("r1"), settled=False, anew=True)
    assert rows_of(pairing) == {"a1": ("r1", None)}


def test_what_was_cleared_on_the_lists_word_gets_its_raise_row_too() -> None:
    pairing = paired(match(), reading("r1"), loose=[cleared(alarm("1"))])
    assert rows_of(pairing) == {"a1": ("r1", None)}


def test_without_dates_a_new_row_is_not_of_what_is_over() -> None:
    over = cleared(alarm("1", second=None))
    dateless = reading("r1", second=None)
    assert set(rows_of(paired(match(), dateless, loose=[over]))) == {"a1", "r1"}
    assert rows_of(paired(match(alarm("1", second=None)), dateless)) == {"a1": ("r1", None)}
    listed = match(fresh=[reading("1", second=None)])
    assert rows_of(paired(listed, dateless)) == {"1": ("r1", None)}


def test_without_dates_a_row_of_another_thing_is_another_alarm() -> None:
    other = reading("r1", second=None, source="Board#2")
    assert set(rows_of(paired(match(alarm("1", second=None)), other))) == {"a1", "r1"}


def test_a_date_that_names_no_moment_is_near_no_other() -> None:
    odd = replace(reading("r1"), date=parse_device_time("yesterday"))
    assert set(rows_of(paired(match(alarm("1")), odd))) == {"a1", "r1"}
    held = replace(alarm("1"), device_date=odd.date)
    assert set(rows_of(paired(match(held), reading("r1", second=11)))) == {"a1", "r1"}
    assert rows_of(paired(match(held), odd)) == {"a1": ("r1", None)}


# Whose clear is it?


def test_a_raise_and_a_clear_that_nobody_saw_are_one_alarm_that_came_and_went() -> None:
    pairing = paired(match(), reading("r1"), well("r2"))
    assert rows_of(pairing) == {"r1": ("r1", "r2")}


def test_a_clear_is_of_the_held_alarm_that_is_gone() -> None:
    pairing = paired(match(missing=[gone(alarm("1"))]), well("r2"))
    assert (rows_of(pairing), orphans(pairing)) == ({"a1": (None, "r2")}, [])


def test_a_clear_row_clears_what_a_full_list_merely_lacks() -> None:
    pairing = paired(match(missing=[lacking(alarm("1"))]), well("r2"))
    assert rows_of(pairing) == {"a1": (None, "r2")}


def test_a_clear_of_another_thing_is_of_an_alarm_that_nobody_saw() -> None:
    pairing = paired(match(missing=[gone(alarm("1"))]), well("r2", source="Board#2"))
    assert (rows_of(pairing), orphans(pairing)) == ({"a1": (None, None)}, ["r2"])


def test_in_a_settled_read_a_clear_is_never_of_what_the_list_shows() -> None:
    pairing = paired(match(alarm("1")), well("r2"))
    assert (rows_of(pairing), orphans(pairing)) == ({"a1": (None, None)}, ["r2"])


def test_one_thing_is_broken_once_so_a_clear_is_of_its_latest_raise() -> None:
    pairing = paired(match(missing=[gone(alarm("1"))]), reading("r1", second=15), well("r2"))
    assert rows_of(pairing) == {"a1": (None, None), "r1": ("r1", "r2")}


def test_without_an_oid_many_things_look_like_one_so_the_oldest_is_closed_first() -> None:
    rows = [reading("r1", second=15, **NO_OID), well("r2", **NO_OID)]
    pairing = paired(match(missing=[gone(alarm("1", **NO_OID))]), *rows)
    assert rows_of(pairing) == {"a1": (None, "r2"), "r1": ("r1", None)}


def test_a_device_that_repeats_the_raises_text_in_the_clear_settles_whose_it_is() -> None:
    held = [gone(alarm("1", **NO_OID)), gone(alarm("2", "Fan stands still", **NO_OID))]
    pairing = paired(match(missing=held), well("r3", text="Fan stands still", **NO_OID))
    assert rows_of(pairing) == {"a1": (None, None), "a2": (None, "r3")}


def test_what_tells_the_same_oid_is_closed_before_what_tells_none() -> None:
    pairing = paired(match(), reading("r1"), reading("r2", **NO_OID), well("r3"))
    assert rows_of(pairing) == {"r1": ("r1", "r3"), "r2": ("r2", None)}


def test_a_clear_that_leaves_out_its_oid_closes_what_is_alike_as_far_as_told() -> None:
    pairing = paired(match(), reading("r1"), well("r2", **NO_OID))
    assert rows_of(pairing) == {"r1": ("r1", "r2")}


def test_what_broke_again_must_have_been_well_between() -> None:
    first, second = paired(match(), reading("r1"), reading("r2", second=15)).episodes
    assert (first.closed, first.clear_row, second.opened) == (0, None, 1)


def test_another_thing_that_breaks_tells_nothing_of_the_first() -> None:
    rows = reading("r1"), reading("r2", second=15, source="Board#2")
    first, _ = paired(match(), *rows).episodes
    assert first.closed == -1


def test_without_an_oid_two_raises_may_be_two_things() -> None:
    rows = reading("r1", **NO_OID), reading("r2", second=15, **NO_OID)
    first, _ = paired(match(), *rows).episodes
    assert first.closed == -1


def test_a_clear_from_before_the_raise_is_of_another() -> None:
    later = gone(alarm("1", second=30))
    assert orphans(paired(match(missing=[later]), well("r1", 20))) == ["r1"]
    raised_behind = paired(match(missing=[later]), well("r1", 20), reading("r2", second=30))
    assert orphans(raised_behind) == ["r1"]


def test_what_was_raised_in_the_very_second_of_the_clear_may_be_what_it_cleared() -> None:
    at_once = gone(alarm("1", second=20))
    assert rows_of(paired(match(missing=[at_once]), well("r2", 20))) == {"a1": (None, "r2")}


def test_places_tell_more_than_dates_where_the_raise_row_is_known() -> None:
    # The clock was set back between the two.
    known = gone(alarm("1", second=30, raise_row="r1"))
    pairing = paired(match(missing=[known]), well("r2", 20), before=["r1"])
    assert rows_of(pairing) == {"a1": (None, "r2")}


def test_without_dates_a_clear_is_of_whatever_is_open() -> None:
    odd = replace(alarm("1"), device_date=parse_device_time("yesterday"))
    for held in (alarm("1", second=None), odd):
        assert rows_of(paired(match(missing=[gone(held)]), well("r1"))) == {"a1": (None, "r1")}
    assert rows_of(paired(match(missing=[gone(alarm("1"))]), well("r1", None)))["a1"][1] == "r1"


def test_a_late_clear_row_is_of_the_alarm_that_the_list_had_cleared() -> None:
    pairing = paired(match(), well("r2"), loose=[cleared(alarm("1"))])
    assert (rows_of(pairing), orphans(pairing)) == ({"a1": (None, "r2")}, [])


def test_an_alarm_has_one_clear_row() -> None:
    complete = cleared(alarm("1"), clear_row="r2")
    assert orphans(paired(match(), well("r3"), loose=[complete])) == ["r3"]
    twice = paired(match(), well("r2"), well("r3"), loose=[cleared(alarm("1"))])
    assert (rows_of(twice), orphans(twice)) == ({"a1": (None, "r2")}, ["r3"])


def test_what_is_known_to_be_gone_is_closed_before_what_the_list_merely_lacks() -> None:
    held = [lacking(alarm("1", **NO_OID)), gone(alarm("2", **NO_OID))]
    pairing = paired(match(missing=held), well("r3", **NO_OID))
    assert rows_of(pairing) == {"a1": (None, None), "a2": (None, "r3")}


# What has to wait?


def test_a_clear_row_waits_while_the_list_may_still_show_its_alarm() -> None:
    pairing = paired(match(alarm("1")), well("r2"), settled=False)
    assert (rows_of(pairing), waiting(pairing)) == ({"a1": (None, None)}, {"r2"})


def test_a_clear_of_nobody_known_waits_for_the_next_read() -> None:
    pairing = paired(match(), well("r2"), settled=False)
    assert (waiting(pairing), orphans(pairing)) == ({"r2"}, [])


def test_a_clear_waits_while_it_may_be_of_one_that_stands_instead() -> None:
    # Raised once more and cleared, or the standing one cleared after the list was read?
    rows = reading("r1", second=15), well("r2")
    pairing = paired(match(alarm("1")), *rows, settled=False)
    assert (rows_of(pairing), waiting(pairing)) == ({"a1": (None, None)}, {"r1", "r2"})


def test_what_tells_less_is_no_rival_of_what_tells_the_same() -> None:
    rows = reading("r1", second=15), well("r2")
    pairing = paired(match(alarm("1", **NO_OID)), *rows, settled=False)
    assert rows_of(pairing) == {"a1": (None, None), "r1": ("r1", "r2")}


def test_a_clear_of_what_its_own_url_proved_gone_does_not_wait() -> None:
    pairing = paired(match(missing=[gone(alarm("1"))]), well("r2"), settled=False)
    assert (rows_of(pairing), waiting(pairing)) == ({"a1": (None, "r2")}, set())


def test_without_an_oid_even_that_waits_while_another_alike_stands() -> None:
    standing, over = alarm("1", **NO_OID), gone(alarm("2", **NO_OID))
    pairing = paired(match(standing, missing=[over]), well("r3", **NO_OID), settled=False)
    assert (rows_of(pairing)["a2"], waiting(pairing)) == ((None, None), {"r3"})


def test_without_an_oid_a_clear_waits_while_a_full_table_may_not_list_what_it_is_of() -> None:
    # The table is full and stands still. A fan stops, the trunk of the same source goes down and
    # up at once: three new rows without an oid, and neither alarm is listed. By these the trunk's
    # clear may as well be the fan's, that the table lists as soon as it has room.
    fan = reading("r1", "Fan stands still", oid=None)
    rows = fan, reading("r2", oid=None), well("r3", oid=None)
    full = paired(match(), *rows, complete=False)
    assert rows_of(full) == {"r1": ("r1", None), "r2": ("r2", None)}
    assert waiting(full) == {"r3"}
    assert rows_of(paired(match(), *rows)) == {"r1": ("r1", "r3"), "r2": ("r2", None)}
    alone = paired(match(), rows[1], rows[2], complete=False)
    assert rows_of(alone) == {"r2": ("r2", "r3")}


def test_what_is_known_to_be_gone_contends_for_no_clear() -> None:
    over = [gone(alarm("1", **NO_OID)), gone(alarm("2", **NO_OID))]
    pairing = paired(match(missing=over), well("r3", **NO_OID), settled=False)
    assert (rows_of(pairing)["a1"], waiting(pairing)) == ((None, "r3"), set())


def test_where_all_whom_clears_may_concern_are_cleared_none_waits() -> None:
    rows = [reading("r1"), reading("r2", second=11), well("r3"), well("r4")]
    pairing = paired(match(), *rows, settled=False)
    assert rows_of(pairing) == {"r1": ("r1", "r4"), "r2": ("r2", "r3")}
    assert waiting(pairing) == set()


def test_what_waits_makes_others_wait_whose_rival_it_was() -> None:
    # The second clear may be of the standing one; then the first may be of the other raise.
    rows = [reading("r1"), reading("r2", second=11), well("r3"), well("r4")]
    pairing = paired(match(alarm("1", second=5)), *rows, settled=False)
    assert rows_of(pairing) == {"a1": (None, None)}
    assert waiting(pairing) == {"r1", "r2", "r3", "r4"}


def test_a_raise_that_the_list_was_too_early_for_waits() -> None:
    pairing = paired(match(), reading("r1"), settled=False)
    assert (pairing.episodes, waiting(pairing)) == ([], {"r1"})


def test_a_transient_is_told_even_by_an_unsettled_read() -> None:
    pairing = paired(match(), reading("r1"), well("r2"), settled=False)
    assert (rows_of(pairing), waiting(pairing)) == ({"r1": ("r1", "r2")}, set())


def test_an_escalation_that_the_list_was_too_early_for_waits_whole() -> None:
    rows = well("r2"), reading("r3", WORSE, 20, **CRITICAL)
    pairing = paired(match(missing=[gone(alarm("1"))]), *rows, settled=False)
    (older,) = pairing.episodes
    assert (older.clear_row, older.missing, older.continued) == (None, None, None)
    assert waiting(pairing) == {"r2", "r3"}


def test_a_chain_of_escalations_waits_whole() -> None:
    rows = [
        well("r2"),
        reading("r3", WORSE, 20, **CRITICAL),
        well("r4", 21),
        reading("r5", second=21),
    ]
    pairing = paired(match(missing=[gone(alarm("1"))]), *rows, settled=False)
    assert (rows_of(pairing), waiting(pairing)) == (
        {"a1": (None, None)},
        {"r2", "r3", "r4", "r5"},
    )


def test_an_escalation_that_the_list_shows_is_told_even_by_an_unsettled_read() -> None:
    worse = reading("3", WORSE, 20, **CRITICAL)
    rows = well("r2"), reading("r3", WORSE, 20, **CRITICAL)
    pairing = paired(match(fresh=[worse], missing=[gone(alarm("1"))]), *rows, settled=False)
    newer, older = pairing.episodes
    assert (older.continued, waiting(pairing)) == (newer, set())
