"""What an Alertmanager makes of it: Debian's program, asked by amtool."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from alertmanager_program import AlertmanagerProgram, run_alertmanager, until
from sink_notices import DEVICE, as_notice, make_alarm

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.delivery import Notice
from alarmbridge.core.errors import SinkError
from alarmbridge.core.event import tell_changed, tell_cleared, tell_raised
from alarmbridge.core.severity import Severity
from alarmbridge.sinks.alertmanager import Config, Sink
from alarmbridge.sinks.alerts import fingerprint_of, read_labels
from alarmbridge.sinks.formats import Format, build_message

RESEND = timedelta(seconds=15)
TAGS = {"site": "ams", "cost-centre": "4711"}


@pytest.fixture
async def far_end(tmp_path: Path) -> AsyncIterator[AlertmanagerProgram]:
    async with run_alertmanager(tmp_path) as program:
        yield program


@pytest.fixture
async def sink(far_end: AlertmanagerProgram) -> AsyncIterator[Sink]:
    sink = Sink(Config.model_validate({"name": "am", "url": far_end.url, "resend": RESEND}))
    yield sink
    await sink.aclose()


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _now() -> datetime:
    return datetime.now(UTC)


class Life:
    """What is told of one alarm, under the key that its raise was given, at the moment it is."""

    def __init__(self, sink: Sink, number: int = 1) -> None:
        self._alarm = replace(make_alarm(number=number), seen_at=_now())
        self.key = sink.key_for(self._alarm, TAGS)

    def raised(self) -> Notice:
        return self._notice(lambda alarm: tell_raised(alarm, sequence=1, now=_now()))

    def changed(self) -> Notice:
        worse = replace(self._alarm, severity=Severity.CRITICAL)
        return self._notice(
            lambda _: tell_changed(worse, previous_severity=Severity.MAJOR, sequence=2, now=_now())
        )

    def cleared(self) -> Notice:
        return self._notice(lambda alarm: tell_cleared(alarm, sequence=3, now=_now()))

    def _notice(self, tell: Callable[[Alarm], Any]) -> Notice:
        return replace(as_notice(tell(self._alarm), DEVICE), key=self.key, sent_at=_now())


async def test_a_raise_stands_and_a_change_is_no_second_alert(
    far_end: AlertmanagerProgram, sink: Sink
) -> None:
    life = Life(sink)
    assert await sink.deliver(life.raised()) == "HTTP 200"
    (alert,) = await far_end.query("alertname=acBoardEthernetLinkAlarm", "cost_centre=4711")
    assert alert["labels"] == read_labels(life.key)
    assert alert["fingerprint"] == fingerprint_of(read_labels(life.key))
    assert alert["generatorURL"] == "https://10.4.219.229"
    await sink.deliver(life.changed())
    (changed,) = await far_end.query()
    assert changed["annotations"]["severity"] == "critical"
    same = ("fingerprint", "startsAt")
    assert [changed[key] for key in same] == [alert[key] for key in same]


async def test_a_clear_resolves_it(far_end: AlertmanagerProgram, sink: Sink) -> None:
    life, other = Life(sink), Life(sink, number=2)
    await sink.deliver(life.raised())
    await sink.deliver(other.raised())
    await until(partial(far_end.has_told, "firing", alerts=2))
    await sink.deliver(life.cleared())
    (left,) = await far_end.query()
    assert left["labels"]["alarm_id"] == "alarm-2"
    await until(partial(far_end.has_told, "resolved"))
    (resolved,) = far_end.told_of("resolved")
    assert resolved["commonLabels"]["alarm_id"] == "alarm-1"
    assert resolved["commonAnnotations"]["summary"].startswith("CLEARED ")


async def test_an_alert_that_is_sent_again_outlives_its_end(
    far_end: AlertmanagerProgram, sink: Sink
) -> None:
    life, silent = Life(sink), Life(sink, number=2)
    ends_at = _now() + timedelta(seconds=2)
    for one in (life, silent):
        await sink.deliver(replace(one.raised(), sent_at=ends_at - 4 * RESEND))
    assert len(await far_end.query()) == 2
    await sink.refresh([life.raised()])

    async def one_is_left() -> bool:
        return len(await far_end.query()) == 1

    await until(one_is_left)
    assert _now() >= ends_at
    (standing,) = await far_end.query()
    assert standing["labels"]["alarm_id"] == "alarm-1"


async def test_a_restart_of_the_alertmanager_heals(
    far_end: AlertmanagerProgram, sink: Sink
) -> None:
    life = Life(sink)
    await sink.deliver(life.raised())
    (before,) = await far_end.query()
    await far_end.stop(kill=True)
    with pytest.raises(SinkError, match="cannot be reached"):
        await sink.refresh([life.raised()])
    await far_end.start()
    assert await far_end.query() == []
    await sink.refresh([life.raised()])
    (after,) = await far_end.query()
    same = ("fingerprint", "startsAt", "annotations", "labels")
    assert [after[key] for key in same] == [before[key] for key in same]


async def test_a_clear_that_a_restart_forgot_is_resolved_by_a_refresh(
    far_end: AlertmanagerProgram, sink: Sink
) -> None:
    life = Life(sink)
    await sink.deliver(life.raised())
    await until(partial(far_end.has_told, "firing"))
    await far_end.stop()
    await far_end.start()
    await sink.refresh([life.cleared()])
    await until(partial(far_end.has_told, "resolved"))
    assert await far_end.query() == []


async def test_a_bad_alert_among_a_thousand_hides_no_other(
    far_end: AlertmanagerProgram, sink: Sink
) -> None:
    notices = [Life(sink, number).raised() for number in range(1000)]
    notices[700] = replace(notices[700], key='{"alertname":"x","no-name":"y"}')
    with pytest.raises(SinkError, match="400"):
        await sink.refresh(notices)
    assert len(await far_end.query()) == 999
    await sink.refresh(notices)


async def test_hostile_texts_and_odd_devices_are_taken(
    far_end: AlertmanagerProgram, sink: Sink
) -> None:
    text = 'é"\\\r\n\x00\u202e{{ 😀 }}' * 1000
    alarm = replace(make_alarm(description=text), name=text, source=text, oid=text)
    device = replace(DEVICE, url="https://[fe80::1%eth0]:8443")
    notice = as_notice(tell_raised(alarm, sequence=1, now=_now()), device)
    key = sink.key_for(alarm, {text: text, "": "x", "1": "y"})
    await sink.deliver(replace(notice, key=key, sent_at=_now()))
    (alert,) = await far_end.query()
    assert alert["labels"] == read_labels(key)


def _shape(said: Any) -> Any:
    """Keep keys and types of a document, of texts by name only their type."""
    if isinstance(said, dict):
        return {
            key: dict if key.lower().endswith(("labels", "annotations")) else _shape(value)
            for key, value in said.items()
        }
    return [_shape(one) for one in said] if isinstance(said, list) else type(said)


async def test_a_webhook_in_this_format_says_what_a_real_one_says(
    far_end: AlertmanagerProgram, sink: Sink
) -> None:
    life = Life(sink)
    for notice, status in ((life.raised(), "firing"), (life.cleared(), "resolved")):
        await sink.deliver(notice)
        await until(partial(far_end.has_told, status))
        (real,) = far_end.told_of(status)
        ours = json.loads(build_message(Format.ALERTMANAGER, notice, receiver="hook").body)
        assert _shape(ours) == _shape(real)
        # But for the severity, which is a label there and must not be one of an identity here.
        del ours["commonLabels"]["severity"], ours["alerts"][0]["labels"]["severity"]
        alike = ("version", "status", "receiver", "groupLabels", "commonLabels", "truncatedAlerts")
        assert [ours[key] for key in alike] == [real[key] for key in alike]
        own, its = ours["alerts"][0], real["alerts"][0]
        alike = ("status", "labels", "annotations", "generatorURL", "fingerprint")
        assert [own[key] for key in alike] == [its[key] for key in alike]
        # Not as text: Go leaves out the zeros at the end of a fraction.
        assert _instant(own["startsAt"]) == _instant(its["startsAt"])
        assert status == "firing" or _instant(own["endsAt"]) == _instant(its["endsAt"])
