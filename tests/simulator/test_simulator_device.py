"""The front door: login and lockout, faults as values, and the count of what was asked."""

import json

import pytest

from alarmbridge.simulator.device import Device, Reply
from alarmbridge.simulator.faults import (
    Drop,
    Fault,
    Faults,
    Loop,
    Redirect,
    Rubbish,
    Silence,
    Slow,
    Status,
)
from alarmbridge.simulator.login import Login
from alarmbridge.simulator.model import LAST_CHANGE, Mediant
from alarmbridge.simulator.rubbish import RUBBISH

ACTIVE, STATUS = "/api/v1/alarms/active", "/api/v1/status"


def device(*faults: Fault) -> Device:
    made = Device(Mediant("d1"), Login("monitor", "right"))
    made.model.raise_alarm(1)
    for fault in faults:
        made.faults.add(fault)
    return made


def ask(
    asked: Device,
    path: str = ACTIVE,
    now: float = 5.0,
    *,
    query: dict[str, str] | None = None,
    method: str = "GET",
    authorization: str | None = "right",
    accept: str = "*/*",
) -> Reply:
    """Ask a device, with the right password unless told otherwise."""
    header = asked.login.authorization if authorization == "right" else authorization
    return asked.handle(path, query or {}, now, method=method, authorization=header, accept=accept)


def test_the_right_password_opens() -> None:
    assert ask(device()).answer.status == 200


def test_no_password_is_refused_and_held_against_nobody() -> None:
    asked = device()
    refused = ask(asked, authorization=None).answer
    assert (refused.status, refused.headers["WWW-Authenticate"][:5]) == (401, "Basic")
    assert (asked.counters.unauthorized, asked.login.wrong) == (1, 0)


def test_three_wrong_passwords_lock_the_user_out_for_a_while() -> None:
    asked = device()
    for second in (1, 2, 3):
        assert ask(asked, now=second, authorization="Basic d3Jvbmc=").answer.status == 401
    assert (asked.login.wrong, asked.login.lockouts) == (3, 1)
    assert ask(asked, now=62).answer.status == 401
    assert ask(asked, now=63).answer.status == 200


def test_a_right_password_forgives_the_wrong_ones_before_it() -> None:
    asked = device()
    for _ in range(4):
        ask(asked, authorization="wrong")
        ask(asked, authorization="wrong")
        ask(asked)
    assert (asked.login.wrong, asked.login.lockouts) == (8, 0)


def test_wrong_passwords_in_a_block_count_but_do_not_block_anew() -> None:
    asked = device()
    for _ in range(9):
        ask(asked, authorization="wrong")
    assert (asked.login.wrong, asked.login.lockouts) == (9, 1)


def test_a_changed_password_refuses_the_old_one() -> None:
    asked = device()
    old = asked.login.authorization
    asked.login.change_password("new")
    assert ask(asked, authorization=old).answer.status == 401
    assert ask(asked).answer.status == 200


def test_anything_but_get_is_counted_and_refused() -> None:
    asked = device()
    assert ask(asked, method="PUT").answer.status == 405
    assert asked.counters.not_get == 1


def test_whoever_does_not_take_json_gets_a_406() -> None:
    assert ask(device(), accept="text/html").answer.status == 406
    assert ask(device(), accept="text/html, application/json").answer.status == 200


def test_requests_are_counted_by_endpoint() -> None:
    asked = device()
    for path in (ACTIVE, f"{ACTIVE}/1", LAST_CHANGE, LAST_CHANGE, "/nowhere"):
        ask(asked, path)
    expected = {"active": 1, "active/id": 1, "lastChange": 2, "unknown": 1}
    assert dict(asked.counters.requests) == expected
    assert asked.counters.total == 5


def test_requests_in_flight_are_counted_at_their_most() -> None:
    counters = device().counters
    counters.enter()
    counters.enter()
    counters.leave()
    counters.enter()
    assert (counters.in_flight, counters.max_in_flight) == (2, 2)


def test_a_fault_holds_for_its_endpoints_and_its_number_of_requests() -> None:
    asked = device(Status(code=503, endpoints=frozenset({"status"}), times=2))
    assert ask(asked, ACTIVE).answer.status == 200
    assert [ask(asked, STATUS).answer.status for _ in range(3)] == [503, 503, 200]
    assert asked.counters.faults == {"Status": 2}


def test_a_fault_holds_until_it_is_lifted() -> None:
    faults = Faults()
    faults.add(Silence())
    faults.add(Drop())
    assert isinstance(faults.take("active"), Silence)
    assert faults.lift(Silence) == 1
    assert isinstance(faults.take("active"), Drop)
    assert faults.lift() == 1
    assert faults.take("active") is None


def test_a_busy_device_says_when_to_come_back() -> None:
    busy = ask(device(Status(code=503, retry_after=7))).answer
    assert (busy.status, busy.headers["Retry-After"]) == (503, "7")


def test_a_refusal_by_fault_counts_as_401_but_not_as_a_wrong_login() -> None:
    asked = device(Status(code=401))
    assert ask(asked).answer.status == 401
    assert (list(asked.counters.unauthorized_at), asked.login.wrong) == ([5.0], 0)


def test_a_redirect_keeps_the_path() -> None:
    sent = ask(device(Redirect(to="http://other.example"))).answer
    assert (sent.status, sent.headers["Location"]) == (302, f"http://other.example{ACTIVE}")


def test_a_slow_device_has_its_right_answer_ready() -> None:
    reply = ask(device(Slow(seconds=3)))
    assert (reply.answer.status, reply.fault) == (200, Slow(seconds=3))


def test_a_wrong_password_gets_no_rubbish() -> None:
    reply = ask(device(Rubbish()), authorization="wrong")
    assert (reply.answer.status, reply.fault) == (401, None)


def test_a_silent_device_looks_at_nothing() -> None:
    asked = device(Silence())
    asked.model.trap("active", 1, asked.model.raise_alarm)
    assert isinstance(ask(asked, authorization="wrong").fault, Silence)
    assert (asked.login.wrong, len(asked.model.truth)) == (0, 1)


@pytest.mark.parametrize("what", RUBBISH)
@pytest.mark.parametrize("path", [ACTIVE, f"{ACTIVE}/1", LAST_CHANGE, STATUS, f"{ACTIVE}/9"])
def test_rubbish_is_a_200_that_differs_from_the_right_answer(what: str, path: str) -> None:
    right = ask(device(), path).answer
    spoilt = ask(device(Rubbish(what=what)), path).answer
    assert spoilt.status == 200
    assert spoilt.body != right.body or right.status == 404 or what == "duplicate_rows"


def test_rubbish_that_nobody_knows_is_refused_when_it_is_made() -> None:
    with pytest.raises(ValueError, match="unknown rubbish"):
        Rubbish(what="confetti")


def test_a_looping_cursor_gives_the_first_page_again() -> None:
    asked = device(Loop())
    first = json.loads(ask(asked).answer.body)
    again = json.loads(ask(asked, query={"after": first["cursor"]["after"]}).answer.body)
    assert first == again
    assert first["cursor"]["after"] == "1"


def test_a_fresh_loop_never_repeats_a_row() -> None:
    asked = device(Loop(fresh=True))
    pages = [json.loads(ask(asked).answer.body) for _ in range(3)]
    ids = [row["id"] for page in pages for row in page["alarms"]]
    assert len(set(ids)) == 60
