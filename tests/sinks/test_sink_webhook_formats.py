"""The formats of a webhook: what each owes, and what is particular to it."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings.http import HTTPMessage, from_binary
from cloudevents.core.formats.json import JSONFormat
from hostile_texts import hostile_lives
from hypothesis import given, settings
from pydantic import ValidationError
from sink_notices import DEVICE, NOW, as_notice, changed, cleared, make_alarm, raised
from sink_receivers import WEBHOOK_SECRET, WebhookReceiver, receive_webhook
from standardwebhooks.webhooks import Webhook

from alarmbridge.core.delivery import Notice
from alarmbridge.core.event import tell_cleared, tell_raised
from alarmbridge.core.severity import Severity
from alarmbridge.sinks.alerts import fingerprint_of
from alarmbridge.sinks.formats import Format
from alarmbridge.sinks.webhook import Config, Sink

NEVER = "0001-01-01T00:00:00Z"
KINDS = {"firing": "raised", "resolved": "cleared"}

every_format = pytest.mark.parametrize("form", [*Format])


def _kind_of(said: Mapping[str, Any]) -> str:
    if "alerts" not in said:
        return str(said["type"]).removeprefix("alarm.")
    (alert,) = said["alerts"]
    return "changed" if "previous_severity" in alert["annotations"] else KINDS[said["status"]]


@pytest.fixture
def far_end(far_end: WebhookReceiver) -> WebhookReceiver:
    """A receiver that understands every format."""
    far_end.kind_of = _kind_of
    return far_end


def _sink(far_end: WebhookReceiver, form: Format, **keys: object) -> Sink:
    return Sink(Config.model_validate({"name": "hook", **far_end.raw, "format": form, **keys}))


async def _deliver(far_end: WebhookReceiver, form: Format, *notices: Notice) -> None:
    """Deliver notices of one alarm, each under the key that its raise was given."""
    sink = _sink(far_end, form)
    key = sink.key_for(make_alarm(), {"site": "ams"})
    try:
        for notice in notices:
            await sink.deliver(replace(notice, key=key))
    finally:
        await sink.aclose()


@every_format
async def test_raise_change_and_clear_arrive(far_end: WebhookReceiver, form: Format) -> None:
    notices = [raised(), changed(), cleared()]
    await _deliver(far_end, form, *notices)
    expected = [(notice.event_id, notice.kind) for notice in notices]
    assert [(heard.event_id, heard.kind) for heard in far_end.heard] == expected
    assert all("Trunk is down" in heard.text for heard in far_end.heard)


@every_format
async def test_a_repeat_is_the_same_bytes_under_the_same_id(
    far_end: WebhookReceiver, form: Format
) -> None:
    for notice in (raised(), cleared()):
        await _deliver(far_end, form, notice, replace(notice, sent_at=NOW + timedelta(hours=1)))
        assert far_end.heard[-1] == far_end.heard[-2]
        first, second = (dict(headers) for headers, _ in far_end.requests[-2:])
        own = {"webhook-timestamp", "webhook-signature"}
        assert {key for key in first if first[key] != second.get(key)} == own


@every_format
async def test_each_is_signed(far_end: WebhookReceiver, form: Format) -> None:
    await _deliver(far_end, form, replace(raised(), sent_at=datetime.now(UTC)))
    headers, body = far_end.requests[0]
    assert headers["content-type"] == "application/json"
    assert Webhook(WEBHOOK_SECRET).verify(body, dict(headers)) == json.loads(body)


@every_format
@settings(deadline=None, max_examples=10)
@given(life=hostile_lives())
async def test_hostile_texts_forge_nothing(form: Format, life: list[Notice]) -> None:
    async with receive_webhook() as far_end:
        far_end.kind_of = _kind_of
        await _deliver(far_end, form, raised(), *life)
    names = [sorted(headers) for headers, _ in far_end.requests]
    assert len(names) == 4
    assert all(one == names[0] for one in names)
    assert all(
        text.isascii() and text.isprintable() for h, _ in far_end.requests for text in h.values()
    )


def test_native_is_what_a_webhook_says_unless_told_otherwise() -> None:
    config = Config.model_validate({"name": "hook", "url": "https://hooks.example/"})
    assert config.format is Format.NATIVE


def test_only_three_formats_are_known() -> None:
    with pytest.raises(ValidationError, match="format"):
        Config.model_validate({"name": "hook", "url": "https://hooks.example/", "format": "xml"})


# CloudEvents


async def _cloudevent_of(far_end: WebhookReceiver, notice: Notice) -> BaseCloudEvent:
    await _deliver(far_end, Format.CLOUDEVENTS, notice)
    headers, body = far_end.requests[-1]
    return from_binary(HTTPMessage(dict(headers), body), JSONFormat())


async def test_the_reference_library_reads_a_cloudevent(far_end: WebhookReceiver) -> None:
    notice = raised()
    event = await _cloudevent_of(far_end, notice)
    assert event.get_attributes() == {
        "specversion": "1.0",
        "id": notice.event_id,
        "source": "/devices/sbc-ams-1",
        "type": "com.alarmbridge.alarm.raised",
        "subject": "alarm-1",
        "time": NOW,
        "datacontenttype": "application/json",
        "sequence": "00000000000000000001",
        "severitytext": "MAJOR",
        "severitynumber": "17",
    }
    assert event.get_data() == json.loads(notice.body)


async def test_a_cloudevents_body_is_the_native_event_byte_for_byte(
    far_end: WebhookReceiver,
) -> None:
    await _deliver(far_end, Format.CLOUDEVENTS, cleared())
    headers, body = far_end.requests[0]
    assert body == cleared().body.encode()
    assert headers["ce-id"] == headers["webhook-id"]
    assert headers["ce-time"] == json.loads(body)["timestamp"]
    assert "ce-datacontenttype" not in headers


@pytest.mark.parametrize(
    ("notice", "word"), [(raised(), "raised"), (changed(), "changed"), (cleared(), "cleared")]
)
async def test_a_cloudevents_type_says_what_happened(
    far_end: WebhookReceiver, notice: Notice, word: str
) -> None:
    event = await _cloudevent_of(far_end, notice)
    assert event.get_type() == f"com.alarmbridge.alarm.{word}"


async def test_severities_compare_as_opentelemetry_has_them(far_end: WebhookReceiver) -> None:
    numbers = []
    for severity in Severity:
        event = await _cloudevent_of(far_end, raised(make_alarm(severity=severity)))
        assert event.get_extension("severitytext") == severity.upper()
        numbers.append(int(event.get_extension("severitynumber")))
    assert numbers == [21, 17, 14, 13, 9]


async def test_a_clear_is_as_severe_as_its_alarm_was(far_end: WebhookReceiver) -> None:
    event = await _cloudevent_of(far_end, cleared(make_alarm(severity=Severity.CRITICAL)))
    assert event.get_extension("severitytext") == "CRITICAL"


async def test_a_devices_name_is_encoded_as_uri_and_then_as_header(
    far_end: WebhookReceiver,
) -> None:
    device = replace(DEVICE, name='gerät/1 "%"\r\nx-forged: 1')
    event = await _cloudevent_of(far_end, raised(device=device))
    uri = "/devices/ger%C3%A4t%2F1%20%22%25%22%0D%0Ax-forged%3A%201"
    assert event.get_source() == uri
    assert far_end.requests[0][0]["ce-source"] == uri.replace("%", "%25")


async def test_an_alarm_without_a_device_comes_from_alarmbridge(far_end: WebhookReceiver) -> None:
    event = await _cloudevent_of(far_end, raised(device=None))
    assert event.get_source() == "/alarmbridge"


@pytest.mark.parametrize(("name", "works"), [("CE-Source", False), ("x-ce", True)])
def test_a_cloudevents_headers_are_alarmbridges_own(name: str, works: bool) -> None:
    raw = {"name": "hook", "url": "https://hooks.example/", "headers": {name: "x"}}
    assert Config.model_validate(raw)
    if works:
        assert Config.model_validate({**raw, "format": "cloudevents"})
    else:
        with pytest.raises(ValidationError, match="ce-…"):
            Config.model_validate({**raw, "format": "cloudevents"})


# Alertmanager's webhook, version 4


async def _payloads_of(far_end: WebhookReceiver, *notices: Notice) -> list[dict[str, Any]]:
    await _deliver(far_end, Format.ALERTMANAGER, *notices)
    payloads = [json.loads(body) for _, body in far_end.requests]
    for payload in payloads:
        check_payload(payload)
    return payloads


ALERT = {
    "status": str,
    "labels": dict,
    "annotations": dict,
    "startsAt": str,
    "endsAt": str,
    "generatorURL": str,
    "fingerprint": str,
}
MESSAGE = {
    "version": str,
    "groupKey": str,
    "truncatedAlerts": int,
    "status": str,
    "receiver": str,
    "groupLabels": dict,
    "commonLabels": dict,
    "commonAnnotations": dict,
    "externalURL": str,
    "alerts": list,
}


def check_payload(payload: dict[str, Any]) -> None:
    """Hold a payload against Alertmanager's own structs, `Message` and `Alert`, field by field."""
    assert {key: type(value) for key, value in payload.items()} == MESSAGE
    assert payload["version"] == "4"
    (alert,) = payload["alerts"]
    assert {key: type(value) for key, value in alert.items()} == ALERT
    assert payload["status"] == alert["status"] in {"firing", "resolved"}
    assert payload["commonLabels"] == alert["labels"]
    assert payload["commonAnnotations"] == alert["annotations"]
    assert payload["groupLabels"].items() <= alert["labels"].items()
    for mapping in (alert["labels"], alert["annotations"]):
        assert all(re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*", name) for name in mapping)
        assert all(isinstance(text, str) and text for text in mapping.values())
    assert re.fullmatch(r"[0-9a-f]{16}", alert["fingerprint"])
    starts_at, ends_at = map(datetime.fromisoformat, (alert["startsAt"], alert["endsAt"]))
    assert (alert["endsAt"] == NEVER) == (alert["status"] == "firing")
    assert alert["status"] == "firing" or starts_at <= ends_at


async def test_an_alert_fires_and_is_resolved_under_one_key(far_end: WebhookReceiver) -> None:
    payloads = await _payloads_of(far_end, raised(), changed(), cleared())
    assert [one["status"] for one in payloads] == ["firing", "firing", "resolved"]
    assert [one["alerts"][0]["endsAt"] for one in payloads] == [
        NEVER,
        NEVER,
        "2026-11-23T21:04:05.250Z",
    ]
    assert len({one["groupKey"] for one in payloads}) == 1
    assert len({one["alerts"][0]["fingerprint"] for one in payloads}) == 1
    severities = [one["alerts"][0]["labels"]["severity"] for one in payloads]
    assert severities == ["major", "critical", "major"]


async def test_a_raise_as_an_alertmanagers_message_to_the_letter(far_end: WebhookReceiver) -> None:
    notice = raised()
    (payload,) = await _payloads_of(far_end, notice)
    group = {
        "alarm_id": "alarm-1",
        "alertname": "acBoardEthernetLinkAlarm",
        "device": "sbc-ams-1",
        "site": "ams",
        "source": "Board#1",
    }
    annotations = {
        "summary": "MAJOR sbc-ams-1: Trunk is down (Board#1)",
        "description": "Trunk is down",
        "severity": "major",
        "event_id": notice.event_id,
    }
    assert payload == {
        "version": "4",
        "groupKey": json.dumps(group, separators=(",", ":")),
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "hook",
        "groupLabels": group,
        "commonLabels": {**group, "severity": "major"},
        "commonAnnotations": annotations,
        "externalURL": "",
        "alerts": [
            {
                "status": "firing",
                "labels": {**group, "severity": "major"},
                "annotations": annotations,
                "startsAt": "2026-11-23T21:04:05.250Z",
                "endsAt": NEVER,
                "generatorURL": "https://10.4.219.229",
                "fingerprint": fingerprint_of(group),
            }
        ],
    }


async def test_a_group_stays_as_it_was_when_the_device_is_tagged_anew(
    far_end: WebhookReceiver,
) -> None:
    tagged = replace(DEVICE, tags={"site": "ber", "more": "x"})
    clear = as_notice(tell_cleared(make_alarm(), sequence=3, now=NOW), tagged)
    first, last = await _payloads_of(far_end, raised(), clear)
    assert first["groupLabels"] == last["groupLabels"]
    assert first["alerts"][0]["labels"] == last["alerts"][0]["labels"]


async def test_an_alarm_of_alarmbridges_own_is_a_message_as_well(far_end: WebhookReceiver) -> None:
    alarm = replace(make_alarm(), device="", name="sinkFailing", source="alarmbridge")
    notice = as_notice(tell_raised(alarm, sequence=1, now=NOW), None)
    (payload,) = await _payloads_of(far_end, notice)
    assert payload["alerts"][0]["generatorURL"] == ""


async def test_what_was_raised_in_another_format_is_closed_by_its_id(
    far_end: WebhookReceiver,
) -> None:
    sink = _sink(far_end, Format.ALERTMANAGER)
    await sink.deliver(cleared())
    await sink.aclose()
    payload = json.loads(far_end.requests[0][1])
    check_payload(payload)
    assert payload["groupKey"] == "alarm-1" == payload["groupLabels"]["alarm_id"]


def test_only_an_alert_is_known_by_its_labels(far_end: WebhookReceiver) -> None:
    keys = {form: _sink(far_end, form).key_for(make_alarm(), {}) for form in Format}
    assert keys[Format.NATIVE] == keys[Format.CLOUDEVENTS] == "alarm-1"
    assert json.loads(keys[Format.ALERTMANAGER])["alarm_id"] == "alarm-1"
