"""What follows from an attempt: the pauses, the patience, and the words that people read."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alarmbridge.core.delivery import Delivery, DeliveryState, Outcome
from alarmbridge.core.errors import SinkError
from alarmbridge.core.holds import Hold
from alarmbridge.core.retry import (
    Patience,
    after_acceptance,
    after_refusal,
    pause_before,
)

NOW = datetime(2026, 11, 23, 21, 4, 5, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PATIENCE = Patience(give_up_after=timedelta(days=3))


def delivery(attempts: int = 0, age: timedelta = timedelta(0)) -> Delivery:
    return Delivery(
        id=7,
        event_id="event",
        alarm_id="alarm",
        sink="incidents",
        key="key",
        kind="raised",
        body="{}",
        state=DeliveryState.PENDING,
        attempts=attempts,
        created_at=NOW - age,
        next_at=NOW,
    )


def refuse(
    error: SinkError, *, attempts: int = 0, age: timedelta = timedelta(0), dice: float = 0.5
) -> Outcome:
    return after_refusal(delivery(attempts, age), error, patience=PATIENCE, now=NOW, dice=dice)


def test_the_pauses_are_those_of_the_design_and_then_hourly() -> None:
    pauses = [pause_before(attempt, dice=0.5) / SECOND for attempt in range(2, 12)]
    assert pauses == [1, 5, 15, 45, 120, 300, 900, 3600, 3600, 3600]


def test_a_pause_varies_by_a_fifth() -> None:
    assert pause_before(9, dice=0.0) == timedelta(minutes=48)
    assert pause_before(9, dice=0.75) == timedelta(minutes=66)


def test_what_was_accepted_is_delivered_with_the_far_end_s_word() -> None:
    outcome = after_acceptance(delivery(attempts=2), answer="HTTP 204", now=NOW)
    assert (outcome.delivery_id, outcome.state) == (7, DeliveryState.DELIVERED)
    assert (outcome.attempts, outcome.at, outcome.answer) == (3, NOW, "HTTP 204")


def test_what_was_refused_is_tried_again_after_its_pause() -> None:
    outcome = refuse(SinkError("HTTP 503"), attempts=2)
    assert (outcome.state, outcome.attempts) == (DeliveryState.PENDING, 3)
    assert (outcome.next_at, outcome.reason) == (NOW + 15 * SECOND, "HTTP 503")


@pytest.mark.parametrize(("asked", "waits"), [(90, 90), (1, 15), (10**9, 3 * 86_400)])
def test_retry_after_is_honoured_where_it_is_longer_and_bounded(asked: int, waits: int) -> None:
    outcome = refuse(SinkError("HTTP 429", retry_after=asked * SECOND), attempts=2)
    assert outcome.next_at == NOW + waits * SECOND


def test_what_is_refused_for_good_is_buried_at_once() -> None:
    outcome = refuse(SinkError("HTTP 400", permanent=True, retry_after=SECOND))
    assert (outcome.state, outcome.attempts) == (DeliveryState.DEAD, 1)
    assert (outcome.next_at, outcome.reason) == (None, "refused for good: HTTP 400")


def test_a_far_end_that_is_gone_leaves_what_it_is_owed_pending() -> None:
    assert refuse(SinkError("HTTP 410", gone=True)).state is DeliveryState.PENDING


@pytest.mark.parametrize(
    ("patience", "words"),
    [
        (timedelta(days=3), "3 d"),
        (timedelta(hours=2), "2 h"),
        (timedelta(seconds=30), "30 s"),
    ],
)
def test_what_cannot_be_delivered_is_given_up_in_the_end(patience: timedelta, words: str) -> None:
    outcome = after_refusal(
        delivery(attempts=20, age=patience),
        SinkError("HTTP 503"),
        patience=Patience(give_up_after=patience),
        now=NOW,
        dice=0.5,
    )
    assert (outcome.state, outcome.reason) == (
        DeliveryState.DEAD,
        f"undelivered after {words}: HTTP 503",
    )


def test_until_then_it_is_not() -> None:
    outcome = refuse(SinkError("HTTP 503"), age=PATIENCE.give_up_after - SECOND)
    assert outcome.state is DeliveryState.PENDING


@pytest.mark.parametrize("over", [timedelta(0), timedelta(days=2)])
def test_the_time_that_it_was_held_for_is_not_counted(over: timedelta) -> None:
    # Otherwise what a silence of a week held would be given up by a single failure.
    held = Hold(cause="silence:7", until=NOW - over, reason="silence 7")
    freed = replace(delivery(age=timedelta(days=7)), held=held)
    outcome = after_refusal(freed, SinkError("HTTP 503"), patience=PATIENCE, now=NOW, dice=0.5)
    assert outcome.state is DeliveryState.PENDING
    late = after_refusal(
        freed,
        SinkError("HTTP 503"),
        patience=PATIENCE,
        now=held.until + PATIENCE.give_up_after,
        dice=0.5,
    )
    assert (late.state, late.reason) == (DeliveryState.DEAD, "undelivered after 3 d: HTTP 503")


def test_what_is_let_go_before_its_hold_ends_has_its_whole_time_as_well() -> None:
    held = Hold(cause="silence:7", until=NOW + timedelta(days=7), reason="silence 7")
    freed = replace(delivery(age=timedelta(days=7)), held=held)
    outcome = after_refusal(freed, SinkError("HTTP 503"), patience=PATIENCE, now=NOW, dice=0.5)
    assert outcome.state is DeliveryState.PENDING


@pytest.mark.parametrize(
    ("forced", "state"), [(False, DeliveryState.DELIVERED), (True, DeliveryState.DEAD)]
)
def test_a_repeat_that_is_given_up_leaves_it_told(forced: bool, state: DeliveryState) -> None:
    again = replace(delivery(), accepted_at=NOW, forced=forced)
    refusal = SinkError("HTTP 400", permanent=True)
    outcome = after_refusal(again, refusal, patience=PATIENCE, now=NOW, dice=0.5)
    assert (outcome.state, outcome.reason) == (state, "refused for good: HTTP 400")
