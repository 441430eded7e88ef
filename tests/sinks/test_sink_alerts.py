import json
import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hostile_texts import hostile_lives, hostile_texts
from hypothesis import given, settings
from hypothesis import strategies as st
from sink_notices import DEVICE, NOW, as_notice, changed, cleared, make_alarm, raised

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.delivery import Notice
from alarmbridge.core.event import tell_cleared, tell_raised
from alarmbridge.core.labels import build_labels
from alarmbridge.core.telling import read_telling
from alarmbridge.core.texts import one_line
from alarmbridge.sinks.alerts import (
    build_annotations,
    ended_at,
    find_origin,
    fingerprint_of,
    read_labels,
    started_at,
    write_labels,
)

HOUR = timedelta(hours=1)


def _annotations(notice: Notice) -> dict[str, str]:
    return build_annotations(notice, read_telling(notice.body))


def _clear_of(alarm: Alarm) -> Notice:
    return as_notice(tell_cleared(alarm, sequence=3, now=NOW), DEVICE)


def _raise_of(alarm: Alarm) -> Notice:
    return as_notice(tell_raised(alarm, sequence=1, now=NOW), DEVICE)


def test_labels_say_which_alarm_of_which_device() -> None:
    alarm = replace(make_alarm(), oid="1.3.6.1.4.1.5003.9.10.1.21.2.0.10")
    assert build_labels(alarm, {"site": "ams"}) == {
        "alarm_id": "alarm-1",
        "alertname": "acBoardEthernetLinkAlarm",
        "device": "sbc-ams-1",
        "oid": "1.3.6.1.4.1.5003.9.10.1.21.2.0.10",
        "site": "ams",
        "source": "Board#1",
    }


@pytest.mark.parametrize(
    ("name", "oid", "alertname"),
    [
        ("acKeepAlive", "1.2.3", "acKeepAlive"),
        (None, "1.2.3", "1.2.3"),
        (" ", "1.2.3", "1.2.3"),
        ("", " ", "alarm"),
        (None, None, "alarm"),
    ],
)
def test_an_alert_always_has_a_name(name: str | None, oid: str | None, alertname: str) -> None:
    labels = build_labels(replace(make_alarm(), name=name, oid=oid), {})
    assert labels["alertname"] == alertname


def test_what_is_empty_is_no_label() -> None:
    alarm = replace(make_alarm(), device="", source="\n", oid="")
    assert build_labels(alarm, {"site": " "}).keys() == {"alarm_id", "alertname"}


def test_a_tags_name_becomes_one_that_a_label_can_have() -> None:
    tags = {"cost-centre": "a", "2nd": "b", "größe": "c", "": "d"}
    assert build_labels(make_alarm(), tags).keys() >= {"cost_centre", "_2nd", "gr__e", "_"}


def test_an_alarms_own_labels_go_before_configured_ones_and_those_before_tags() -> None:
    labels = build_labels(make_alarm(), {"device": "x", "site": "x"}, {"site": "y", "team": "z"})
    assert (labels["device"], labels["site"], labels["team"]) == ("sbc-ams-1", "y", "z")


def test_labels_as_a_key_are_canonical_and_come_back() -> None:
    labels = {"b": "ü", "alertname": "x"}
    assert write_labels(labels) == '{"alertname":"x","b":"ü"}'
    assert read_labels(write_labels(labels)) == labels


@pytest.mark.parametrize("key", ["alarm-1", "1", "null", "[]", '{"a": "b"}', "{", ""])
def test_a_key_of_another_type_of_sink_becomes_a_label(key: str) -> None:
    assert read_labels(key) == {"alertname": "alarm", "alarm_id": key}


def test_a_fingerprint_is_what_a_real_alertmanager_made_of_the_same_labels() -> None:
    labels = {"source": "Bücher#1", "alertname": "acBoardTemperatureAlarm", "device": "sbc-ams-1"}
    assert fingerprint_of(labels) == "8f3c2d94d5000fb7"


def test_annotations_say_the_rest() -> None:
    notice = changed()
    assert _annotations(notice) == {
        "summary": "CRITICAL (was major) sbc-ams-1: Trunk is down (Board#1)",
        "description": "Trunk is down",
        "severity": "critical",
        "previous_severity": "major",
        "event_id": notice.event_id,
    }


def test_what_the_catalogue_knows_is_an_annotation() -> None:
    alarm = replace(make_alarm(), oid="1.3.6.1.4.1.5003.9.10.1.21.2.0.10")
    assert _annotations(raised(alarm)).keys() >= {"meaning", "check"}


def test_a_clear_says_how_it_came() -> None:
    said = _annotations(cleared(make_alarm(clear_description="Trunk is up")))
    assert (said["description"], said["clear_description"]) == ("Trunk is down", "Trunk is up")
    assert said["severity"] == "major"


@settings(deadline=None, max_examples=50)
@given(hostile_lives(), st.dictionaries(hostile_texts, hostile_texts, max_size=3))
def test_no_text_makes_a_label_or_an_annotation_too_long_or_not_one_line(
    life: list[Notice], tags: dict[str, str]
) -> None:
    for notice in life:
        labels = build_labels(read_telling(notice.body).alarm, tags)
        annotations = _annotations(notice)
        assert all(re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]{0,100}", name) for name in labels)
        assert all(0 < len(text) <= 200 for text in labels.values())
        assert all(0 < len(text) <= 2000 for text in annotations.values())
        texts = [*labels.values(), *annotations.values()]
        assert [one_line(text) for text in texts] == texts
        assert read_labels(write_labels(labels)) == labels


def test_an_alarm_stands_since_the_device_says_so() -> None:
    telling = read_telling(_raise_of(replace(make_alarm(), raised_at=NOW - HOUR)).body)
    assert started_at(telling.alarm) == NOW - HOUR


@pytest.mark.parametrize("raised_at", [None, NOW + HOUR])
def test_an_alarm_stands_since_it_was_seen_at_the_latest(raised_at: datetime | None) -> None:
    telling = read_telling(_raise_of(replace(make_alarm(), raised_at=raised_at)).body)
    assert started_at(telling.alarm) == NOW


@pytest.mark.parametrize(
    ("cleared_at", "ended"),
    [
        (NOW - HOUR, NOW - HOUR),
        (NOW + HOUR, NOW),
        (None, NOW),
        (NOW - 3 * HOUR, NOW - 2 * HOUR),
    ],
)
def test_an_alarm_ended_after_it_began_and_before_that_was_found(
    cleared_at: datetime | None, ended: datetime
) -> None:
    alarm = replace(make_alarm(), raised_at=NOW - 2 * HOUR, cleared_at=cleared_at)
    assert ended_at(read_telling(_clear_of(alarm).body)) == ended


def test_an_alert_comes_from_the_device_or_from_nowhere() -> None:
    zoned = replace(DEVICE, url="https://[fe80::1%eth0]:8443")
    assert find_origin(read_telling(raised().body)) == "https://10.4.219.229"
    assert find_origin(read_telling(raised(device=zoned).body)) == "https://[fe80::1%25eth0]:8443"
    assert find_origin(read_telling(raised(device=None).body)) == ""


def test_the_key_of_an_alarm_is_text_that_any_json_reader_reads() -> None:
    key = write_labels(build_labels(make_alarm(description="x"), {"a": '"\\'}))
    assert json.loads(key)["a"] == '"\\'
