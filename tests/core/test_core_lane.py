"""A lane: when a sink counts as failing, how it is probed, and when it is well again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarmbridge.core.lane import (
    LONGEST_WAIT,
    Lane,
    after_acceptance,
    after_failure,
    after_gone,
    room,
)

NOW = datetime(2026, 11, 23, 21, 4, 5, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def fail(lane: Lane, *ids: int, at: float = 0, retry_after: timedelta | None = None) -> Lane:
    """Have deliveries fail at that second, one after the other."""
    for one in ids:
        lane = after_failure(
            lane, one, reason="HTTP 503", now=NOW + at * SECOND, retry_after=retry_after
        )
    return lane


def room_at(lane: Lane, at: float) -> int:
    return room(lane, concurrency=8, now=NOW + at * SECOND)


def test_a_lane_that_is_well_has_room_for_all() -> None:
    assert (room_at(Lane(), 0), Lane().failing, Lane().alarming) == (8, False, False)


def test_two_failures_in_a_row_slow_nothing_down() -> None:
    lane = fail(Lane(), 1, 2)
    assert (lane.failing, room_at(lane, 0)) == (False, 8)


def test_the_third_failure_in_a_row_makes_it_failing_whosever_they_were() -> None:
    for ids in ((1, 2, 3), (1, 1, 1)):
        lane = fail(Lane(), *ids)
        assert (lane.failing, lane.reason, lane.since) == (True, "HTTP 503", NOW)
        assert room_at(lane, 0) == 0


def test_an_acceptance_between_begins_the_count_anew() -> None:
    lane, released = after_acceptance(fail(Lane(), 1, 2))
    lane = fail(lane, 1, 2)
    assert (lane.failing, released) == (False, frozenset())


@given(st.lists(st.booleans()))
def test_one_poisoned_delivery_among_accepted_ones_never_stops_the_lane(
    accepted: list[bool],
) -> None:
    # At most two failures of the poisoned one come between two acceptances.
    lane = Lane()
    for second, twice in enumerate(accepted):
        lane = fail(lane, *([7, 7] if twice else [7]), at=second)
        assert room_at(lane, second) == 8
        lane, released = after_acceptance(lane)
        assert released == frozenset()


def test_while_it_fails_one_probe_at_a_time_goes_out_at_longer_and_longer_pauses() -> None:
    lane, at, pauses = fail(Lane(), 1, 2, 3), 0.0, []
    for number in range(8):
        assert lane.probe_at is not None
        due = (lane.probe_at - NOW) / SECOND
        assert (room_at(lane, due - 0.1), room_at(lane, due)) == (0, 1)
        pauses.append(due - at)
        at, lane = due, fail(lane, number, at=due)
    assert pauses == [1, 2, 5, 10, 15, 30, 30, 30]


def test_those_that_were_under_way_together_are_one_round_and_no_alarm() -> None:
    lane = fail(Lane(), *range(8))
    assert (lane.failures, lane.failing, lane.alarming) == (1, True, False)


def test_three_rounds_in_a_row_are_an_alarm() -> None:
    lane = fail(Lane(), 1, 2, 3)
    lane = fail(lane, 1, at=1)
    assert not lane.alarming
    assert fail(lane, 2, at=3).alarming


def test_a_single_delivery_that_fails_three_times_is_an_alarm() -> None:
    lane = Lane()
    for at in (0, 1, 6):
        assert not lane.alarming
        lane = fail(lane, 1, at=at)
    assert (lane.failing, lane.alarming) == (True, True)


def test_a_far_end_that_says_when_to_come_back_is_failing_at_once_until_then() -> None:
    lane = fail(Lane(), 1, retry_after=90 * SECOND)
    assert (lane.failing, lane.alarming) == (True, False)
    assert (room_at(lane, 89), room_at(lane, 90)) == (0, 1)


def test_a_shorter_wait_than_the_pause_shortens_nothing() -> None:
    lane = fail(fail(Lane(), 1, retry_after=90 * SECOND), 2, retry_after=SECOND)
    assert (room_at(lane, 89), room_at(lane, 90)) == (0, 1)


def test_no_far_end_can_put_its_lane_off_for_ever() -> None:
    lane = fail(Lane(), 1, retry_after=timedelta(days=10_000))
    assert lane.probe_at == NOW + LONGEST_WAIT


def test_one_acceptance_makes_it_well_and_releases_all_that_failed() -> None:
    assert after_acceptance(fail(Lane(), 1, 2, 3)) == (Lane(), {1, 2, 3})


@pytest.mark.parametrize("retry_after", [None, 90 * SECOND])
def test_what_alone_made_it_fail_is_poisoned_itself_and_not_released(
    retry_after: timedelta | None,
) -> None:
    lane = fail(Lane(), 1, 1, 1, retry_after=retry_after)
    assert after_acceptance(lane) == (Lane(), frozenset())


def test_a_far_end_that_is_gone_shuts_the_lane_for_good() -> None:
    lane = after_gone(Lane(), reason="HTTP 410", now=NOW)
    assert (room_at(lane, 10**6), lane.alarming, lane.shut) == (0, True, "HTTP 410")
    assert after_acceptance(lane) == (lane, frozenset())
    failed_before = after_gone(fail(Lane(), 1), reason="HTTP 410", now=NOW + SECOND)
    assert failed_before.since == NOW
