"""The wire, proven against net-snmp's snmptrapd."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sink_notices import DEVICE, NOW, as_notice, make_alarm, raised
from snmptrapd import COMMUNITY, Snmptrapd, until

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.delivery import Notice
from alarmbridge.core.errors import SinkError
from alarmbridge.core.event import tell_changed, tell_cleared, tell_raised
from alarmbridge.core.severity import Severity
from alarmbridge.sinks.snmp import Config, Sink
from alarmbridge.sinks.snmp_clock import engine_id_of

TRAP = "1.3.6.1.4.1.5003.9.10.1.21.2.0.10"
TRAP_OID = "1.3.6.1.6.3.1.1.4.1.0"
VARIABLES = "1.3.6.1.4.1.5003.9.10.1.21.1"
OWN = "1.3.6.1.4.1.8072.9999.9999.25276"
ENGINE = f"0x{engine_id_of('nms').hex()}"
V2C = {"version": "2c", "community": COMMUNITY}

STRONG = (("sha256", "aes128"), ("sha512", "aes256"))
# Keys longer than the digest are where Blumenthal's way and Reeder's differ.
WEAK = (("sha", "aes128"), ("sha", "aes192"), ("sha", "aes256"), ("sha224", "aes256"))
CISCO = (("sha", "aes192c"), ("sha", "aes256c"))
OTHER = (("sha384", "aes192"), ("sha256", None))

AUTH = {"sha": "SHA", **{f"sha{bits}": f"SHA-{bits}" for bits in (224, 256, 384, 512)}}
PRIVACY = {
    "aes128": "AES",
    "aes192": "AES-192",
    "aes256": "AES-256",
    "aes192c": "AES-192-C",
    "aes256c": "AES-256-C",
}


def user_of(auth: str, privacy: str | None) -> dict[str, object]:
    """A user as a sink is configured with."""
    raw = {"version": "3", "user": "bridge", "auth": {"protocol": auth, "password": "signéd-by-us"}}
    return {
        **raw,
        "privacy": privacy and {"protocol": privacy, "password": "hidden from all"},
    }


def created(auth: str, privacy: str | None, *, engine: str | None = None) -> Iterator[str]:
    """The same user as lines for snmptrapd. engine: whom it hears traps from."""
    whom = f"-e {engine} " if engine else ""
    hidden = f' {PRIVACY[privacy]} "hidden from all"' if privacy else ""
    yield f'createUser {whom}bridge {AUTH[auth]} "signéd-by-us"{hidden}'
    yield f"authUser log bridge {'priv' if privacy else 'auth'}"


@asynccontextmanager
async def listening(folder: Path, *users: str, named: bool = False) -> AsyncIterator[Snmptrapd]:
    trapd = Snmptrapd(folder, *users, named=named)
    await trapd.start()
    try:
        yield trapd
    finally:
        await trapd.stop()


@asynccontextmanager
async def leads_to(trapd: Snmptrapd, **keys: object) -> AsyncIterator[Sink]:
    sink = Sink(Config.model_validate({"name": "nms", "address": trapd.address, **keys}))
    try:
        yield sink
    finally:
        await sink.aclose()


def device_alarm(**keys: object) -> Alarm:
    return replace(
        make_alarm(),
        oid=TRAP,
        event_type="equipmentAlarm",
        probable_cause="lossOfSignal",
        raised_at=datetime(2026, 11, 23, 20, 0, 0, tzinfo=UTC),
        **keys,  # type: ignore[arg-type] - passed on
    )


def life(sink: Sink, alarm: Alarm) -> list[Notice]:
    worse = replace(alarm, severity=Severity.CRITICAL)
    gone = replace(worse, clear_description="Trunk is up")
    device = replace(DEVICE, product="Mediant SW", serial_number="6D2F", version="7.20A.200.014")
    events = (
        tell_raised(alarm, sequence=1, now=NOW),
        tell_changed(worse, previous_severity=Severity.MAJOR, sequence=2, now=NOW),
        tell_cleared(gone, sequence=3, now=NOW),
    )
    return [replace(as_notice(event, device), key=sink.key_for(alarm, {})) for event in events]


@pytest.mark.parametrize("notify", ["trap", "inform"])
async def test_a_device_alarm_is_heard_as_from_the_device(tmp_path: Path, notify: str) -> None:
    async with listening(tmp_path) as trapd, leads_to(trapd, **V2C, notify=notify) as sink:
        notices = life(sink, device_alarm())
        for notice in notices:
            await sink.deliver(notice)
        await until(lambda: len(trapd.told()) == 3)
    first, second, last = trapd.told()
    assert list(first) == [
        "",
        "1.3.6.1.2.1.1.3.0",
        TRAP_OID,
        *(f"{VARIABLES}.{number}.0" for number in range(1, 17)),
        "1.3.6.1.6.3.18.1.3.0",
    ]
    assert first[""].startswith("TRAP2" if notify == "trap" else "INFORM")
    assert list(first.values())[2:] == [
        f".{TRAP}",
        "9",
        "Trunk is down",
        "Board#1",
        "4",
        "1",
        "4",
        "29",
        "",
        "",
        f"alarm.raised {notices[0].event_id}",
        (bytes((7, 234, 11, 23, 20, 0, 0, 0)) + b"+\0\0").decode(errors="backslashreplace"),
        "",
        "",
        "",
        "sbc-ams-1, Mediant SW, 7.20A.200.014",
        "6D2F",
        "10.4.219.229",
    ]
    assert [one[f"{VARIABLES}.4.0"] for one in (second, last)] == ["5", "0"]
    assert last[f"{VARIABLES}.2.0"] == "Trunk is up"
    assert {one[TRAP_OID] for one in (first, second, last)} == {f".{TRAP}"}


@pytest.mark.parametrize(("auth", "privacy"), [*STRONG, *WEAK, *CISCO, *OTHER])
async def test_an_inform_of_version_3_is_acknowledged(
    tmp_path: Path, auth: str, privacy: str | None
) -> None:
    users = created(auth, privacy)
    async with (
        listening(tmp_path, *users) as trapd,
        leads_to(trapd, **user_of(auth, privacy)) as sink,
    ):
        for notice in life(sink, make_alarm()):
            assert await sink.deliver(notice) == "acknowledged"
    assert [one[TRAP_OID] for one in trapd.told()] == [f".{OWN}.0.{kind}" for kind in (1, 2, 3)]
    assert all(one[""].startswith("INFORM, SNMP v3, user bridge") for one in trapd.told())


@pytest.mark.parametrize(("auth", "privacy"), [*STRONG, ("sha", "aes256")])
async def test_a_trap_of_version_3_is_heard(tmp_path: Path, auth: str, privacy: str | None) -> None:
    users = created(auth, privacy, engine=ENGINE)
    async with (
        listening(tmp_path, *users) as trapd,
        leads_to(trapd, **user_of(auth, privacy), notify="trap") as sink,
    ):
        await sink.deliver(raised())
        await until(trapd.told)
    assert trapd.told()[0][""].startswith("TRAP2, SNMP v3, user bridge")


async def test_each_of_many_informs_at_once_is_acknowledged(tmp_path: Path) -> None:
    user = user_of(*STRONG[0])
    async with listening(tmp_path, *created(*STRONG[0])) as trapd, leads_to(trapd, **user) as sink:
        notices = [raised(make_alarm(number=number)) for number in range(40)]
        await asyncio.gather(*(sink.deliver(notice) for notice in notices))
    heard = {one[f"{OWN}.1.1.0"] for one in trapd.told()}
    assert heard == {notice.event_id for notice in notices}


async def test_who_is_not_believed_is_not_acknowledged(tmp_path: Path) -> None:
    right = user_of(*STRONG[0])
    wrong = {
        "refused the authentication; check auth": {"auth": {"password": "somebody else"}},
        "community or privacy": {"privacy": {"password": "somebody else"}},
        "does not know the user": {"user": "stranger"},
    }
    async with listening(tmp_path, *created(*STRONG[0])) as trapd:
        for words, keys in wrong.items():
            async with leads_to(trapd, **{**right, **keys}, timeout="1s") as sink:
                with pytest.raises(SinkError, match=words) as caught:
                    await sink.deliver(raised())
            assert (caught.value.permanent, caught.value.gone) == (False, False)
            assert "somebody" not in caught.value.reason
        assert trapd.told() == []


@pytest.mark.parametrize("forgets", [False, True], ids=["as itself", "as another engine"])
async def test_an_inform_waits_out_a_manager_that_is_away(tmp_path: Path, forgets: bool) -> None:
    keys = {**user_of(*STRONG[0]), "timeout": "1s"}
    async with listening(tmp_path, *created(*STRONG[0])) as trapd, leads_to(trapd, **keys) as sink:
        first, *later = (raised(make_alarm(number=number)) for number in range(3))
        await sink.deliver(first)
        await trapd.stop()
        for notice in later:
            with pytest.raises(SinkError, match="did not acknowledge"):
                await sink.deliver(notice)
        if forgets:
            shutil.rmtree(tmp_path / "kept")
        await trapd.start()
        for notice in later:
            await until_delivered(sink, notice)
    heard = [one[f"{OWN}.1.1.0"] for one in trapd.told()]
    assert heard == [notice.event_id for notice in (first, *later)]


async def until_delivered(sink: Sink, notice: Notice) -> None:
    """Deliver a notice as the dispatcher does, at most three times."""
    for _ in range(2):
        try:
            await sink.deliver(notice)
        except SinkError:
            continue
        return
    await sink.deliver(notice)


async def test_traps_are_heard_over_restarts_within_a_few_seconds(tmp_path: Path) -> None:
    """A receiver refuses what seems older than what it has heard."""
    starts = [timedelta(seconds=seconds) for seconds in (0, 1, 1.4, 3, 400)]
    user = {**user_of(*STRONG[0]), "notify": "trap"}
    users = created(*STRONG[0], engine=ENGINE)
    sent = []
    async with listening(tmp_path, *users) as trapd:
        for number, start in enumerate(starts):
            async with leads_to(trapd, **user) as sink:
                for part in (0, 1):
                    notice = raised(make_alarm(number=2 * number + part))
                    at = NOW + start + timedelta(seconds=part / 4)
                    await sink.deliver(replace(notice, sent_at=at))
                    sent.append(notice.event_id)
                    await until(lambda: len(trapd.told()) == len(sent))
    assert [one[f"{OWN}.1.1.0"] for one in trapd.told()] == sent
    assert "imeliness" not in trapd.complaints()


async def test_traps_of_two_at_once_are_heard(tmp_path: Path) -> None:
    """`sinks test` beside a daemon, or a second daemon: one engine to the receiver."""
    user = {**user_of(*STRONG[0]), "notify": "trap"}
    users = created(*STRONG[0], engine=ENGINE)
    async with (
        listening(tmp_path, *users) as trapd,
        leads_to(trapd, **user) as daemon,
        leads_to(trapd, **user) as other,
    ):
        for number, sink in enumerate((daemon, other, daemon, other, daemon)):
            at = NOW + timedelta(seconds=1000 * number)
            await sink.deliver(replace(raised(), sent_at=at))
            await until(lambda told=number + 1: len(trapd.told()) == told)


async def test_traps_are_heard_when_the_clock_is_set_back(tmp_path: Path) -> None:
    user = {**user_of(*STRONG[0]), "notify": "trap"}
    users = created(*STRONG[0], engine=ENGINE)
    async with listening(tmp_path, *users) as trapd, leads_to(trapd, **user) as sink:
        for number, second in enumerate((0, 4000, 3990, 100, 110)):
            at = NOW + timedelta(seconds=second)
            await sink.deliver(replace(raised(), sent_at=at))
            await until(lambda told=number + 1: len(trapd.told()) == told)


async def test_no_text_can_forge_a_second_message_or_line(tmp_path: Path) -> None:
    text = 'a\x00b\r\n<told TRAP2 |c\x1b[2J"\\\u202e' + "é" * 9999
    alarm = device_alarm(description=text, source=text)
    async with listening(tmp_path) as trapd, leads_to(trapd, **V2C) as sink:
        for key in (sink.key_for(alarm, {}), alarm.id):
            event = tell_raised(alarm, sequence=1, now=NOW)
            await sink.deliver(replace(as_notice(event, DEVICE), key=key))
    as_device, as_own = trapd.told()
    assert as_device[f"{VARIABLES}.2.0"].startswith(
        'a<U+0000>b <told TRAP2 |c<U+001B>[2J"\\<U+202E>é'
    )
    assert as_device[f"{VARIABLES}.2.0"].endswith("é…")
    assert len(as_device[f"{VARIABLES}.3.0"].encode()) in {99, 100}
    assert len(as_own[f"{OWN}.1.9.0"].encode()) in {254, 255}


async def test_our_mib_gives_every_name_and_word(tmp_path: Path) -> None:
    async with (
        listening(tmp_path, named=True) as trapd,
        leads_to(trapd, **V2C, profile="alarmbridge") as sink,
    ):
        for notice in life(sink, device_alarm()):
            await sink.deliver(notice)
    mib = "ALARMBRIDGE-MIB::alarmbridge"
    raise_, change, clear = trapd.told()
    names = [name for name in raise_ if name.startswith(mib)]
    assert len(names) == 25
    # How it came, sysUpTime, snmpTrapOID and snmpTrapAddress are not of our MIB.
    assert len(raise_) == len(names) + 4
    traps = [list(one.values())[2] for one in (raise_, change, clear)]
    assert traps == [f"{mib}AlarmRaised", f"{mib}AlarmChanged", f"{mib}AlarmCleared"]
    severities = [one[f"{mib}Severity.0"] for one in (raise_, change, clear)]
    assert severities == ["major(4)", "critical(3)", "cleared(1)"]
    assert clear[f"{mib}PreviousSeverity.0"] == "critical(3)"
    assert raise_[f"{mib}EventType.0"] == "equipmentAlarm(5)"
    assert raise_[f"{mib}RaisedTime.0"] == "2026-11-23,20:0:0.0,+0:0"
    assert raise_[f"{mib}ClearReason.0"] == "notCleared(1)"
    assert raise_[f"{mib}Transient.0"] == "false(2)"
    assert raise_[f"{mib}Origin.0"] == "device(1)"
    assert clear[f"{mib}ClearDescription.0"] == "Trunk is up"
    assert trapd.complaints().count("MIB") == 0
