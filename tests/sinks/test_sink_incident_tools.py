"""The incident tools of the tests notice what breaks a contract; otherwise they prove nothing."""

import json
from contextlib import AbstractAsyncContextManager
from typing import Any

import aiohttp
import pytest
from incidents.desk import Desk
from incidents.jsm import API_KEY, BASE, receive_jsm
from incidents.pagerduty import ROUTING_KEY, receive_pagerduty
from incidents.servicenow import PASSWORD, USERNAME, receive_servicenow

Asked = tuple[str, str, dict[str, Any]]

TRIGGER = {
    "routing_key": ROUTING_KEY,
    "event_action": "trigger",
    "dedup_key": "a",
    "payload": {"summary": "down", "source": "sbc", "severity": "error"},
}
RESOLVE = {"routing_key": ROUTING_KEY, "event_action": "resolve", "dedup_key": "a"}
ALERT = {"alias": "a", "message": "down", "priority": "P1"}
RECORD = {
    "source": "alarmbridge",
    "node": "sbc",
    "message_key": "a",
    "severity": "1",
    "resolution_state": "New",
    "additional_info": '{"event_id": "1"}',
    "time_of_event": "2026-11-23 21:04:05",
}


def enqueue(event: dict[str, Any], **keys: Any) -> Asked:
    return "POST", "/v2/enqueue", {**event, **keys}


def payload(**keys: Any) -> Asked:
    return enqueue(TRIGGER, payload={**TRIGGER["payload"], **keys})  # type: ignore[dict-item]


def alert(**keys: Any) -> Asked:
    return "POST", f"{BASE}/v2/alerts", {**ALERT, **keys}


def act(method: str, action: str, alias: str = "a", **keys: Any) -> Asked:
    return method, f"{BASE}/v2/alerts/{alias}/{action}?identifierType=alias", keys


def record(**keys: Any) -> Asked:
    return "POST", "/api/global/em/jsonv2", {"records": [{**RECORD, **keys}]}


def clear(**keys: Any) -> Asked:
    return record(severity="0", resolution_state="Closing", **keys)


async def _ask(receive: AbstractAsyncContextManager[Desk], *asked: Asked) -> tuple[int, Desk]:
    async with receive as desk, aiohttp.ClientSession() as session:
        for method, target, body in asked:
            async with session.request(
                method,
                aiohttp.client.URL(f"http://127.0.0.1:{_port(desk)}{target}", encoded=True),
                data=json.dumps(body),
                headers={
                    "Content-Type": "application/json",
                    "Authorization": f"GenieKey {API_KEY}"
                    if desk.raw["type"] == "jsm"
                    else aiohttp.encode_basic_auth(USERNAME, PASSWORD),
                },
            ) as response:
                status = response.status
    return status, desk


def _port(desk: Desk) -> str:
    return str(desk.raw["url"]).rpartition(":")[2].partition("/")[0]


@pytest.mark.parametrize(
    "asked",
    [
        [enqueue(RESOLVE)],
        [enqueue(TRIGGER), enqueue(RESOLVE), payload(custom_details={"event_id": "2"})],
        [enqueue(TRIGGER), enqueue(RESOLVE, payload={})],
        [enqueue(TRIGGER, dedup_key="a" * 256)],
        [enqueue(TRIGGER, links=[{"text": "sbc"}])],
        [enqueue(TRIGGER, surprise=1)],
        [payload(summary="x" * 1025)],
        [payload(summary="")],
        [payload(source="")],
        [payload(severity="major")],
        [payload(timestamp="2026-11-23T21:04:05")],
        [payload(component=1)],
        [payload(surprise=1)],
    ],
)
async def test_pagerduty_notices_what_breaks_its_contract(asked: list[Asked]) -> None:
    status, desk = await _ask(receive_pagerduty(), *asked)
    assert (status, len(desk.violations)) == (202, 1)


@pytest.mark.parametrize(
    "asked",
    [
        [alert(message="x" * 131)],
        [alert(message="😀" * 66)],
        [alert(alias="x" * 513)],
        [alert(description="x" * 15_001)],
        [alert(entity="x" * 513)],
        [alert(source="x" * 101)],
        [alert(priority="1")],
        [alert(tags=["x" * 51])],
        [alert(tags=["x"] * 21)],
        [alert(details={"key": 1})],
        [alert(details={"key": "x" * 8000})],
        [act("POST", "close", note="x" * 25_001)],
        [alert(), act("PUT", "message", message="down", source="alarmbridge")],
        [alert(), act("PUT", "priority", priority="major")],
        [alert(), act("POST", "notes")],
    ],
)
async def test_jsm_refuses_what_breaks_its_contract(asked: list[Asked]) -> None:
    status, desk = await _ask(receive_jsm(), *asked)
    assert (status, len(desk.violations)) == (422, 1)


@pytest.mark.parametrize(
    "asked",
    [
        [act("POST", "close")],
        [alert(), act("POST", "close"), alert(details={"event_id": "2"})],
        [alert(alias="a/b"), act("POST", "close", alias="a%2fb")],
        [alert(surprise=1)],
    ],
)
async def test_jsm_notices_what_it_takes_all_the_same(asked: list[Asked]) -> None:
    status, desk = await _ask(receive_jsm(), *asked)
    assert (status, len(desk.violations)) == (202, 1)


@pytest.mark.parametrize(
    "asked",
    [
        [clear()],
        [record(), clear(), record(additional_info='{"event_id": "2"}')],
        [record(severity="0")],
        [record(resolution_state="Closing")],
        [record(severity="major")],
        [record(severity=1)],
        [record(node="", event_class="")],
        [record(additional_info='{"event_id": 1}')],
        [record(description="x" * 4001)],
        [record(resource="x" * 101)],
        [record(metric_name="x" * 1025)],
        [record(surprise="x")],
    ],
)
async def test_servicenow_notices_what_breaks_its_contract(asked: list[Asked]) -> None:
    status, desk = await _ask(receive_servicenow(), *asked)
    assert status == 200
    assert desk.violations


@pytest.mark.parametrize(
    ("receive", "asked", "status"),
    [
        (receive_pagerduty, enqueue(TRIGGER, routing_key="x" * 32), 400),
        (receive_pagerduty, enqueue(TRIGGER, event_action="open"), 400),
        (receive_pagerduty, enqueue({}), 400),
        (receive_pagerduty, ("POST", "/enqueue", TRIGGER), 404),
        (receive_pagerduty, payload(custom_details={"text": "x" * 512_000}), 413),
        (receive_jsm, ("POST", f"{BASE}/v2/alerts", {}), 422),
        (receive_jsm, ("POST", "/v2/alerts/a", ALERT), 404),
        (receive_servicenow, ("POST", "/api/global/em/jsonv2", {"records": []}), 400),
        (receive_servicenow, ("POST", "/api/mid/em/jsonv2", {"records": [RECORD]}), 404),
    ],
)
async def test_what_the_real_one_refuses_is_refused(
    receive: Any, asked: Asked, status: int
) -> None:
    answered, desk = await _ask(receive(), asked)
    assert (answered, desk.incidents) == (status, {})
