"""Escalations: a clear and a raise that are one alarm getting worse, or better."""

from datetime import datetime
from typing import Any

import pytest
from core_cases import MINUTE, NOW, alarm, at, reading, well

from alarmbridge.core.episode import BEFORE_ALL, Episode
from alarmbridge.core.escalation import find_escalations
from alarmbridge.core.severity import Severity

CRITICAL = {"severity": Severity.CRITICAL}


def over(place: int = 1, second: float | None = 20, **other: Any) -> Episode:
    """Make the episode of a held major alarm that a clear row has ended."""
    return Episode(alarm=alarm("1", **other), opened=0, closed=place, clear_row=well("r2", second))


def newer(second: float | None = 20, opened: int = 2, **other: Any) -> Episode:
    """Make the episode that the raise of the worse severity opens."""
    row = reading("r3", "Trunk is worse", second, **(CRITICAL | other))
    return Episode(opening=row, raise_row=row, opened=opened)


def goes_on(
    older: Episode,
    *others: Episode,
    settled: bool = True,
    known_until: datetime | None = None,
) -> Episode | None:
    find_escalations([older, *others], settled=settled, known_until=known_until)
    return older.continued


@pytest.mark.parametrize("second", [18, 20, 22])
def test_another_severity_within_two_seconds_is_one_alarm_that_goes_on(second: float) -> None:
    older, worse = over(), newer(second)
    assert goes_on(older, worse) is worse
    assert worse.continues is older


@pytest.mark.parametrize(
    ("older", "other"),
    [
        (over(), newer(23)),
        (over(), newer(17)),
        (over(), newer(20, severity=Severity.MAJOR)),
        (over(), newer(20, source="Board#2")),
        (over(), newer(20, oid=None)),
        (over(oid=None), newer(20, oid=None)),
        (over(source=None), newer(20, source=None)),
        (over(second=None), newer(20)),
        (over(), newer(None)),
    ],
)
def test_anything_less_alike_is_a_clear_and_a_raise(older: Episode, other: Episode) -> None:
    assert goes_on(older, other) is None
    assert other.continues is None


def test_what_no_clear_row_ended_does_not_go_on() -> None:
    still = Episode(alarm=alarm("1"), opened=0)
    assert goes_on(still, newer()) is None


def test_the_raise_next_to_the_clear_is_the_one_that_goes_on() -> None:
    older, near, far = over(place=1), newer(opened=2), newer(opened=4)
    assert goes_on(older, far, near) is near


def test_a_raise_from_before_the_older_one_does_not_continue_it() -> None:
    assert goes_on(over(), newer(opened=BEFORE_ALL)) is None


def test_what_stands_is_newer_even_before_its_raise_row_is_read() -> None:
    listed = Episode(opening=reading("3", "Trunk is worse", 20, **CRITICAL), stands=True)
    assert goes_on(over(), listed) is listed


def test_a_raise_with_a_row_is_nearer_than_one_that_has_none_yet() -> None:
    listed = Episode(opening=reading("3", "Trunk is worse", 20, **CRITICAL), stands=True)
    row = newer(opened=9)
    assert goes_on(over(), listed, row) is row


def test_the_row_of_the_raise_tells_its_severity_where_the_list_says_otherwise_by_now() -> None:
    # It came back as major, and was made minor before it was read.
    listed = Episode(
        opening=reading("3", second=20, severity=Severity.MINOR),
        raise_row=reading("r3", second=20),
        stands=True,
        opened=2,
    )
    assert goes_on(over(), listed) is None


def test_worse_and_worse_again_is_one_chain() -> None:
    first, second, third = over(), newer(20), newer(21, opened=4, severity=Severity.MINOR)
    second.clear_row, second.closed = well("r4", 21), 3
    assert goes_on(first, third, second) is second
    assert (second.continued, third.continued) == (third, None)


def test_two_alarms_do_not_go_on_as_the_same_one() -> None:
    first, second, worse = over(place=1), over(place=2), newer(opened=3)
    goes_on(first, second, worse)
    assert [first.continued, second.continued].count(worse) == 1


def test_of_two_clears_the_former_ends_the_older_where_the_raise_came_first() -> None:
    # Rows: the worse one is raised (1), a clear (2) that the newer got, a clear (3).
    older, worse = over(place=3), newer(opened=1)
    first, second = well("r4", 20), older.clear_row
    worse.clear_row, worse.closed = first, 2
    assert goes_on(older, worse) is worse
    assert (older.clear_row, older.closed) == (first, 2)
    assert (worse.clear_row, worse.closed) == (second, 3)


def test_of_three_clears_each_ends_one_of_a_chain_in_turn() -> None:
    # Two clear rows were torn from the list, so that the last one was taken for the first's.
    first, second = over(place=7), newer(opened=2)
    third = newer(21, opened=4, severity=Severity.MAJOR)
    last, rows = first.clear_row, (well("r4", 21), well("r6", 22))
    second.clear_row, second.closed = rows[0], 3
    third.clear_row, third.closed = rows[1], 5
    assert goes_on(first, second, third) is second
    assert [one.closed for one in (first, second, third)] == [3, 5, 7]
    assert (first.clear_row, second.clear_row, third.clear_row) == (*rows, last)


def test_clears_that_are_in_order_stay_as_they_are() -> None:
    older, worse = over(place=1), newer(opened=2)
    worse.clear_row, worse.closed = well("r4", 30), 3
    assert goes_on(older, worse) is worse
    assert (older.closed, worse.closed) == (1, 3)


# A raise row that was not found


def test_what_may_find_its_raise_row_yet_does_not_go_on() -> None:
    for before in (None, NOW - MINUTE):
        assert goes_on(over(), newer(), settled=False, known_until=before) is None


def test_what_has_its_raise_row_goes_on_even_in_an_unsettled_read() -> None:
    held, found = over(raise_row="r1"), over()
    found.raise_row = reading("r1")
    for older in (held, found):
        worse = newer()
        assert goes_on(older, worse, settled=False) is worse


def test_what_a_settled_read_found_no_raise_row_for_goes_on() -> None:
    for older in (over(), Episode(alarm=alarm("1", second=None), closed=1, clear_row=well("r2"))):
        worse = newer()
        assert goes_on(older, worse, settled=False, known_until=NOW) is worse


def test_what_has_escalated_since_it_was_seen_may_find_its_newer_raise_row_yet() -> None:
    once_more = over(raised_at=at(5).at)
    assert goes_on(once_more, newer(), settled=False, known_until=NOW) is None
