"""Marks: which rows are dealt with, which still anchor the history, and when one has restarted."""

from typing import Any

from core_cases import SWITCHED, WIPED, mark, marks, reading, settled, unsettled, well

from alarmbridge.core.marking import (
    find_restart,
    is_history_lost,
    lost_marks,
    new_marks,
    standing_marks,
)
from alarmbridge.core.reading import Row, Settled, Unsettled

ONE, TWO, THREE = (reading(f"r{n}", f"Trunk {n} is down", n) for n in (1, 2, 3))
OTHER_ONE, OTHER_TWO = (reading(f"r{n}", f"Fan {n} stands still", 60 + n) for n in (1, 2))


def lost(
    before: Any, snapshot: Settled | Unsettled, *, restarted: bool = False, table_size: int = 500
) -> bool:
    return is_history_lost(before, snapshot, before, restarted=restarted, table_size=table_size)


def test_known_ids_that_name_other_rows_tell_of_a_restart() -> None:
    found = find_restart(marks(ONE, TWO), settled((), [OTHER_ONE, OTHER_TWO]))
    assert found is not None
    assert found.wiped


def test_a_few_ids_that_are_used_again_are_no_restart() -> None:
    assert find_restart(marks(ONE, TWO), settled((), [OTHER_ONE, TWO])) is None
    assert find_restart({}, settled((), [ONE])) is None


def test_rows_in_other_words_under_their_old_dates_are_no_restart() -> None:
    # The language of the device was changed.
    translated = [
        reading(one.id, "Leitung gestört", second) for one, second in ((ONE, 1), (TWO, 2))
    ]
    assert find_restart(marks(ONE, TWO), settled((), translated)) is None


def test_rows_in_other_words_whose_dates_nobody_told_tell_of_a_restart() -> None:
    rows = [Row("r1", "other"), Row("r2", "words")]
    assert find_restart(marks(ONE, Row("r2", "before")), settled((), rows)) is not None


def test_without_a_restart_a_mark_stands_unless_its_row_reads_otherwise() -> None:
    before = marks(ONE, TWO, THREE)
    standing = standing_marks(before, settled((), [ONE, OTHER_TWO]), None)
    assert list(standing) == ["r1", "r3"]


def test_a_row_in_other_words_under_its_old_date_is_still_the_same_row() -> None:
    reworded = reading("r1", "Leitung 1 gestört", 1)
    assert list(standing_marks(marks(ONE), settled((), [reworded]), None)) == ["r1"]


def test_after_a_reboot_no_mark_stands() -> None:
    assert standing_marks(marks(ONE), settled((), [ONE]), WIPED) == {}


def test_a_restart_by_serial_number_keeps_what_both_units_share() -> None:
    before = marks(ONE, TWO, THREE)
    # Row 1 was read and bears its date, row 2 was not read, row 3 is another's.
    listed = [ONE, Row("r2", TWO.description), reading("r3", THREE.description, 99)]
    assert list(standing_marks(before, settled((), listed), SWITCHED)) == ["r1", "r2"]


def test_a_unit_that_shares_no_date_has_brought_no_history_along() -> None:
    before = marks(ONE, TWO)
    listed = [reading("r1", ONE.description, 99), Row("r2", TWO.description)]
    assert standing_marks(before, settled((), listed), SWITCHED) == {}


def test_what_the_other_unit_does_not_list_is_not_shared() -> None:
    assert list(standing_marks(marks(ONE, TWO), settled((), [ONE]), SWITCHED)) == ["r1"]


def test_a_row_that_was_read_is_marked_firmly_by_a_settled_read_alone() -> None:
    assert new_marks(settled((), [ONE]), {}, waiting=(), gap=False) == (mark(ONE),)
    assert new_marks(unsettled((), [ONE]), {}, waiting=(), gap=False) == (mark(ONE, firm=False),)


def test_a_mark_tells_whether_its_row_is_a_clear_and_bears_its_date() -> None:
    (clear,) = new_marks(settled((), [well("r9", 20)]), {}, waiting=(), gap=False)
    assert (clear.clears, clear.date) == (True, "2026-01-01T12:00:20Z")
    (dateless,) = new_marks(settled((), [well("r9", None)]), {}, waiting=(), gap=False)
    assert dateless.date is None


def test_a_row_that_waits_or_was_not_read_is_not_marked() -> None:
    snapshot = settled((), [ONE, Row("r2", "not read")])
    assert new_marks(snapshot, {}, waiting={"r1"}, gap=False) == ()


def test_a_settled_read_makes_firm_what_it_still_shows() -> None:
    before = marks(mark(ONE, firm=False))
    assert new_marks(settled((), [ONE]), before, waiting=(), gap=False) == (mark(ONE),)
    assert new_marks(unsettled((), [ONE]), before, waiting=(), gap=False) == ()


def test_a_firm_mark_stays_firm_and_an_unchanged_one_is_not_written_again() -> None:
    assert new_marks(unsettled((), [ONE]), marks(ONE), waiting=(), gap=False) == ()
    reworded = Row("r1", "Leitung 1 gestört")
    (again,) = new_marks(unsettled((), [reworded]), marks(ONE), waiting=(), gap=False)
    assert (again.description, again.firm, again.date) == (
        "Leitung 1 gestört",
        True,
        "2026-01-01T12:00:01Z",
    )


def test_marks_outlive_a_listing_that_skipped_their_row() -> None:
    before = marks(ONE, TWO)
    assert lost_marks(before, settled((), [TWO]), before, broken=False, table_size=500) == ()


def test_a_mark_whose_row_reads_otherwise_is_forgotten() -> None:
    before = marks(ONE, TWO)
    snapshot = settled((), [OTHER_ONE, TWO])
    assert lost_marks(before, snapshot, marks(TWO), broken=False, table_size=500) == ("r1",)


def test_beyond_two_tables_of_marks_those_that_are_listed_no_longer_are_forgotten() -> None:
    before = marks(ONE, TWO)
    assert lost_marks(before, settled((), [TWO]), before, broken=False, table_size=1) == ("r1",)


def test_an_unsettled_listing_which_may_have_skipped_a_row_forgets_none_but_beyond_four() -> None:
    two, four = marks(ONE, TWO), marks(ONE, TWO, THREE, well("r4"))
    snapshot = unsettled((), [TWO, THREE, well("r4")])
    assert lost_marks(two, snapshot, two, broken=False, table_size=1) == ()
    assert lost_marks(four, snapshot, four, broken=False, table_size=1) == ("r1",)


def test_a_broken_history_forgets_all_that_it_lists_no_longer() -> None:
    before = marks(ONE, TWO)
    assert lost_marks(before, settled((), [TWO]), before, broken=True, table_size=500) == ("r1",)


def test_one_firm_row_that_is_still_there_proves_that_nothing_newer_is_lost() -> None:
    assert not lost(marks(ONE, TWO), settled((), [TWO, THREE]), table_size=2)


def test_no_firm_row_left_means_that_others_may_be_lost() -> None:
    assert lost(marks(ONE), settled((), [TWO, THREE]))
    before = marks(ONE, mark(TWO, firm=False))
    assert lost(before, settled((), [TWO, THREE]))


def test_a_table_that_shows_none_of_the_rows_seen_in_passing_may_have_lost_others() -> None:
    before = marks(mark(ONE, firm=False))
    assert lost(before, settled((), [TWO]))
    assert not lost(before, settled((), [ONE, TWO]))


def test_before_the_first_row_only_a_full_table_or_a_restart_can_have_lost_any() -> None:
    assert not lost({}, settled((), [ONE]))
    assert lost({}, settled((), [ONE, TWO]), table_size=2)
    assert lost({}, settled(), restarted=True)


def test_a_mark_without_a_date_stands_by_its_words_alone() -> None:
    before = marks(Row("r1", "Trunk is down"))
    assert list(standing_marks(before, settled((), [reading("r1")]), None)) == ["r1"]
    assert standing_marks(before, settled((), [reading("r1", "Fan stands still")]), None) == {}
    dateless = settled((), [reading("r1", "Fan stands still", None)])
    assert standing_marks(marks(reading("r1")), dateless, None) == {}
