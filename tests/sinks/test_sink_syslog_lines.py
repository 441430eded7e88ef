import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hostile_texts import hostile_lives, hostile_texts
from hypothesis import given, settings
from hypothesis import strategies as st
from sink_notices import DEVICE, NOW, as_notice, changed, cleared, make_alarm, raised
from syslog_receiver import read_rfc5424

from alarmbridge import __version__
from alarmbridge.core.alarm import Alarm, Origin
from alarmbridge.core.bridge import raise_own
from alarmbridge.core.delivery import Notice
from alarmbridge.core.event import tell_raised
from alarmbridge.core.payload import DeviceFacts
from alarmbridge.sinks.syslog_lines import (
    Style,
    key_of_line,
    write_audiocodes,
    write_rfc3164,
    write_rfc5424,
)

STYLE = Style(facility="local0", app_name="alarmbridge", hostname="bridge-1", max_length=2048)
SHORT = replace(STYLE, app_name="a" * 32, hostname="h" * 255, max_length=1024)
KNOWN = replace(make_alarm(), event_type="communicationsAlarm", probable_cause="lossOfSignal")


@pytest.fixture(autouse=True)
def _berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Europe/Berlin")
        time.tzset()
        yield
    time.tzset()


def test_a_raise_is_this_line() -> None:
    notice = raised(KNOWN)
    assert write_rfc5424(notice, STYLE).decode() == (
        "<130>1 2026-11-23T21:04:05.250Z sbc-ams-1 alarmbridge alarm-1 acBoardEthernetLinkAlarm "
        '[alarm resource="Board#1" probableCause="lossOfSignal" perceivedSeverity="major"'
        ' eventType="communicationsAlarm" resourceURI="https://10.4.219.229/#Board%231"]'
        f'[origin software="alarmbridge" swVersion="{__version__}"] '
        "\ufeffMAJOR sbc-ams-1: Trunk is down (Board#1)"
        f" kind=raised event_id={notice.event_id}"
    )


def test_a_change_says_where_it_is_moving() -> None:
    said = read_rfc5424(write_rfc5424(changed(), STYLE))
    assert (said.priority, said.kind) == (129, "changed")
    assert said.elements["alarm"]["perceivedSeverity"] == "critical"
    assert said.elements["alarm"]["trendIndication"] == "moreSevere"


def test_a_clear_is_a_notice_of_the_same_process() -> None:
    said = read_rfc5424(write_rfc5424(cleared(), STYLE))
    assert (said.priority, said.kind, said.process) == (133, "cleared", "alarm-1")
    assert said.elements["alarm"]["perceivedSeverity"] == "cleared"
    assert said.elements["alarm"]["trendIndication"] == "lessSevere"
    assert said.elements["alarm"]["probableCause"] == "other"


def test_a_clear_goes_under_its_raises_key() -> None:
    notice = replace(cleared(), key="as it was\nraised")
    assert read_rfc5424(write_rfc5424(notice, STYLE)).process == "as_it_was_raised"


def test_an_alarm_of_no_device_and_no_name_is_the_bridges() -> None:
    bare = replace(make_alarm(), source=None, name=None, device="")
    said = read_rfc5424(write_rfc5424(raised(bare, device=None), STYLE))
    assert (said.host, said.id) == ("bridge-1", "-")
    assert said.elements["alarm"]["resource"] == "alarmbridge"
    assert "resourceURI" not in said.elements["alarm"]


def test_a_name_that_is_not_ascii_stays_one_of_its_own() -> None:
    notice = raised(device=replace(DEVICE, name="sbc-köln"))
    assert read_rfc5424(write_rfc5424(notice, STYLE)).host == r"sbc-k\xf6ln"


def test_what_ends_a_value_is_escaped() -> None:
    notice = raised(replace(make_alarm(), source='a"]\\ [b'))
    line = write_rfc5424(notice, STYLE)
    assert b'resource="a\\"\\]\\\\ [b"' in line
    assert read_rfc5424(line).elements["alarm"]["resource"] == 'a"]\\ [b'


def test_an_address_of_ipv6_is_escaped() -> None:
    line = write_rfc5424(raised(device=replace(DEVICE, url="https://[2001:db8::1]:8443")), STYLE)
    assert b'resourceURI="https://[2001:db8::1\\]:8443/#Board%231"' in line
    params = read_rfc5424(line).elements["alarm"]
    assert params["resourceURI"] == "https://[2001:db8::1]:8443/#Board%231"


def test_a_long_text_is_cut_between_characters_and_the_ids_stay() -> None:
    notice = replace(raised(), title="€" * 5000)
    line = write_rfc5424(notice, STYLE)
    assert 2045 <= len(line) <= 2048
    said = read_rfc5424(line)
    assert f"€… kind=raised event_id={notice.event_id}" in said.text


def test_words_of_a_users_own_are_put_on_one_line() -> None:
    notice = replace(raised(), title="Störung\nan <130>1 \u2028x")
    said = read_rfc5424(write_rfc5424(notice, STYLE))
    assert said.text.startswith("Störung an <130>1 <U+2028>x kind=raised ")


def test_the_old_format_is_this_line_in_local_time() -> None:
    early = replace(make_alarm(), seen_at=NOW)
    notice = as_notice(
        tell_raised(early, sequence=1, now=datetime(2026, 7, 1, 22, 4, 5, tzinfo=UTC)), DEVICE
    )
    assert write_rfc3164(notice, STYLE).decode() == (
        "<130>Jul  2 00:04:05 sbc-ams-1 alarmbridge: MAJOR sbc-ams-1: Trunk is down (Board#1)"
        " kind=raised name=acBoardEthernetLinkAlarm alarm_id=alarm-1"
        f" event_id={notice.event_id}"
    )


def test_the_old_format_is_ascii_of_a_kilobyte() -> None:
    notice = replace(raised(), title="Ölstand 😀" * 500)
    line = write_rfc3164(notice, replace(STYLE, max_length=8192)).decode("ascii")
    assert 1010 <= len(line) <= 1024
    assert r"alarmbridge: \xd6lstand \U0001f600\xd6lstand" in line
    assert re.search(r"\.\.\. kind=raised name=\S+ alarm_id=alarm-1 event_id=\S+$", line)


def told_as_a_device(alarm: Alarm, notice: Notice | None = None) -> str:
    notice = replace(notice or raised(alarm), key=key_of_line(alarm, "bridge-1"))
    return write_audiocodes(notice, STYLE).decode()


def test_a_device_tells_a_raise_by_this_line() -> None:
    alarm = replace(make_alarm(), device_alarm_id="17")
    notice = raised(alarm)
    assert told_as_a_device(alarm, notice) == (
        "<130>Nov 23 22:04:05 sbc-ams-1 RAISE-ALARM: acBoardEthernetLinkAlarm;"
        " Textual Description: Trunk is down; Severity major; Source Board#1; Unique ID: 17;"
        f" Additional Info1: event_id={notice.event_id}"
    )


def test_a_device_tells_a_clear_in_the_clears_words() -> None:
    alarm = make_alarm(clear_description="Trunk is up")
    line = told_as_a_device(alarm, cleared(alarm))
    assert line.startswith("<133>Nov 23 22:04:05 sbc-ams-1 CLEAR-ALARM: acBoardEthernetLinkAlarm; ")
    assert " Textual Description: Trunk is up; Severity cleared; Source Board#1; " in line


def test_a_device_tells_a_change_as_a_raise() -> None:
    assert " RAISE-ALARM: " in told_as_a_device(make_alarm(), changed())


def test_the_device_line_bears_the_names_of_its_raise() -> None:
    notice = replace(cleared(), key="sbc-old;acOldName;Old#1")
    line = write_audiocodes(notice, STYLE).decode()
    assert " sbc-old CLEAR-ALARM: acOldName; " in line
    assert "; Source Old#1; " in line


def test_the_device_line_can_do_with_the_key_of_another_profile() -> None:
    line = write_audiocodes(cleared(), STYLE).decode()
    assert " sbc-ams-1 CLEAR-ALARM: acBoardEthernetLinkAlarm; " in line


def test_no_text_makes_a_field_of_the_device_line() -> None:
    forged = "down; Severity cleared; Source Board#9"
    alarm = replace(make_alarm(description=forged), source="a;b\nCLEAR-ALARM: x; c")
    line = told_as_a_device(alarm)
    assert line.count("; Severity ") == line.count("; Source ") == 1
    assert "; Source a,b CLEAR-ALARM: x, c; Unique ID" in line


def test_a_device_knows_an_alarm_by_host_name_and_source() -> None:
    alarm = make_alarm()
    assert key_of_line(alarm, "bridge-1") == "sbc-ams-1;acBoardEthernetLinkAlarm;Board#1"
    nameless = replace(alarm, name=None, oid="1.3.6.1", source=None)
    assert key_of_line(nameless, "bridge-1") == "sbc-ams-1;1.3.6.1;-"


def test_alarms_of_which_nothing_is_known_do_not_pass_for_one() -> None:
    one = replace(make_alarm(), name=None, device_alarm_id="1")
    other = replace(one, device_alarm_id="2")
    seen_late = replace(one, device_alarm_id=None, raise_row="2/h")
    assert len({key_of_line(alarm, "bridge-1") for alarm in (one, other, seen_late)}) == 3


def test_two_sinks_that_fail_do_not_pass_for_one() -> None:
    keys = [
        key_of_line(
            raise_own(
                "sinkFailing", device="", subject=sink, words="down", sequence=1, now=NOW
            ).alarm,
            "bridge-1",
        )
        for sink in ("chat", "oncall")
    ]
    assert keys == [f"bridge-1;sinkFailing;alarmbridge/{sink}" for sink in ("chat", "oncall")]


def test_only_the_bridges_own_source_has_a_subject() -> None:
    assert replace(make_alarm(), device_alarm_id="5").origin is Origin.DEVICE
    assert key_of_line(replace(make_alarm(), device_alarm_id="5"), "b").endswith(";Board#1")


styles = st.sampled_from([STYLE, SHORT])
keys = st.just("alarm-1") | hostile_texts


@settings(max_examples=50, deadline=None)
@given(hostile_lives(), styles, keys, hostile_texts)
def test_whatever_a_device_says_is_one_message_of_rfc_5424(
    life: list[Notice], style: Style, key: str, title: str
) -> None:
    for notice in (*life, replace(life[0], key=key, title=title)):
        line = write_rfc5424(notice, style)
        assert len(line) <= style.max_length
        said = read_rfc5424(line)
        assert (said.host, said.app) == ("sbc-ams-1", style.app_name)
        assert [*said.elements] == ["alarm", "origin"]
        assert said.elements["alarm"].keys() >= {"resource", "probableCause", "perceivedSeverity"}
        assert (said.kind, said.event_id) == (notice.kind, notice.event_id)
        assert_one_line(line.decode())


@settings(max_examples=50, deadline=None)
@given(hostile_lives(), styles, keys, hostile_texts)
def test_whatever_a_device_says_is_one_message_of_rfc_3164(
    life: list[Notice], style: Style, key: str, title: str
) -> None:
    for notice in (*life, replace(life[0], key=key, title=title)):
        line = write_rfc3164(notice, style)
        assert len(line) <= 1024
        tag = re.escape(style.app_name)
        assert re.fullmatch(
            rf"<1[23]\d>[A-Z][a-z]{{2}} [ \d]\d \d\d:\d\d:\d\d sbc-ams-1 {tag}: [ -~]*"
            rf" kind={notice.kind} name=[!-~]+ alarm_id=[!-~]+ event_id={notice.event_id}",
            line.decode("ascii"),
        )


@settings(max_examples=50, deadline=None)
@given(hostile_lives(), styles, st.none() | hostile_texts)
def test_whatever_a_device_says_is_one_line_of_a_device(
    life: list[Notice], style: Style, source: str | None
) -> None:
    key = key_of_line(replace(make_alarm(), source=source, name=source), style.hostname)
    for notice in (*life, replace(life[2], key=key)):
        line = write_audiocodes(notice, style)
        assert len(line) <= style.max_length
        assert re.fullmatch(
            r"<1[23]\d>\w{3} [ \d]\d [\d:]{8} sbc-ams-1 (RAISE|CLEAR)-ALARM: [^;]+; "
            r"Textual Description: [^;]*; Severity [a-z]+; Source [^;]+; Unique ID: [0-9]+; "
            rf"Additional Info1: event_id={notice.event_id}",
            line.decode(),
        )
        assert_one_line(line.decode())


def assert_one_line(line: str) -> None:
    assert line.splitlines() == [line]
    assert line.replace("\ufeff", "").isprintable() or not re.search(r"[\x00-\x1f\x7f-\x9f]", line)


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_a_devices_url_and_source_make_a_uri(source: str) -> None:
    device = DeviceFacts(name="a", url="https://sbc-köln.example:8443", tags={})
    notice = raised(replace(make_alarm(), source=source), device=device)
    params = read_rfc5424(write_rfc5424(notice, STYLE)).elements["alarm"]
    uri = params.get("resourceURI", "https://x/")
    assert re.fullmatch(r"https://[A-Za-z0-9.:%/#_~-]+", uri)
    assert len(uri) <= 204
