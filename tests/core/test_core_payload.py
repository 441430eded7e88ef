"""An event as the outside hears it: the shape of the design, to the letter."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from core_cases import NOON, NOW, alarm, cleared

from alarmbridge.core.bridge import SINK_FAILING, raise_own
from alarmbridge.core.event import Event, tell_changed, tell_cleared, tell_raised
from alarmbridge.core.payload import (
    DeviceFacts,
    alarm_as_json,
    build_body,
    format_instant,
    listed_alarm_as_json,
    with_note,
)
from alarmbridge.core.severity import Severity

FACTS = DeviceFacts(
    name="sbc-1",
    url="https://10.4.219.229",
    tags={"site": "ams"},
    product="Mediant SW",
    serial_number="1",
    version="7.20A",
)


def body(event: Event, device: DeviceFacts | None = FACTS) -> Any:
    return json.loads(build_body(event, device))


def test_a_raise_has_the_shape_of_the_design() -> None:
    event = tell_raised(alarm("1"), sequence=1042, now=NOW)
    assert body(event) == {
        "type": "alarm.raised",
        "timestamp": "2026-01-01T13:00:00.000Z",
        "data": {
            "event_id": event.id,
            "sequence": 1042,
            "transient": False,
            "alarm": {
                "id": "a1",
                "state": "active",
                "severity": "major",
                "previous_severity": None,
                "description": "Trunk is down",
                "clear_description": None,
                "source": "Board#1",
                "oid": "1.10",
                "name": None,
                "event_type": None,
                "probable_cause": None,
                "raised_at": "2026-01-01T12:00:10.000Z",
                "cleared_at": None,
                "clear_reason": None,
                "seen_at": "2026-01-01T13:00:00.000Z",
                "device_alarm_id": "1",
                "origin": "device",
            },
            "device": {
                "name": "sbc-1",
                "url": "https://10.4.219.229",
                "tags": {"site": "ams"},
                "product": "Mediant SW",
                "serial_number": "1",
                "version": "7.20A",
            },
        },
    }


def test_a_change_says_which_severity_was_before() -> None:
    worse = replace(alarm("1"), severity=Severity.CRITICAL)
    event = tell_changed(worse, previous_severity=Severity.MAJOR, sequence=2, now=NOW)
    told = body(event)["data"]["alarm"]
    assert (body(event)["type"], told["severity"], told["previous_severity"]) == (
        "alarm.changed",
        "critical",
        "major",
    )


def test_a_clear_keeps_the_last_severity_and_the_words_of_the_raise() -> None:
    closed = cleared(alarm("1"), cleared_at=NOON, clear_description="Trunk is up")
    told = body(tell_cleared(closed, sequence=3, now=NOW))["data"]["alarm"]
    assert (told["state"], told["severity"], told["clear_reason"]) == ("cleared", "major", "device")
    assert (told["description"], told["clear_description"]) == ("Trunk is down", "Trunk is up")
    assert told["cleared_at"] == "2026-01-01T12:00:00.000Z"


def test_an_alarm_of_the_history_alone_bears_the_id_of_its_row() -> None:
    assert alarm_as_json(replace(alarm(None), raise_row="17"))["device_alarm_id"] == "17"


def test_an_alarm_of_the_bridge_has_no_id_of_a_device_and_may_mean_none() -> None:
    event = raise_own(SINK_FAILING, device="", subject="chat", words="No.", sequence=1, now=NOW)
    data = body(event, None)["data"]
    assert (data["device"], data["alarm"]["device_alarm_id"]) == (None, None)
    assert (data["alarm"]["origin"], data["alarm"]["name"]) == ("bridge", "sinkFailing")


def test_a_listed_alarm_says_whose_it_is_and_how_operators_left_it() -> None:
    seen = alarm("1", acknowledged_at=NOW, acknowledged_by="noc", stale=True)
    said = listed_alarm_as_json(seen)
    assert said.items() >= alarm_as_json(seen).items()
    assert {key: said[key] for key in said if key not in alarm_as_json(seen)} == {
        "device": seen.device,
        "stale": True,
        "operator_state": "ack",
        "acknowledged_at": format_instant(NOW),
        "acknowledged_by": "noc",
        "closed_at": None,
        "closed_by": None,
    }


def test_a_listed_alarm_that_means_no_device_has_none() -> None:
    own = raise_own(SINK_FAILING, device="", subject="x", words="x", sequence=1, now=NOW)
    assert listed_alarm_as_json(own.alarm)["device"] is None


def test_the_words_of_a_device_stay_as_they_are() -> None:
    event = tell_raised(replace(alarm("1"), description='línea "1" ☎'), sequence=1, now=NOW)
    assert "línea" in build_body(event, FACTS)
    assert body(event)["data"]["alarm"]["description"] == 'línea "1" ☎'


def test_an_instant_is_written_in_utc_with_milliseconds() -> None:
    moment = datetime(2026, 11, 24, 0, 4, 5, 123_999, tzinfo=timezone(timedelta(hours=3)))
    assert format_instant(moment) == "2026-11-23T21:04:05.123Z"
    assert format_instant(datetime(2026, 11, 23, tzinfo=UTC)) == "2026-11-23T00:00:00.000Z"
    assert format_instant(None) is None


def test_a_note_is_added_and_nothing_else_is_touched() -> None:
    plain = build_body(
        tell_raised(replace(alarm("1"), description="línea ☎"), sequence=1, now=NOW), FACTS
    )
    noted = with_note(plain, "it flaps")
    assert json.loads(noted)["data"].pop("note") == "it flaps"
    assert noted == plain.replace('"version":"7.20A"}', '"version":"7.20A"},"note":"it flaps"')


def test_without_a_note_a_body_stays_the_same_text() -> None:
    odd = '{ "type": "alarm.raised" }'
    assert with_note(odd, None) is odd
