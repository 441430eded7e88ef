"""What is looked after beside the alarms, against a simulated device."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from runtime_cases import Bridge
from runtime_fakes import NOW
from watch_cases import HOUR, Watched

from alarmbridge.core.bridge import (
    CERTIFICATE_EXPIRED,
    CERTIFICATE_EXPIRING,
    CONFIGURATION_CHANGED,
    LICENSE_CHANGED,
    MEASUREMENT_HIGH,
    MEASUREMENT_LOW,
)
from alarmbridge.core.errors import BadAnswer, Forbidden, LoginFailed, Unreachable
from alarmbridge.core.event import tell_raised
from alarmbridge.mediant.transport import Answer
from alarmbridge.runtime.watch.certificates import CertificateRound
from alarmbridge.runtime.watch.configuration import ConfigurationRound
from alarmbridge.runtime.watch.license import LicenseRound
from alarmbridge.runtime.watch.measurements import MeasurementRound
from alarmbridge.simulator.faults import Rubbish, Status
from alarmbridge.store.configurations import (
    add_configuration,
    list_configurations,
    load_configuration,
)

DAY = 24 * HOUR
FIRST, SECOND = "TLS context 0", "TLS context 1"


def certificates(watched: Watched) -> CertificateRound:
    return CertificateRound(watched.desk, every=12 * HOUR, within=30 * DAY)


def measurements(watched: Watched, *names: str, hysteresis: float | None = 0.1) -> MeasurementRound:
    return MeasurementRound(
        watched.desk, every=timedelta(minutes=1), names=names, hysteresis=hysteresis
    )


async def test_a_certificate_that_ends_is_an_alarm_and_its_successor_ends_that(
    bridge: Bridge,
) -> None:
    watched = Watched(bridge)
    round_ = certificates(watched)
    await round_.run()
    assert await watched.standing() == []
    watched.model.box.certificates.expire(watched.now, 20, context=1)
    await round_.run()
    await round_.run()
    assert await watched.standing() == [(CERTIFICATE_EXPIRING, SECOND)]
    bridge.clock.advance(21 * 86400)
    await round_.run()
    assert await watched.standing() == [(CERTIFICATE_EXPIRED, SECOND)]
    watched.model.box.certificates.expire(watched.now, 400, context=1)
    await round_.run()
    assert await watched.standing() == []
    assert [kind for kind, _ in await watched.told()] == ["raised", "cleared", "raised", "cleared"]


async def test_the_end_of_a_certificates_alarm_says_what_is_true(bridge: Bridge) -> None:
    watched = Watched(bridge)
    box = watched.model.box
    round_ = certificates(watched)
    for context in (0, 1):
        box.certificates.expire(watched.now, 1, context=context)
    await round_.run()
    bridge.clock.advance(2 * 86400)
    await round_.run()
    box.certificates.expire(watched.now, 400, context=0)
    del box.configuration.running.tables["TLSContexts"].rows[1]
    await round_.run()
    assert await watched.standing() == []
    rows = await bridge.rows(
        "SELECT name, device_alarm_id, clear_description FROM alarms ORDER BY 2, 1"
    )
    said = [(name, subject, words.split(" 20")[0]) for name, subject, words in rows]
    gone = "The device has no such TLS context any more."
    renewed = "The certificate of TLS context 0 (default) is good until"
    over = "The certificate of TLS context {} ended"
    assert said == [
        (CERTIFICATE_EXPIRED, FIRST, renewed),
        (CERTIFICATE_EXPIRING, FIRST, over.format("0 (default)")),
        (CERTIFICATE_EXPIRED, SECOND, gone),
        (CERTIFICATE_EXPIRING, SECOND, over.format("1 (sip-trunk)")),
    ]


async def test_a_certificate_with_another_end_that_is_near_changes_what_its_alarm_says(
    bridge: Bridge,
) -> None:
    watched = Watched(bridge)
    round_ = certificates(watched)
    for days in (10, 20):
        watched.model.box.certificates.expire(watched.now, days, context=1)
        await round_.run()
    assert [kind for kind, _ in await watched.told()] == ["raised", "changed"]
    ((said,),) = await bridge.rows("SELECT description FROM alarms")
    assert f"{datetime.fromtimestamp(watched.now, UTC) + timedelta(days=20):%Y-%m-%d}" in said


async def test_days_left_are_counted_to_the_moment_they_are_asked_for(bridge: Bridge) -> None:
    watched = Watched(bridge)
    watched.model.box.certificates.expire(watched.now, 20, context=0)
    round_ = certificates(watched)
    assert dict(round_.days_left()) == {}
    await round_.run()
    bridge.clock.advance(86400)
    left = dict(round_.days_left())
    assert left["sbc-1", FIRST] == pytest.approx(19, abs=0.01)
    assert set(left) == {("sbc-1", FIRST), ("sbc-1", SECOND)}


async def test_a_certificate_that_cannot_be_read_keeps_its_alarm(bridge: Bridge) -> None:
    watched = Watched(bridge)
    watched.model.box.certificates.expire(watched.now, -1, context=0)
    round_ = certificates(watched)
    await round_.run()
    assert await watched.standing() == [(CERTIFICATE_EXPIRED, FIRST)]
    watched.line.down = True
    with pytest.raises(Unreachable):
        await round_.run()
    assert await watched.standing() == [(CERTIFICATE_EXPIRED, FIRST)]


async def test_another_license_is_told_once_with_both(bridge: Bridge) -> None:
    watched = Watched(bridge)
    round_ = LicenseRound(watched.desk, every=12 * HOUR)
    await round_.run()
    await round_.run()
    assert await watched.told() == []
    watched.model.box.license.change(key="newkeynewkey", description="SBC=100")
    await round_.run()
    await round_.run()
    assert await watched.told() == [("raised", LICENSE_CHANGED), ("cleared", LICENSE_CHANGED)]
    watched.model.box.license.change(key="otherkeyotherkey")
    bridge.clock.advance(1)
    await round_.run()
    words = await bridge.rows("SELECT description FROM alarms ORDER BY seen_at, id")
    assert any("to: SBC=100" in said for (said,) in words)
    assert len(words) == 2
    assert not any("newkey" in str(row) for row in await bridge.rows("SELECT * FROM licenses"))


async def test_the_other_unit_of_a_pair_has_a_key_of_its_own(bridge: Bridge) -> None:
    watched = Watched(bridge)
    watched.model.pair()
    watched.model.box.license.change(description="SBC=25")
    round_ = LicenseRound(watched.desk, every=12 * HOUR)
    await round_.run()
    watched.model.switch_over(watched.now)
    watched.model.box.license.change(key="theotherunitskey")
    await round_.run()
    assert await watched.told() == []


async def test_a_measurement_crosses_its_threshold_once(bridge: Bridge) -> None:
    watched = Watched(bridge)
    fix = watched.model.box.measurements.fix
    round_ = measurements(watched, "NetUtilPackets", "Nonsense")
    for value, standing in (
        (20_000, []),
        (30_001, [(MEASUREMENT_HIGH, "NetUtilPackets#1")]),
        (29_000, [(MEASUREMENT_HIGH, "NetUtilPackets#1")]),
        (26_999, []),
        (50, [(MEASUREMENT_LOW, "NetUtilPackets#1")]),
        (-1, [(MEASUREMENT_LOW, "NetUtilPackets#1")]),
    ):
        fix("NetUtilPackets", 20_000, index=0)
        fix("NetUtilPackets", value, index=1)
        await round_.run()
        assert await watched.standing() == standing, value
    assert dict(round_.values()) == {("sbc-1", "NetUtilPackets", "0"): 20_000}
    bridge.clock.advance(181)
    assert dict(round_.values()) == {}


async def test_measurements_may_be_metrics_alone(bridge: Bridge) -> None:
    watched = Watched(bridge, performance_path="alarms")
    watched.model.box.measurements.fix("NetUtilPackets", 40_000, index=0)
    round_ = measurements(watched, "NetUtilPackets", hysteresis=None)
    await round_.run()
    assert ("sbc-1", "NetUtilPackets", "0") in dict(round_.values())
    assert await watched.standing() == []


async def test_a_decision_is_made_anew_where_the_poller_was_quicker(bridge: Bridge) -> None:
    # The round loads what is held; the poller records an event; the round's decision is stale, is
    # made again from what is held now, and the device is not asked again.
    watched = Watched(bridge)
    watched.model.box.certificates.expire(watched.now, -1, context=0)
    load, raced = bridge.recorder.load, False

    async def load_and_be_overtaken(device: str) -> object:
        nonlocal raced
        held = await load(device)
        if not raced:
            raced = True
            await bridge.raise_alarm(7)
        return held

    bridge.recorder.load = load_and_be_overtaken  # type: ignore[method-assign, assignment]
    await certificates(watched).run()
    assert await watched.standing() == [(CERTIFICATE_EXPIRED, FIRST)]
    assert watched.line.asked.count("/api/v1/files/tls") == 1


async def test_nothing_is_asked_while_the_poller_is_in_trouble(bridge: Bridge) -> None:
    watched = Watched(bridge)
    watcher = watched.watcher(certificates(watched))
    watched.poll(refused=True)
    assert not await watcher.step()
    assert watched.line.asked == []
    watched.poll()
    assert await watcher.step()
    assert not await watcher.step()
    assert 10.7 * 3600 <= watcher.pause <= 12 * 3600


async def test_a_round_that_fails_is_gone_again_and_keeps_no_other_back(
    bridge: Bridge, caplog: pytest.LogCaptureFixture
) -> None:
    watched = Watched(bridge)
    watcher = watched.watcher(certificates(watched), LicenseRound(watched.desk, every=12 * HOUR))
    watched.line.down = True
    with caplog.at_level(logging.INFO):
        assert await watcher.step()
        assert await watcher.step()
        assert not await watcher.step()
        assert watcher.pause <= 300
        bridge.clock.advance(301)
        watched.line.down = False
        assert await watcher.step()
        assert await watcher.step()
        assert not await watcher.step()
    said = [
        record.getMessage() for record in caplog.records if "watch sbc-1" in record.getMessage()
    ]
    assert said == [
        "watch sbc-1: certificates: sbc-1 cannot be reached",
        "watch sbc-1: license: sbc-1 cannot be reached",
        "watch sbc-1: certificates: can be read again",
        "watch sbc-1: license: can be read again",
    ]


async def test_what_a_user_may_not_see_is_said_once_and_asked_as_seldom(
    bridge: Bridge, caplog: pytest.LogCaptureFixture
) -> None:
    watched = Watched(bridge, level="monitor")
    round_ = LicenseRound(watched.desk, every=HOUR)
    with pytest.raises(Forbidden):
        await round_.run()
    watcher = watched.watcher(round_)
    for _ in range(3):
        assert await watcher.step()
        assert not await watcher.step()
        assert watcher.pause > 3000
        bridge.clock.advance(3600)
    assert len([words for words in caplog.messages if words.startswith("watch sbc-1")]) == 1


LICENSE = "/api/v1/license"
REFUSED = Status(code=401, endpoints=frozenset({"license"}))


async def test_a_401_that_polls_contradict_costs_the_alarms_once(
    bridge: Bridge, caplog: pytest.LogCaptureFixture
) -> None:
    # The round is answered 401, so that nobody asks; the next poll fails by that and waits for
    # auth_retry; it is accepted then. The round would be answered 401 again, and blind the poller
    # as often as it is gone.
    watched = Watched(bridge)
    watched.device.faults.add(REFUSED)
    watcher = watched.watcher(LicenseRound(watched.desk, every=HOUR), certificates(watched))
    while await watcher.step():
        pass
    assert watcher.pause <= 15
    bridge.clock.advance(5)
    watched.poll(refused=True)
    assert not await watcher.step()
    bridge.clock.advance(600)
    watched.poll()
    for _ in range(30):
        assert not await watcher.step()
        bridge.clock.advance(600)
    assert watched.line.asked.count(LICENSE) == 1
    first, last = (one for one in caplog.messages if one.startswith("watch sbc-1: license: "))
    assert first.endswith("sbc-1 refused the password")
    assert last.endswith("not asked again before the next start")
    bridge.clock.advance(12 * 3600)
    assert await watcher.step()


async def test_a_401_that_a_poll_confirms_is_about_the_credentials(bridge: Bridge) -> None:
    watched = Watched(bridge)
    watched.device.faults.add(REFUSED)
    watcher = watched.watcher(LicenseRound(watched.desk, every=HOUR))
    assert await watcher.step()
    for _ in range(2):
        assert not await watcher.step()
        bridge.clock.advance(600)
        watched.poll(refused=True)
    assert not await watcher.step()
    watched.device.faults.lift()
    watched.poll()
    assert await watcher.step()
    assert watched.line.asked.count(LICENSE) == 2


async def test_a_round_that_was_not_asked_is_not_blamed_for_a_401(
    bridge: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A poll is answered 401 while a round is gone, whose next question is not sent for that.
    watched = Watched(bridge)
    watcher = watched.watcher(LicenseRound(watched.desk, every=HOUR))
    with monkeypatch.context() as patched:
        patched.setattr(watched.line, "inspect", not_asked)
        assert await watcher.step()
    watched.poll(refused=True)
    bridge.clock.advance(600)
    watched.poll()
    assert await watcher.step()
    assert watched.line.asked == [LICENSE]


async def not_asked(*_asked: object) -> Answer:
    raise LoginFailed("sbc-1 refused the password", asked=False)


def configuration(watched: Watched, *on_alarms: str, keep: int = 50) -> ConfigurationRound:
    return ConfigurationRound(watched.desk, every=DAY, on_alarms=on_alarms, keep=keep)


async def test_a_configuration_is_kept_masked_and_its_change_told_in_words(bridge: Bridge) -> None:
    watched = Watched(bridge)
    running = watched.model.box.configuration.running
    running.set("SyslogServerIP", "10.0.0.1")
    running.set("AdminPassword", "canary-1")
    round_ = configuration(watched)
    await round_.run()
    bridge.clock.advance(60)
    await round_.run()
    assert await watched.told() == []
    running.set("SyslogServerIP", "10.0.0.9")
    running.set("AdminPassword", "canary-2")
    bridge.clock.advance(60)
    await round_.run()
    assert await watched.told() == [
        ("raised", CONFIGURATION_CHANGED),
        ("cleared", CONFIGURATION_CHANGED),
    ]
    ((words, body),) = await bridge.rows(
        "SELECT alarms.description, events.body FROM alarms JOIN events"
        " ON events.alarm_id = alarms.id AND events.kind = 'raised'"
    )
    assert words == "The configuration changed: SyslogServerIP: 10.0.0.1 -> 10.0.0.9"
    async with bridge.archive.read() as tx:
        kept = (await list_configurations(tx, "sbc-1")).items
        texts = [await load_configuration(tx, "sbc-1", one.id) or "" for one in kept]
    assert len(texts) == 2
    assert "canary" not in "".join(texts) + words + body
    assert [one.checked_at - one.taken_at for one in kept] == [
        timedelta(0),
        timedelta(seconds=60),
    ]


async def test_an_alarm_of_choice_has_it_fetched_at_once(bridge: Bridge) -> None:
    watched = Watched(bridge)
    watcher = watched.watcher(configuration(watched, "acHA*"))
    assert await watcher.step()
    assert not await watcher.step()
    other = await bridge.raise_alarm(1, name="acBoardEthernetLinkAlarm")
    chosen = await bridge.raise_alarm(2, name="acHASystemFaultAlarm")
    watcher.notice([tell_raised(other, sequence=1, now=NOW)])
    assert not await watcher.step()
    watcher.notice([tell_raised(chosen, sequence=2, now=NOW)])
    watched.model.box.configuration.running.set("SyslogServerIP", "10.0.0.9")
    assert not await watcher.step()
    assert watcher.pause == pytest.approx(60)
    bridge.clock.advance(60)
    assert await watcher.step()
    async with bridge.archive.read() as tx:
        reasons = [one.reason for one in (await list_configurations(tx, "sbc-1")).items]
    assert reasons == ["alarm acHASystemFaultAlarm", "schedule"]


async def test_only_so_many_configurations_are_kept(bridge: Bridge) -> None:
    watched = Watched(bridge)
    round_ = configuration(watched, keep=2)
    for number in range(4):
        watched.model.box.configuration.running.set("SyslogServerIP", f"10.0.0.{number}")
        bridge.clock.advance(1)
        await round_.run()
    async with bridge.archive.read() as tx:
        kept = [one.id for one in (await list_configurations(tx, "sbc-1")).items]
        assert kept == [4, 3]
        assert await load_configuration(tx, "sbc-1", 1) is None
        assert await load_configuration(tx, "sbc-2", 4) is None


async def test_a_web_page_is_no_configuration(bridge: Bridge) -> None:
    watched = Watched(bridge)
    round_ = configuration(watched)
    await round_.run()
    watched.device.faults.add(Rubbish(what="html"))
    with pytest.raises(BadAnswer):
        await round_.run()
    assert await watched.told() == []


async def test_an_alarm_while_the_configuration_is_fetched_has_it_fetched_again(
    bridge: Bridge,
) -> None:
    # The device answers; before the answer is stored the poller tells of the alarm, whose
    # configuration that answer may not be.
    watched = Watched(bridge)
    watcher = watched.watcher(configuration(watched, "acHA*"))
    chosen = await bridge.raise_alarm(2, name="acHASystemFaultAlarm")
    inspect, noticed = watched.line.inspect, False

    async def inspect_and_notice(*asked: Any) -> Answer:
        nonlocal noticed
        answer = await inspect(*asked)
        if not noticed:
            noticed = True
            watcher.notice([tell_raised(chosen, sequence=1, now=NOW)])
        return answer

    watched.line.inspect = inspect_and_notice  # type: ignore[method-assign]
    assert await watcher.step()
    watched.model.box.configuration.running.set("SyslogServerIP", "10.0.0.9")
    bridge.clock.advance(60)
    assert await watcher.step()
    assert not await watcher.step()
    async with bridge.archive.read() as tx:
        reasons = [one.reason for one in (await list_configurations(tx, "sbc-1")).items]
    assert reasons == ["alarm acHASystemFaultAlarm", "schedule"]


async def test_a_value_that_cannot_be_read_keeps_its_alarm_and_no_other_back(
    bridge: Bridge,
) -> None:
    watched = Watched(bridge)
    fix = watched.model.box.measurements.fix
    for index in (0, 1):
        fix("NetUtilPackets", 40_000, index=index)
    round_ = measurements(watched, "NetUtilPackets")
    await round_.run()
    fix("NetUtilPackets", 20_000, index=1)
    watched.device.faults.add(Status(code=503, endpoints=frozenset({"performance/name"}), times=1))
    await round_.run()
    assert await watched.standing() == [(MEASUREMENT_HIGH, "NetUtilPackets#0")]
    bridge.clock.advance(3600)
    watched.device.faults.add(Status(code=503, endpoints=frozenset({"performance/name"}), times=1))
    await round_.run()
    assert await watched.standing() == [(MEASUREMENT_HIGH, "NetUtilPackets#0")]


async def test_a_measurement_that_is_gone_has_no_alarm(bridge: Bridge) -> None:
    watched = Watched(bridge)
    watched.model.box.measurements.fix("NetUtilPackets", 40_000, index=0)
    await measurements(watched, "NetUtilPackets").run()
    gone = measurements(watched, "NetUtilPackets")
    watched.device.faults.add(Status(code=404, endpoints=frozenset({"performance/name"})))
    await gone.run()
    assert await watched.standing() == []


async def test_a_device_that_is_busy_is_asked_again_soon(bridge: Bridge) -> None:
    watched = Watched(bridge)
    watched.device.faults.add(Status(code=409, times=1))
    watcher = watched.watcher(LicenseRound(watched.desk, every=12 * HOUR))
    assert await watcher.step()
    assert not await watcher.step()
    assert watcher.pause <= 300


async def test_a_round_has_an_end(bridge: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alarmbridge.runtime.watch.watcher._LIMIT", 0.01)
    watched = Watched(bridge)

    class Dripping(LicenseRound):
        async def run(self) -> None:
            await asyncio.Event().wait()

    watcher = watched.watcher(Dripping(watched.desk, every=12 * HOUR))
    assert await watcher.step()
    assert not await watcher.step()
    assert watcher.pause <= 300


async def test_what_was_stored_before_a_secret_was_known_as_one_is_not_told(
    bridge: Bridge,
) -> None:
    watched = Watched(bridge)
    watched.model.box.configuration.running.set("AdminPassword", "canary-2")
    round_ = configuration(watched)
    await round_.run()
    async with bridge.archive.begin() as tx:
        (record,) = (await list_configurations(tx, "sbc-1")).items
        text = await load_configuration(tx, "sbc-1", record.id) or ""
        older = text.replace("AdminPassword = ***", "AdminPassword = canary-1")
        older = older.replace("AdminPassword=***", "AdminPassword=canary-1")
        assert older != text
        await add_configuration(
            tx, "sbc-1", older, reason="schedule", now=bridge.clock.now(), keep=9
        )
    watched.model.box.configuration.running.set("SyslogServerIP", "10.0.0.77")
    bridge.clock.advance(60)
    await round_.run()
    words = str(await bridge.rows("SELECT description FROM alarms"))
    assert "10.0.0.77" in words
    assert "canary" not in words
