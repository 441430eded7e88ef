import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from incidents.servicenow import INSERTED, PASSWORD, USERNAME, ServiceNow, receive_servicenow
from pydantic import ValidationError
from sink_notices import changed, cleared, make_alarm, raised

from alarmbridge.core.alarm import Origin
from alarmbridge.core.delivery import Notice
from alarmbridge.core.errors import SinkError
from alarmbridge.core.severity import Severity
from alarmbridge.sinks.servicenow import Config, Sink


@pytest.fixture
async def instance() -> AsyncIterator[ServiceNow]:
    async with receive_servicenow() as receiver:
        yield receiver


async def _deliver(instance: ServiceNow, *notices: Notice, **keys: object) -> list[str]:
    sink = Sink(Config.model_validate({"name": "snow", **instance.raw, **keys}))
    try:
        return [await sink.deliver(notice) for notice in notices]
    finally:
        await sink.aclose()


async def test_an_event_says_what_where_and_how_bad(instance: ServiceNow) -> None:
    notice = raised()
    assert await _deliver(instance, notice) == ["HTTP 200"]
    record = instance.incidents["alarm-1"].fields
    details = json.loads(record.pop("additional_info"))
    assert record == {
        "source": "alarmbridge",
        "event_class": "AudioCodes Mediant",
        "node": "sbc-ams-1",
        "resource": "Board#1",
        "type": "acBoardEthernetLinkAlarm",
        "message_key": "alarm-1",
        "severity": "2",
        "resolution_state": "New",
        "description": f"{notice.title}\n{notice.text}",
        "time_of_event": "2026-11-23 21:04:05",
    }
    assert (details["event_id"], details["severity"]) == (notice.event_id, "major")
    assert instance.violations == []


@pytest.mark.parametrize(("severity", "number"), [*zip(Severity, "12345", strict=True)])
async def test_the_severity_is_a_number_and_the_word_stays_with_it(
    instance: ServiceNow, severity: Severity, number: str
) -> None:
    await _deliver(instance, raised(make_alarm(severity=severity)))
    record = instance.incidents["alarm-1"].fields
    assert record["severity"] == number
    assert json.loads(record["additional_info"])["severity"] == severity


async def test_a_change_is_an_event_of_the_same_alert(instance: ServiceNow) -> None:
    await _deliver(instance, raised(), changed())
    incident = instance.incidents["alarm-1"]
    assert (incident.count, incident.fields["severity"], instance.violations) == (2, "1", [])


async def test_a_clear_closes_by_severity_0_and_keeps_the_last_one(instance: ServiceNow) -> None:
    await _deliver(instance, raised(), cleared(make_alarm(clear_description="Trunk is up")))
    record = json.loads(instance.heard[-1].text)
    assert (record["severity"], record["resolution_state"]) == ("0", "Closing")
    details = json.loads(record["additional_info"])
    assert (details["severity"], details["clear_description"]) == ("major", "Trunk is up")
    assert (instance.incidents, instance.violations) == ({}, [])


@pytest.mark.parametrize(
    "said",
    [
        "",
        " \n",
        "{}",
        json.dumps(INSERTED),
        '{"records": [{"__status": "success", "description": "\\"__status\\": \\"failure\\""}]}',
        '{"records": [null, 1], "result": "failure"}',
        "[]",
        '"ok"',
    ],
)
async def test_an_answer_that_tells_of_no_failure_accepts(instance: ServiceNow, said: str) -> None:
    instance.said = said
    assert await _deliver(instance, raised()) == ["HTTP 200"]


@pytest.mark.parametrize(
    "said",
    [
        '{"records": [{"__status": "failure", "__error": {"message": "canary"}}]}',
        '{"records": [{"__status": "success"}, {"__status": "failure"}]}',
        '[{"__status": "failure"}]',
        '{"error": {"message": "canary"}, "status": "failure"}',
        '{"error": "canary"}',
        '{"result": {"Default Bulk Endpoint": "0 events were inserted"}}',
    ],
)
async def test_a_failure_in_an_accepting_answer_is_one(instance: ServiceNow, said: str) -> None:
    instance.said = said
    with pytest.raises(SinkError, match="answered 200 and did not insert the event") as caught:
        await _deliver(instance, raised())
    assert (caught.value.permanent, "canary" in caught.value.reason) == (False, False)


async def test_a_page_accepts_nothing(instance: ServiceNow) -> None:
    instance.said = " <html>Your instance is hibernating, canary"
    with pytest.raises(SinkError, match="with a page instead of JSON; check the url") as caught:
        await _deliver(instance, raised())
    assert (caught.value.permanent, "canary" in caught.value.reason) == (False, False)


@pytest.mark.parametrize("said", ["accepted", "{", "[" * 50_000, "x" * 200_000])
async def test_other_words_than_json_are_a_relays_own(instance: ServiceNow, said: str) -> None:
    instance.said = said
    assert await _deliver(instance, raised()) == ["HTTP 200"]


@pytest.mark.parametrize("password", ["p%41ss", "a:b/c?d#e@f", "ä😀 space", "%"])
async def test_a_password_is_sent_as_it_was_written(instance: ServiceNow, password: str) -> None:
    instance.password = password
    assert await _deliver(instance, raised(), password=password) == ["HTTP 200"]


async def test_a_password_that_is_refused_is_worth_another_try(instance: ServiceNow) -> None:
    with pytest.raises(SinkError, match="401 Unauthorized; check the credentials") as caught:
        await _deliver(instance, raised(), password="another")
    assert not caught.value.permanent


async def test_another_path_is_below_the_url(instance: ServiceNow) -> None:
    path = "/em_event.do?JSONv2&sysparm_action=insertMultiple"
    with pytest.raises(SinkError, match="404"):
        await _deliver(instance, raised(), path=path)
    assert instance.requests[0][1] == path


async def test_an_alarm_of_the_bridges_own_is_of_another_class(instance: ServiceNow) -> None:
    own = replace(make_alarm(), origin=Origin.BRIDGE)
    await _deliver(instance, raised(own, device=None), source="voice")
    record = instance.incidents["alarm-1"].fields
    shown = (record["source"], record["event_class"], record["node"])
    assert shown == ("voice", "alarmbridge", "alarmbridge")


@pytest.mark.parametrize(
    "keys",
    [
        {"url": "acme.service-now.com/canary"},
        {"url": "https://canary:canary@acme.service-now.com"},
        {"path": "canary"},
        {"path": "/can ary"},
        {"path": "/canary\r\nx: y"},
        {"username": "can:ary"},
        {"username": "canary\n"},
        {"source": ""},
        {"source": "canary" * 20},
        {"surprise": "canary"},
    ],
)
def test_a_configuration_that_cannot_work_is_refused_unseen(keys: dict[str, object]) -> None:
    login = {"username": USERNAME, "password": PASSWORD}
    url = "https://acme.service-now.com"
    raw = {"name": "snow", "type": "servicenow", "url": url, **login, **keys}
    with pytest.raises(ValidationError) as caught:
        Config.model_validate(raw)
    for said in caught.value.errors(include_input=False, include_url=False):
        assert "canary" not in said["msg"]
