import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from sink_notices import DEVICE, changed, cleared, make_alarm, raised

from alarmbridge.core.payload import with_note
from alarmbridge.sinks.details import list_details


def test_each_fact_has_its_name_and_what_is_none_is_left_out() -> None:
    notice = changed()
    assert list_details(with_note(notice.body, "flapping"), longest=100, total=4000) == {
        "event_id": notice.event_id,
        "alarm_id": "alarm-1",
        "device": "sbc-ams-1",
        "device_url": "https://10.4.219.229",
        "state": "active",
        "severity": "critical",
        "previous_severity": "major",
        "source": "Board#1",
        "name": "acBoardEthernetLinkAlarm",
        "seen_at": "2026-11-23T21:04:05.250Z",
        "origin": "device",
        "sequence": "2",
        "transient": "false",
        "note": "flapping",
        "tag_site": "ams",
        "description": "Trunk is down",
    }


def test_an_alarm_of_no_device_has_none_in_its_facts() -> None:
    details = list_details(raised(device=None).body, longest=100, total=4000)
    assert {"device", "device_url", "tag_site"} & details.keys() == set()


def test_a_clear_says_how_the_device_worded_it() -> None:
    body = cleared(make_alarm(clear_description="Trunk is up")).body
    assert list_details(body, longest=100, total=4000)["clear_description"] == "Trunk is up"


def test_no_text_of_a_device_breaks_a_line() -> None:
    body = raised(make_alarm(description="down\r\nseverity: cleared\u2028\x1b\u202e")).body
    described = list_details(body, longest=100, total=4000)["description"]
    assert described == "down severity: cleared<U+2028><U+001B><U+202E>"


@given(
    text=st.text(st.characters(codec="utf-8"), max_size=300),
    tags=st.dictionaries(st.text(max_size=10), st.text(max_size=50), max_size=10),
    longest=st.integers(min_value=1, max_value=100),
    total=st.integers(min_value=0, max_value=2000),
)
def test_whatever_is_said_the_bounds_are_kept(
    text: str, tags: dict[str, str], longest: int, total: int
) -> None:
    notice = raised(make_alarm(description=text), device=replace(DEVICE, tags=tags))
    details = list_details(notice.body, longest=longest, total=total)
    written = json.dumps(details, ensure_ascii=False)
    assert len(written.encode("utf-16-le")) // 2 <= max(total, len("{}"))
    assert all(len(value.encode("utf-16-le")) // 2 <= longest for value in details.values())


def test_what_is_needed_most_is_kept_where_little_fits() -> None:
    hostile = replace(make_alarm(description="x" * 10_000), source="y" * 10_000)
    details = list_details(raised(hostile).body, longest=200, total=500)
    assert {"event_id", "alarm_id", "device", "severity"} <= details.keys()
    assert "description" not in details
