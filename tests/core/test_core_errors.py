"""Errors: one tree, and what each carries to whoever handles it."""

from datetime import timedelta

import pytest

from alarmbridge.core import errors
from alarmbridge.core.errors import (
    AlarmbridgeError,
    BadAnswer,
    ConfigError,
    Conflict,
    DeviceError,
    Refused,
    Restarted,
    SinkError,
    Unreachable,
)


def test_every_error_is_one_of_ours() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    raised = [kind for kind in kinds if issubclass(kind, Exception)]
    assert len(raised) == 13
    assert all(issubclass(kind, AlarmbridgeError) for kind in raised)


def test_a_refusal_quotes_the_device() -> None:
    error = Conflict("ams answered with HTTP 409: busy", status=409, said="busy")
    assert isinstance(error, Refused | BadAnswer)
    assert (error.status, error.said) == (409, "busy")


def test_a_refusal_says_whether_to_ask_again_soon_is_of_use() -> None:
    statuses = (400, 403, 404, 405, 406, 409, 429, 500, 501, 503)
    refusals = [Refused("ams refused", status=status, said="") for status in statuses]
    assert [one.status for one in refusals if one.lasting] == [403, 404, 405, 406, 501]


def test_a_change_of_which_nobody_knows_says_so_last() -> None:
    error = BadAnswer("sbc-1 hung up")
    assert (str(error), error.perhaps_done) == ("sbc-1 hung up", False)
    error.perhaps_done = True
    assert str(error) == "sbc-1 hung up; it may have been done all the same"
    assert str(Unreachable("sbc-1 hung up", perhaps_done=True)) == str(error)


def test_a_configuration_error_lists_every_mistake_on_a_line() -> None:
    error = ConfigError(["devices.0.url: missing", "api.listen: no port"])
    assert str(error).splitlines() == error.mistakes


@pytest.mark.parametrize("wiped", [True, False])
def test_a_restart_in_the_middle_of_a_read_is_a_failed_read_that_says_what_is_left(
    wiped: bool,
) -> None:
    error = Restarted("sbc-1 restarted", wiped=wiped)
    assert isinstance(error, DeviceError)
    assert (str(error), error.wiped) == ("sbc-1 restarted", wiped)


def test_a_refusal_can_be_tried_again_unless_it_says_otherwise() -> None:
    error = SinkError("HTTP 503")
    assert (error.reason, str(error)) == ("HTTP 503", "HTTP 503")
    assert (error.permanent, error.gone, error.retry_after) == (False, False, None)


def test_a_refusal_carries_what_the_far_end_asked_for() -> None:
    error = SinkError("HTTP 410", gone=True, permanent=True, retry_after=timedelta(minutes=1))
    assert (error.permanent, error.gone, error.retry_after) == (True, True, timedelta(minutes=1))
