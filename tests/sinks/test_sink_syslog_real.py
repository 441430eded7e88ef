"""The wire, proven against rsyslog."""

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from authority import Authority
from rsyslog_program import Rsyslogd
from sink_notices import NOW, changed, cleared, make_alarm, raised

from alarmbridge.core.errors import SinkError
from alarmbridge.core.severity import Severity
from alarmbridge.sinks.syslog import Config, Sink

WAYS = [
    ("udp", {}),
    ("tcp", {}),
    ("tcp", {"framing": "lf"}),
    ("tls", {}),
    ("tls", {"framing": "lf"}),
]
every_way = pytest.mark.parametrize(
    ("scheme", "keys"), WAYS, ids=lambda part: part if isinstance(part, str) else "-".join(part)
)
BOM = "\ufeff"


@asynccontextmanager
async def listening(folder: Path, scheme: str, *, asks: bool = False) -> AsyncIterator[Rsyslogd]:
    program = Rsyslogd(folder, scheme, asks=asks)
    try:
        await program.start()
        yield program
    finally:
        await program.stop(signal.SIGKILL)


@asynccontextmanager
async def leads_to(program: Rsyslogd, **keys: object) -> AsyncIterator[Sink]:
    sink = Sink(Config.model_validate({"name": "siem", **program.keys, **keys}))
    try:
        yield sink
    finally:
        await sink.aclose()


@every_way
async def test_a_life_is_understood(tmp_path: Path, scheme: str, keys: dict[str, str]) -> None:
    hostile = replace(
        make_alarm(description="Störung 😀\n<131>1 forged \u2028 \x00"),
        source='Board#1/"quoted"\\[1]',
        probable_cause="lossOfSignal",
        event_type="communicationsAlarm",
    )
    lives = [raised(hostile), changed(), cleared()]
    async with listening(tmp_path, scheme) as program:
        async with leads_to(program, facility="local3", **keys) as sink:
            for notice in lives:
                await sink.deliver(notice)
        told = await program.hear(3)
    assert [(said["syslogfacility"], said["syslogseverity"]) for said in told] == [
        ("19", "2"),
        ("19", "1"),
        ("19", "5"),
    ]
    for said, notice in zip(told, lives, strict=True):
        assert said["hostname"] == "sbc-ams-1"
        assert (said["app-name"], said["procid"]) == ("alarmbridge", "alarm-1")
        assert said["msgid"] == "acBoardEthernetLinkAlarm"
        assert said["protocol-version"] == "1"
        assert said["timereported"].startswith("2026-11-23T21:04:05.25")
        assert said["msg"].startswith(BOM)
        assert said["msg"].endswith(f" kind={notice.kind} event_id={notice.event_id}")
    assert "Störung 😀 <131>1 forged <U+2028> <U+0000>" in told[0]["msg"]
    data = [said["$!"]["rfc5424-sd"] for said in told]
    assert data[0]["alarm"] == {
        "resource": 'Board#1/"quoted"\\[1]',
        "probablecause": "lossOfSignal",
        "perceivedseverity": "major",
        "eventtype": "communicationsAlarm",
        "resourceuri": "https://10.4.219.229/#Board%231/%22quoted%22%5C%5B1%5D",
    }
    assert [part["alarm"]["perceivedseverity"] for part in data] == ["major", "critical", "cleared"]
    assert [part["alarm"].get("trendindication") for part in data] == [
        None,
        "moreSevere",
        "lessSevere",
    ]
    assert {part["origin"]["software"] for part in data} == {"alarmbridge"}


async def test_each_severity_is_the_level_that_the_table_says(tmp_path: Path) -> None:
    async with (
        listening(tmp_path, "udp") as program,
        leads_to(program) as sink,
    ):
        for severity in Severity:
            await sink.deliver(raised(make_alarm(severity=severity)))
        told = await program.hear(5)
    shown = {
        said["$!"]["rfc5424-sd"]["alarm"]["perceivedseverity"]: said["syslogseverity"]
        for said in told
    }
    assert shown == {
        "critical": "1",
        "major": "2",
        "minor": "3",
        "warning": "4",
        "indeterminate": "5",
    }


@every_way
async def test_a_long_line_arrives_whole(tmp_path: Path, scheme: str, keys: dict[str, str]) -> None:
    notice = replace(raised(), title="é" * 20_000)
    async with (
        listening(tmp_path, scheme) as program,
        leads_to(program, max_length=8192, **keys) as sink,
    ):
        await sink.deliver(notice)
        await sink.deliver(cleared())
        told = await program.hear(2)
    assert 8185 <= len(told[0]["rawmsg"].encode()) <= 8192
    assert told[0]["msg"].endswith(f"é… kind=raised event_id={notice.event_id}")


async def test_the_old_format_is_understood(tmp_path: Path) -> None:
    async with (
        listening(tmp_path, "udp") as program,
        leads_to(program, profile="rfc3164", app_name="bridge") as sink,
    ):
        await sink.deliver(replace(raised(), title="MAJOR sbc-ams-1: Störung"))
        (said,) = await program.hear(1)
    assert (said["hostname"], said["programname"]) == ("sbc-ams-1", "bridge")
    assert said["syslogtag"] == "bridge:"
    assert said["timereported"][5:19] == f"{NOW.astimezone():%m-%dT%H:%M:%S}"
    assert said["msg"].startswith(r" MAJOR sbc-ams-1: St\xf6rung kind=raised ")


async def test_a_device_line_is_understood_as_the_devices(tmp_path: Path) -> None:
    async with (
        listening(tmp_path, "tcp") as program,
        leads_to(program, profile="audiocodes") as sink,
    ):
        for notice in (raised(), cleared()):
            key = sink.key_for(make_alarm(), {})
            await sink.deliver(replace(notice, key=key))
        told = await program.hear(2)
    assert [said["hostname"] for said in told] == ["sbc-ams-1", "sbc-ams-1"]
    assert [said["syslogtag"] for said in told] == ["RAISE-ALARM:", "CLEAR-ALARM:"]
    assert told[1]["msg"].startswith(
        " acBoardEthernetLinkAlarm; Textual Description: Trunk is down; Severity cleared; "
    )


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("scheme", ["udp", "tcp", "tls"])
async def test_what_is_told_after_a_restart_arrives(
    tmp_path: Path, scheme: str, how: signal.Signals
) -> None:
    async with listening(tmp_path, scheme) as program, leads_to(program) as sink:
        await sink.deliver(raised())
        await program.hear(1)
        await program.stop(how)
        with pytest.raises(SinkError, match=r"Connect call failed|Connection refused|hung up"):
            await sink.deliver(changed())
        await program.start()
        await sink.deliver(changed())
        await sink.deliver(cleared())
        told = await program.hear(3)
    kinds = [said["msg"].partition(" kind=")[2].partition(" ")[0] for said in told]
    assert kinds == ["raised", "changed", "cleared"]


async def test_a_receiver_that_has_restarted_meanwhile_is_connected_to_anew(tmp_path: Path) -> None:
    async with listening(tmp_path, "tcp") as program, leads_to(program) as sink:
        await sink.deliver(raised())
        await program.hear(1)
        await program.stop()
        await program.start()
        await sink.deliver(cleared())
        assert len(await program.hear(2)) == 2


async def test_rsyslog_is_believed_by_its_authority_alone(tmp_path: Path) -> None:
    stranger = Authority(tmp_path, "stranger")
    async with listening(tmp_path, "tls") as program:
        for ca_file in (stranger.ca_file, None):
            async with leads_to(program, ca_file=ca_file) as sink:
                with pytest.raises(SinkError, match=r"is not trusted: .*; set ca_file"):
                    await sink.deliver(raised())
        assert program.told() == []


async def test_rsyslog_that_asks_for_a_certificate_is_shown_one(tmp_path: Path) -> None:
    async with listening(tmp_path, "tls", asks=True) as program:
        async with leads_to(program) as sink:
            with pytest.raises(SinkError, match=r"hung up|does not agree on TLS"):
                await sink.deliver(raised())
        certificate, key = program.authority.issue("bridge")
        async with leads_to(program, certificate_file=certificate, key_file=key) as sink:
            await sink.deliver(raised())
        assert len(await program.hear(1)) == 1
