"""A device's silence: what it comes to, how long it is left alone, and how it ends."""

from datetime import timedelta

import pytest
from core_cases import MINUTE, NOW, SECOND, held, hold, told

from alarmbridge.core.bridge import (
    DEVICE_LOGIN_FAILED,
    DEVICE_UNREACHABLE,
    DEVICE_UNREADABLE,
    SINK_FAILING,
    raise_own,
)
from alarmbridge.core.decision import Held
from alarmbridge.core.errors import BadAnswer, DeviceError, LoginFailed, Restarted, Unreachable
from alarmbridge.core.health import (
    PATIENCE,
    SOON,
    Health,
    Manners,
    Refusal,
    after_failure,
    after_success,
    declare,
    pause_after_failure,
    pause_while_unsettled,
    recover,
    trouble_of,
    wait_after_refusal,
)

MANNERS = Manners()


def failed(*kinds: str) -> Health:
    health = Health()
    for kind in kinds:
        health = after_failure(health, kind, unreachable_after=3)
    return health


def held_with(name: str) -> Held:
    own = raise_own(name, device="sbc-1", subject=name, words="No.", sequence=1, now=NOW).alarm
    return held(own=(own,), sequence=1)


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (Unreachable("timed out"), DEVICE_UNREACHABLE),
        (LoginFailed("401"), DEVICE_LOGIN_FAILED),
        (BadAnswer("no JSON"), DEVICE_UNREADABLE),
        (Restarted("restarted", wiped=True), DEVICE_UNREADABLE),
        (DeviceError("odd"), DEVICE_UNREACHABLE),
    ],
)
def test_every_failure_has_its_alarm(error: DeviceError, name: str) -> None:
    assert trouble_of(error) == name


def test_only_the_third_miss_in_a_row_is_an_alarm() -> None:
    assert failed(*[DEVICE_UNREACHABLE] * 2).trouble is None
    assert failed(*[DEVICE_UNREACHABLE] * 3).trouble == DEVICE_UNREACHABLE


def test_misses_of_two_kinds_add_up_to_the_alarm_of_the_last() -> None:
    kinds = (DEVICE_UNREACHABLE, DEVICE_UNREACHABLE, DEVICE_UNREADABLE)
    assert failed(*kinds).trouble == DEVICE_UNREADABLE


def test_a_device_is_well_once_it_was_read_and_until_a_read_fails() -> None:
    assert not Health().well
    read = after_success(NOW)
    assert read.well
    assert not after_failure(read, DEVICE_UNREACHABLE, unreachable_after=3).well


def test_refused_credentials_are_an_alarm_at_once() -> None:
    assert failed(DEVICE_LOGIN_FAILED).trouble == DEVICE_LOGIN_FAILED


def test_one_alarm_gives_way_to_another_only_after_as_many_misses_again() -> None:
    misses = [DEVICE_UNREACHABLE] * 3 + [DEVICE_UNREADABLE] * 2
    assert failed(*misses).trouble == DEVICE_UNREACHABLE
    assert failed(*misses, DEVICE_UNREADABLE).trouble == DEVICE_UNREADABLE
    assert failed(*misses, DEVICE_UNREACHABLE).trouble == DEVICE_UNREACHABLE


def test_a_success_begins_the_count_anew() -> None:
    health = after_success(NOW)
    assert (health.misses, health.trouble, health.good_at) == (0, None, NOW)


def test_a_struggling_device_is_left_alone_for_longer_and_longer() -> None:
    pauses = [
        pause_after_failure(failed(*[DEVICE_UNREACHABLE] * misses), MANNERS) / SECOND
        for misses in range(1, 9)
    ]
    assert pauses == [5, 5, 5, 10, 20, 30, 30, 30]


def test_a_device_that_is_seldom_asked_is_not_asked_more_often_when_it_fails() -> None:
    seldom = Manners(interval=10 * MINUTE)
    health = failed(*[DEVICE_UNREACHABLE] * 2000)
    assert pause_after_failure(health, seldom) == 10 * MINUTE


def test_refused_credentials_are_kept_back_for_auth_retry() -> None:
    assert pause_after_failure(failed(DEVICE_LOGIN_FAILED), MANNERS) == 10 * MINUTE


@pytest.mark.parametrize(
    ("age", "left"),
    [(0, 10), (4, 6), (10, 0), (11, 0), (-60, 10)],
)
def test_a_refusal_is_remembered_for_auth_retry_whatever_the_clock_was_set_to(
    age: int, left: int
) -> None:
    refusal = Refusal(at=NOW - age * MINUTE, digest="d")
    assert wait_after_refusal(refusal, MANNERS, now=NOW) == left * MINUTE


def test_after_an_unsettled_read_the_next_look_is_soon() -> None:
    assert pause_while_unsettled(1, MANNERS) == SOON <= timedelta(seconds=2)
    assert pause_while_unsettled(1, Manners(interval=SECOND / 2)) == SECOND / 2


def test_a_token_that_never_settles_is_no_reason_to_hurry_for_ever() -> None:
    assert pause_while_unsettled(PATIENCE, MANNERS) == SOON
    assert pause_while_unsettled(PATIENCE + 1, MANNERS) == MANNERS.interval


def test_a_trouble_is_declared_once() -> None:
    decision = declare(held(), DEVICE_UNREACHABLE, words="It timed out.", now=NOW)
    assert told(decision) == ["raised deviceUnreachable"]
    assert declare(held_with(DEVICE_UNREACHABLE), DEVICE_UNREACHABLE, words="-", now=NOW).empty


def test_one_trouble_takes_the_place_of_another() -> None:
    before = held_with(DEVICE_UNREACHABLE)
    decision = declare(before, DEVICE_LOGIN_FAILED, words="It refused.", now=NOW)
    assert told(decision) == ["cleared deviceUnreachable", "raised deviceLoginFailed"]
    assert [event.sequence for event in decision.events] == [2, 3]


def test_a_device_that_can_be_read_again_is_in_no_trouble() -> None:
    decision = recover(held_with(DEVICE_UNREADABLE), now=NOW)
    assert told(decision) == ["cleared deviceUnreadable"]
    assert decision.events[0].alarm.clear_description == "sbc-1 can be read again."


def test_recovering_clears_nothing_else() -> None:
    assert recover(held_with(SINK_FAILING), now=NOW).empty
    assert recover(hold(held(), recover(held(), now=NOW)), now=NOW).empty
