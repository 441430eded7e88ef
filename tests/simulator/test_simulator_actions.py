"""Actions: reset, saving, and tokens for the web (guide 5); privilege levels and methods (12)."""

import pytest
from simulator_box import NOW, device, get, post, put, read, send, told

from alarmbridge.simulator.faults import Drop
from alarmbridge.simulator.request import Sent, sent_file, sent_json

BUSY = (409, "Device is currently performing HA synchronization")
PARTIAL = "SyslogServerIP = 10.9.9.9\n"


def test_the_actions_are_listed_as_in_the_guide() -> None:
    listed = read(get(device(), "/actions"))["actions"]
    assert [each["id"] for each in listed] == ["reset", "saveConfiguration", "authToken"]
    assert listed[1]["url"] == "/api/v1/actions/saveConfiguration"


def test_a_reset_is_answered_before_it_happens_and_takes_a_while() -> None:
    asked = device()
    number = asked.model.raise_alarm(NOW - 5)
    assert told(post(asked, "/actions/reset")) == (200, "Device will reset now")
    assert not asked.model.stands(number)
    assert send(asked, "/status", at=2.9).fault == Drop()
    assert read(get(asked, "/status", at=3.0))["systemUpTime"] == 3
    assert asked.model.chronicle.epoch == 1


def test_a_graceful_reset_waits_for_its_time_or_for_the_calls() -> None:
    for timeout, seconds in ((30, 30), (1, 5)):
        asked = device()
        assert post(asked, "/actions/reset", gracefulTimeout=timeout).status == 200
        assert get(asked, "/status", at=seconds - 0.1).status == 200
        assert send(asked, "/status", at=seconds).fault == Drop()


@pytest.mark.parametrize(
    "body",
    [
        {"saveConfiguration": "yes"},
        {"gracefulTimeout": -1},
        {"gracefulTimeout": "0"},
        {"gracefulTimeout": True},
        {"graceful": 1},
        [],
    ],
)
def test_a_reset_with_bad_attributes_is_refused(body: object) -> None:
    asked = device()
    answer = send(asked, "/actions/reset", sent_json(body), method="POST").answer
    assert told(answer)[0] == 400
    assert get(asked, "/status", at=1).status == 200


def test_a_body_that_is_no_json_is_refused() -> None:
    body = Sent(content_type="application/json", json=b"x")
    for wrong in (body, sent_file("{}")):
        answer = send(device(), "/actions/reset", wrong, method="POST").answer
        assert told(answer) == (400, "Invalid JSON")


def test_an_action_without_a_body_has_its_defaults() -> None:
    answer = send(device(), "/actions/reset", method="POST").answer
    assert told(answer) == (200, "Device will reset now")


@pytest.mark.parametrize(("save", "kept"), [(True, True), (False, False)])
def test_a_reset_saves_the_configuration_unless_told_otherwise(save: bool, kept: bool) -> None:
    asked = device()
    put(asked, "/files/ini/incremental", PARTIAL)
    post(asked, "/actions/reset", saveConfiguration=save)
    assert (b"10.9.9.9" in get(asked, "/files/ini", at=9).body) is kept


def test_what_was_saved_survives_a_power_cut_and_nothing_else() -> None:
    asked = device(extra_fields=True)
    put(asked, "/files/ini/incremental", PARTIAL)
    assert read(get(asked, "/status"))["saveNeeded"] == "true"
    saved = post(asked, "/actions/saveConfiguration")
    assert (saved.status, saved.body) == (200, b"")
    put(asked, "/files/ini/incremental", "SyslogServerIP = 10.8.8.8\n")
    asked.model.reboot(NOW)
    assert b"10.9.9.9" in get(asked, "/files/ini").body
    assert read(get(asked, "/status"))["saveNeeded"] == "false"


def test_a_token_opens_the_web_page_once_and_for_ten_seconds() -> None:
    asked = device()

    def enter(token: str, at: float) -> int:
        reply = asked.handle("/index.html", {"mode": "web", "authToken": token}, NOW + at)
        return reply.answer.status

    first, second, third = (
        read(post(asked, "/actions/authToken", username="john", privLevel="admin"))["authToken"]
        for _ in range(3)
    )
    assert len(first) == 32
    assert int(first, 16)
    assert [enter(first, 10), enter(first, 10), enter(second, 10.1), enter("x", 1)] == [
        200,
        401,
        401,
        401,
    ]
    page = asked.handle("/index.html", {"authToken": third}, NOW).answer
    assert (page.headers["Content-Type"], b"john (admin)" in page.body) == ("text/html", True)
    assert asked.login.wrong == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": ""},
        {"privLevel": "root"},
        {"sessionTimeout": "180"},
        {"sessionTimeout": 0},
        {"crossHost": 7},
        {"colour": "red"},
    ],
)
def test_a_token_with_bad_attributes_is_refused(wrong: dict[str, object]) -> None:
    good: dict[str, object] = {"username": "john", "privLevel": "monitor"}
    assert told(post(device(), "/actions/authToken", **(good | wrong)))[0] == 400


def test_a_device_that_synchronises_says_so_and_refuses_what_would_change_it() -> None:
    asked = device(pair=True)
    asked.model.synchronise(NOW, 10)
    assert read(get(asked, "/status", at=9))["highAvailability"] == "Synchronizing"
    assert told(post(asked, "/actions/reset", at=9)) == BUSY
    assert told(post(asked, "/actions/saveConfiguration", at=9)) == BUSY
    for path in ("ini", "ini/incremental", "cliScript", "software", "software/hitless", "cpt"):
        assert told(put(asked, f"/files/{path}", "CMP", at=9)) == BUSY
    assert get(asked, "/files/ini", at=9).status == 200
    assert post(asked, "/actions/authToken", at=9, username="j", privLevel="admin").status == 200
    assert read(get(asked, "/status", at=10))["highAvailability"] == "Operational"
    assert post(asked, "/actions/reset", at=10).status == 200


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/actions", "POST", 405),
        ("/actions/reset", "GET", 405),
        ("/actions/explode", "POST", 404),
        ("/files/ini", "DELETE", 405),
        ("/files/ini/incremental", "GET", 405),
        ("/files/software", "GET", 405),
        ("/files/cpt", "GET", 405),
        ("/files/nothing", "PUT", 404),
        ("/files/tls/0/nothing", "PUT", 404),
        ("/files/tls/x", "GET", 404),
        ("/status", "PUT", 405),
        ("/alarms/active", "DELETE", 405),
        ("/license", "POST", 405),
        ("/performanceMonitoring", "PUT", 405),
    ],
)
def test_a_method_or_path_that_is_not_there_is_refused(path: str, method: str, status: int) -> None:
    assert send(device(), path, method=method).answer.status == status


def test_the_methods_that_are_there_are_named() -> None:
    assert send(device(), "/files/ini", method="POST").answer.headers["Allow"] == "GET, PUT"


@pytest.mark.parametrize(
    ("path", "accept", "status"),
    [
        ("/files/ini", "application/octet-stream", 200),
        ("/files/ini", "application/json", 406),
        ("/actions", "application/octet-stream", 406),
        ("/actions", "application/json", 200),
        ("/files/ini", "text/html, */*", 200),
    ],
)
def test_only_what_cannot_be_taken_is_a_406(path: str, accept: str, status: int) -> None:
    assert send(device(), path, accept=accept).answer.status == status


def test_a_monitor_may_look_but_not_at_the_configuration_and_do_nothing() -> None:
    asked = device("monitor")
    put_reply = send(asked, "/files/cpt", method="PUT")
    assert put_reply.answer.status == 403
    for path in ("/files/ini", "/files/cliScript", "/license"):
        assert get(asked, path).status == 403
    assert post(asked, "/actions/reset").status == 403
    for path in ("/actions", "/files", "/status", "/alarms"):
        assert get(asked, path).status == 200
    assert asked.counters.not_get == 2


def test_an_operator_may_do_all_but_give_tokens() -> None:
    asked = device("operator")
    assert get(asked, "/files/ini").status == 200
    assert put(asked, "/files/cpt", "tones").status == 200
    assert post(asked, "/actions/authToken", username="j", privLevel="admin").status == 403
