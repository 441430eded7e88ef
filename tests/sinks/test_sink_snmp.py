import asyncio
import logging
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from sink_notices import DEVICE, NOW, as_notice, make_alarm, raised
from snmp_manager import COMMUNITY, OWN, Manager, receive_snmp

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.delivery import Notice
from alarmbridge.core.errors import SinkError
from alarmbridge.core.event import tell_changed, tell_cleared, tell_raised
from alarmbridge.core.severity import Severity
from alarmbridge.sinks.snmp import Config, Sink

TRAP = "1.3.6.1.4.1.5003.9.10.1.21.2.0.10"
VARIABLES = "1.3.6.1.4.1.5003.9.10.1.21.1"
V3 = {"version": "3", "user": "bridge", "auth": {"password": "canary-auth"}}


def make_config(**keys: object) -> Config:
    raw = {"name": "nms", "address": "127.0.0.1:9", "version": "2c", "community": COMMUNITY}
    return Config.model_validate({**raw, **keys})


def mistake_in(**keys: object) -> str:
    with pytest.raises(ValidationError) as caught:
        make_config(**keys)
    return str(caught.value)


@asynccontextmanager
async def leads_to(manager: Manager, **keys: object) -> AsyncIterator[Sink]:
    sink = Sink(Config.model_validate({"name": "nms", **manager.raw, **keys}))
    try:
        yield sink
    finally:
        await sink.aclose()


@pytest.fixture
async def manager() -> AsyncIterator[Manager]:
    async with receive_snmp() as manager:
        yield manager


def device_alarm(**keys: object) -> Alarm:
    return replace(make_alarm(**keys), oid=TRAP)  # type: ignore[arg-type] - passed on


def life(sink: Sink, alarm: Alarm) -> list[Notice]:
    """A raise, an escalation and a clear, under the key that the raise was given."""
    worse = replace(alarm, severity=Severity.CRITICAL)
    gone = replace(worse, clear_description="Trunk is up")
    events = (
        tell_raised(alarm, sequence=1, now=NOW),
        tell_changed(worse, previous_severity=Severity.MAJOR, sequence=2, now=NOW),
        tell_cleared(gone, sequence=3, now=NOW),
    )
    return [replace(as_notice(event, DEVICE), key=sink.key_for(alarm, {})) for event in events]


async def test_a_device_alarm_is_told_by_its_own_trap_from_raise_to_clear(manager: Manager) -> None:
    async with leads_to(manager, profile="device") as sink:
        for notice in life(sink, device_alarm()):
            assert await sink.deliver(notice) == "acknowledged"
    assert [heard.trap for heard in manager.heard] == [TRAP] * 3
    said = [dict(heard.bound) for heard in manager.heard]
    assert [one[f"{VARIABLES}.4.0"] for one in said] == ["4", "5", "0"]
    assert [one[f"{VARIABLES}.2.0"] for one in said] == ["Trunk is down"] * 2 + ["Trunk is up"]


async def test_what_no_device_says_is_told_by_the_own_mib(manager: Manager) -> None:
    async with leads_to(manager, profile="device") as sink:
        for notice in life(sink, make_alarm()):
            await sink.deliver(notice)
    assert [heard.kind for heard in manager.heard] == ["raised", "changed", "cleared"]


async def test_a_clear_is_told_as_its_raise_whatever_is_configured_by_then(
    manager: Manager,
) -> None:
    async with leads_to(manager, profile="device") as before, leads_to(manager) as after:
        told_as_device = life(before, device_alarm())
        told_as_own = life(after, device_alarm())
        await after.deliver(told_as_device[2])
        await before.deliver(told_as_own[2])
    assert [heard.trap for heard in manager.heard] == [TRAP, f"{OWN}.0.3"]


async def test_a_clear_repeats_trap_and_source_of_its_raise(manager: Manager) -> None:
    async with leads_to(manager, profile="device") as sink:
        late = replace(device_alarm(), source="Board#2", oid=TRAP.replace(".10", ".11"))
        notice = replace(life(sink, late)[2], key=sink.key_for(device_alarm(), {}))
        await sink.deliver(notice)
    (heard,) = manager.heard
    assert (heard.trap, dict(heard.bound)[f"{VARIABLES}.3.0"]) == (TRAP, "Board#1")


def test_only_the_device_profile_shares_keys_between_instances() -> None:
    one, other = device_alarm(number=1), device_alarm(number=2)
    device, own = Sink(make_config()), Sink(make_config(profile="alarmbridge"))
    assert (device.key_is_shared, own.key_is_shared) == (True, False)
    assert device.key_for(one, {}) == device.key_for(other, {}) == f"sbc-ams-1 {TRAP} Board#1"
    assert (own.key_for(one, {}), own.key_for(other, {})) == ("alarm-1", "alarm-2")


async def test_a_trap_is_delivered_once_it_is_sent(manager: Manager) -> None:
    async with leads_to(manager, notify="trap") as sink:
        assert await sink.deliver(raised()) == "sent"
        await asyncio.wait_for(manager.arrived.wait(), 5)
    assert manager.heard[0].event_id == raised().event_id


async def test_an_inform_that_nobody_acknowledges_is_not_delivered(manager: Manager) -> None:
    manager.hang()
    async with leads_to(manager, timeout="1s") as sink:
        error = await failure_of(sink)
        assert "did not acknowledge within 1 s" in error.reason
        assert "community" in error.reason
        manager.silent = False
        assert await sink.deliver(raised()) == "acknowledged"
    assert error.permanent is False


async def test_a_wrong_community_is_not_acknowledged_and_not_shown(manager: Manager) -> None:
    async with leads_to(manager, community="canary-other", timeout="200ms") as sink:
        error = await failure_of(sink)
    assert "canary" not in error.reason


async def test_a_manager_that_answers_with_an_error_has_not_accepted(manager: Manager) -> None:
    manager.error = 5
    async with leads_to(manager) as sink:
        error = await failure_of(sink)
    assert (error.permanent, error.gone) == (False, False)
    assert "answered with the error 5" in error.reason


async def test_cancellation_passes_and_the_sink_works_on(manager: Manager) -> None:
    async with leads_to(manager) as sink:
        reached = manager.hang()
        attempt = asyncio.create_task(sink.deliver(raised()))
        await asyncio.wait_for(reached.wait(), 5)
        attempt.cancel()
        with pytest.raises(asyncio.CancelledError):
            await attempt
        manager.silent = False
        assert await sink.deliver(raised()) == "acknowledged"


async def test_closing_ends_what_is_not_acknowledged(manager: Manager) -> None:
    reached = manager.hang()
    async with leads_to(manager) as sink:
        attempt = asyncio.create_task(sink.deliver(raised()))
        await asyncio.wait_for(reached.wait(), 5)
        await sink.aclose()
        with pytest.raises(SinkError, match="before the line was closed"):
            await attempt


async def test_what_the_system_will_not_send_is_a_failure() -> None:
    # Broadcast is refused at once, unless it was asked for.
    sink = Sink(make_config(address="255.255.255.255:9", notify="trap"))
    error = await failure_of(sink)
    assert "255.255.255.255:9 cannot be reached: Permission denied" in error.reason
    await sink.aclose()


async def test_a_name_that_cannot_be_resolved_is_a_failure() -> None:
    sink = Sink(make_config(address="nms.invalid:9"))
    assert "nms.invalid:9 cannot be resolved: " in (await failure_of(sink)).reason
    await sink.aclose()


def has_ipv6() -> bool:
    with suppress(OSError), socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as tried:
        tried.bind(("::1", 0))
        return True
    return False


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
@pytest.mark.parametrize("notify", ["inform", "trap"])
async def test_a_manager_may_have_an_ipv6_address(notify: str) -> None:
    async with receive_snmp("::1") as manager, leads_to(manager, notify=notify) as sink:
        await sink.deliver(raised())
        await asyncio.wait_for(manager.arrived.wait(), 5)


async def test_no_answer_that_is_none_stops_it(
    manager: Manager, caplog: pytest.LogCaptureFixture
) -> None:
    async with leads_to(manager) as sink:
        await sink.deliver(raised())
        (answer,) = manager.answers
        port = sink._sessions[0]._line.transport.get_extra_info("socket").getsockname()[1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for rubbish in spoilt(answer):
                stranger.sendto(rubbish, ("127.0.0.1", port))
                # So that it is read before there are more than a socket holds.
                await asyncio.sleep(0)
        assert await sink.deliver(raised()) == "acknowledged"
    assert caplog.records == []


def spoilt(answer: bytes) -> Iterator[bytes]:
    """An answer with another octet somewhere in what frames it, one too many or one too few."""
    yield from (b"", b"\x00", b"\x30\x84\xff\xff\xff\xff", bytes(range(256)) * 5)
    for at in range(60):
        yield answer[:at]
        yield answer[:at] + answer[at + 1 :]
        yield from (
            answer[:at] + bytes([octet]) + answer[at + 1 :] for octet in b"\x00\x02\x30\x80\xa8\xff"
        )


async def failure_of(sink: Sink) -> SinkError:
    with pytest.raises(SinkError) as caught:
        await sink.deliver(raised())
    assert caught.value.__cause__ is None
    return caught.value


def test_every_warning_is_about_traps() -> None:
    assert make_config().warnings() == []
    assert make_config(**V3, community=None).warnings() == []
    (lost,) = make_config(notify="trap").warnings()
    assert "notify: inform" in lost
    _, known = make_config(**V3, community=None, notify="trap").warnings()
    assert f"createUser -e 0x80001f8804{b'alarmbridge-nms'.hex()}" in known


def test_no_secret_is_shown() -> None:
    for config in (
        make_config(),
        make_config(**V3, community=None, privacy={"password": "canary-privacy"}),
    ):
        shown = [str(config), repr(config), str(config.model_dump()), repr(Sink(config))]
        assert "canary" not in "".join([*shown, repr(Sink(config)._credentials)])


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"community": None}, "wants a community"),
        ({"community": ""}, "must not be empty"),
        ({"user": "bridge"}, "wants a community, and no user, auth"),
        ({**V3}, "wants user and auth, and no community"),
        ({**V3, "community": None, "user": None}, "wants user and auth"),
        ({**V3, "community": None, "auth": None}, "wants user and auth"),
        ({**V3, "community": None, "user": "x" * 33}, "1 to 32 octets"),
        ({**V3, "community": None, "auth": {"password": "canary7"}}, "at least 8 characters"),
        ({**V3, "community": None, "privacy": {"password": "canary7"}}, "at least 8 characters"),
        (
            {**V3, "community": None, "auth": {"password": "canary-auth", "protocol": "md5"}},
            "'sha', 'sha224', 'sha256'",
        ),
        ({**V3, "community": None, "engine_id": "0x00"}, "5 to 32 octets"),
        ({"address": "127.0.0.1:0"}, "must be host:port"),
        ({"address": "udp://127.0.0.1:162"}, "must be host:port"),
        ({"version": "1"}, "'2c' or '3'"),
    ],
)
def test_a_mistake_is_told_without_any_secret(keys: Mapping[str, object], words: str) -> None:
    said = mistake_in(**keys)
    assert words in said
    assert "canary" not in said


def test_protocols_may_be_written_in_capitals_and_the_version_as_a_number() -> None:
    keys = {**V3, "version": 3, "community": None}
    config = make_config(**{**keys, "auth": {"password": "canary-auth", "protocol": "SHA512"}})
    assert (config.version, config.auth and config.auth.protocol) == ("3", "sha512")


def test_nothing_is_written_to_any_folder(tmp_path: Path) -> None:
    code = (
        "import asyncio, sys\n"
        "sys.path[:0] = sys.argv[1:]\n"
        "from sink_notices import raised\n"
        "from alarmbridge.sinks.snmp import Config, Sink\n"
        "auth = {'password': 'authentication'}\n"
        "config = Config(name='nms', address='127.0.0.1:9', version='3', user='bridge',\n"
        "                auth=auth, notify='trap')\n"
        "async def work():\n"
        "    sink = Sink(config)\n"
        "    await sink.deliver(raised())\n"
        "    await sink.aclose()\n"
        "asyncio.run(work())\n"
    )
    here = {name: str(tmp_path) for name in ("HOME", "TMPDIR", "TEMP", "TMP")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-X", "dev", "-c", code, str(Path(__file__).parent)],
        cwd=tmp_path,
        env={**os.environ, **here},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


async def test_a_sink_logs_nothing(manager: Manager, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with leads_to(manager, **V3, community=None, timeout="200ms") as sink:
        await failure_of(sink)
    assert [record for record in caplog.records if record.name != "asyncio"] == []


async def test_an_hour_later_the_address_is_asked_for_again(manager: Manager) -> None:
    async with leads_to(manager) as sink:
        await sink.deliver(raised())
        (first,) = sink._sessions
        await sink.deliver(replace(raised(), sent_at=NOW + timedelta(hours=1)))
        assert sink._sessions == [first]
