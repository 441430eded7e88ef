import re
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from authority import Authority
from cryptography.hazmat.primitives import serialization
from pydantic import ValidationError
from sink_notices import changed, cleared, make_alarm, raised
from syslog_receiver import read_rfc5424, receive_syslog

from alarmbridge.core.alarm import Origin
from alarmbridge.sinks.fields import FOLDER
from alarmbridge.sinks.syslog import Config, Sink

UDP = "udp://127.0.0.1"
TLS = "tls://siem.example"


def config(address: str = "tcp://127.0.0.1", **keys: object) -> Config:
    return Config.model_validate({"name": "siem", "type": "syslog", "address": address, **keys})


def mistake_of(address: str = "tcp://127.0.0.1", **keys: object) -> str:
    with pytest.raises(ValidationError) as caught:
        config(address, **keys)
    return "; ".join(error["msg"] for error in caught.value.errors())


def test_an_address_is_enough() -> None:
    given = config(UDP)
    assert (given.profile, given.facility, given.framing) == ("rfc5424", "local0", "octet")
    assert (given.app_name, given.hostname, given.max_length) == ("alarmbridge", None, 2048)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"address": "127.0.0.1:514"}, "must be udp://"),
        ({"profile": "cef"}, "'rfc5424', 'rfc3164' or 'audiocodes'"),
        ({"facility": "local8"}, "'local7'"),
        ({"framing": "crlf"}, "'octet' or 'lf'"),
        ({"app_name": "alarm bridge"}, "should match pattern"),
        ({"app_name": "a\n"}, "should match pattern"),
        ({"hostname": ""}, "should match pattern"),
        ({"max_length": 1023}, "greater than or equal to 1024"),
        ({"max_length": 70_000}, "less than or equal to 65000"),
        ({"body": "{{ text }}"}, "has a body, but syslog has one line; use title"),
        ({"title": "{{ nonsense }}"}, "is no template that works"),
        ({"address": UDP, "framing": "lf"}, "has a framing, which is for tcp:// and tls://"),
        ({"key_file": "k.pem", "address": TLS}, "has a key_file without a certificate_file"),
        (
            {"certificate_file": "c.pem", "key_file": "k.pem"},
            "has certificate_file and key_file, which tcp:// leaves out",
        ),
        (
            {"profile": "audiocodes", "title": "{{ title }}", "app_name": "x"},
            "has app_name and title, which the profile audiocodes leaves out",
        ),
    ],
)
def test_a_key_that_cannot_be_meant_is_a_mistake(keys: dict[str, object], expected: str) -> None:
    assert expected in mistake_of(**keys)


def test_words_may_be_written_in_capitals() -> None:
    assert config(facility="LOCAL3").facility == "local3"


def test_what_the_bridge_shows_of_itself_is_looked_at_before_it_starts(tmp_path: Path) -> None:
    certificate, key = Authority(tmp_path).issue("bridge")
    raw = {"name": "siem", "address": TLS, "certificate_file": certificate.name}
    here = {FOLDER: tmp_path}
    found = Config.model_validate({**raw, "key_file": key.name}, context=here)
    assert (found.certificate_file, found.key_file) == (certificate, key)
    both = tmp_path / "both.pem"
    both.write_bytes(certificate.read_bytes() + key.read_bytes())
    assert Config.model_validate({**raw, "certificate_file": both.name}, context=here)

    _, other = Authority(tmp_path).issue("other")
    locked = tmp_path / "locked.key"
    loaded = serialization.load_pem_private_key(key.read_bytes(), None)
    locked.write_bytes(
        loaded.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"canary"),
        )
    )
    for name in (other.name, locked.name, "missing.key"):
        with pytest.raises(ValidationError, match="cannot use certificate_file and key_file: "):
            Config.model_validate({**raw, "key_file": name}, context=here)


def test_only_datagrams_are_to_be_warned_of() -> None:
    assert [len(config(address).warnings()) for address in (UDP, "tcp://siem", TLS)] == [1, 0, 0]
    assert "goes unnoticed" in config(UDP).warnings()[0]


def test_a_device_line_knows_an_alarm_by_what_it_says() -> None:
    one, again = make_alarm(number=1), make_alarm(number=2)
    known, shared = Sink(config()), Sink(config(profile="audiocodes"))
    assert (known.key_is_shared, known.key_for(one, {})) == (False, "alarm-1")
    assert shared.key_is_shared
    assert shared.key_for(one, {}) == shared.key_for(again, {})


def test_the_bridge_has_the_machines_name_unless_it_is_given_one() -> None:
    own = replace(make_alarm(), device="", origin=Origin.BRIDGE)
    by_itself = Sink(config(profile="audiocodes")).key_for(own, {})
    given = Sink(config(profile="audiocodes", hostname="bridge-1")).key_for(own, {})
    assert by_itself.startswith(f"{socket.gethostname()};")
    assert given.startswith("bridge-1;")


async def test_a_datagram_is_said_to_be_unacknowledged() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(5)
        sink = Sink(config(f"udp://127.0.0.1:{receiver.getsockname()[1]}"))
        assert await sink.deliver(raised()) == "sent, unacknowledged"
        assert read_rfc5424(receiver.recv(4096)).kind == "raised"
        await sink.aclose()


async def test_a_line_is_counted_by_its_bytes() -> None:
    async with receive_syslog() as receiver:
        sink = Sink(Config.model_validate({"name": "siem", **receiver.raw}))
        notice = replace(raised(), title="Störung 😀")
        assert await sink.deliver(notice) == "acknowledged by TCP"
        assert read_rfc5424(receiver.lines[0]).text.startswith("Störung 😀 kind=raised ")
        await sink.aclose()
    assert receiver.violations == []


async def test_all_goes_by_one_connection_in_the_order_it_was_told() -> None:
    async with receive_syslog() as receiver:
        sink = Sink(Config.model_validate({"name": "siem", **receiver.raw}))
        for notice in (raised(), changed(), cleared()):
            await sink.deliver(notice)
        await sink.aclose()
    assert [heard.kind for heard in receiver.heard] == ["raised", "changed", "cleared"]
    assert receiver.connections == 1


async def test_with_line_feeds_a_line_ends_in_one_and_holds_no_other() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        sink = Sink(config(f"tcp://127.0.0.1:{server.getsockname()[1]}", framing="lf"))
        await sink.deliver(replace(raised(), title="down\n<130>1 forged"))
        await sink.deliver(cleared())
        await sink.aclose()
        connection, _ = server.accept()
        with connection, connection.makefile("rb") as told:
            lines = told.read().split(b"\n")
    assert [read_rfc5424(line).kind for line in lines[:-1]] == ["raised", "cleared"]
    assert lines[-1] == b""


@pytest.mark.parametrize(
    ("profile", "begin"),
    [
        ("rfc3164", rb"<130>\w{3} .* sbc-ams-1 alarmbridge: MAJOR sbc-ams-1: Trunk is down "),
        ("audiocodes", rb"<130>\w{3} .* sbc-ams-1 RAISE-ALARM: acBoardEthernetLinkAlarm; "),
    ],
)
async def test_the_older_profiles_go_the_same_ways(profile: str, begin: bytes) -> None:
    async with receive_syslog() as receiver:
        sink = Sink(Config.model_validate({"name": "siem", "profile": profile, **receiver.raw}))
        await sink.deliver(raised())
        await sink.aclose()
    assert re.match(begin, receiver.lines[0])
