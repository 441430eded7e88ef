import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from alertmanager_receiver import AlertmanagerReceiver, receive_alertmanager
from hostile_texts import hostile_lives
from hypothesis import given, settings
from pydantic import ValidationError
from sink_notices import DEVICE, NOW, as_notice, changed, cleared, make_alarm, raised

from alarmbridge.core.delivery import Notice
from alarmbridge.core.errors import SinkError
from alarmbridge.core.event import tell_cleared
from alarmbridge.sinks.alertmanager import Config, Sink
from alarmbridge.sinks.alerts import fingerprint_of, read_labels

RAW = {"name": "am", "type": "alertmanager", "url": "http://127.0.0.1:9093"}
TAGS = {"site": "ams"}


@asynccontextmanager
async def _leading_to(receiver: AlertmanagerReceiver, **keys: object) -> AsyncIterator[Sink]:
    sink = Sink(Config.model_validate({"name": "am", **receiver.raw, **keys}))
    try:
        yield sink
    finally:
        await sink.aclose()


@pytest.fixture
async def receiver() -> AsyncIterator[AlertmanagerReceiver]:
    async with receive_alertmanager() as receiver:
        yield receiver
        assert receiver.violations == []


def _keyed(sink: Sink, notice: Notice, number: int = 1) -> Notice:
    return replace(notice, key=sink.key_for(make_alarm(number=number), TAGS))


def _many(sink: Sink, count: int) -> list[Notice]:
    return [_keyed(sink, raised(make_alarm(number=number)), number) for number in range(count)]


async def test_a_raise_is_one_alert_to_the_letter(receiver: AlertmanagerReceiver) -> None:
    async with _leading_to(receiver, labels={"team": "voice"}) as sink:
        notice = _keyed(sink, raised())
        assert await sink.deliver(notice) == "HTTP 200"
    assert receiver.posted == [
        [
            {
                "labels": {
                    "alarm_id": "alarm-1",
                    "alertname": "acBoardEthernetLinkAlarm",
                    "device": "sbc-ams-1",
                    "site": "ams",
                    "source": "Board#1",
                    "team": "voice",
                },
                "annotations": {
                    "summary": "MAJOR sbc-ams-1: Trunk is down (Board#1)",
                    "description": "Trunk is down",
                    "severity": "major",
                    "event_id": notice.event_id,
                },
                "startsAt": "2026-11-23T21:04:05.250Z",
                "endsAt": "2026-11-23T21:08:05.250Z",
                "generatorURL": "https://10.4.219.229",
            }
        ]
    ]
    assert receiver.headers[0]["authorization"].startswith("Basic ")


async def test_labels_are_the_same_bytes_whatever_is_configured_by_then(
    receiver: AlertmanagerReceiver,
) -> None:
    async with _leading_to(receiver, labels={"team": "voice"}) as sink:
        notices = [_keyed(sink, notice) for notice in (raised(), changed(), cleared())]
        await sink.deliver(notices[0])
    async with _leading_to(receiver, labels={"team": "other"}) as sink:
        await sink.deliver(notices[1])
        moved = replace(DEVICE, name="renamed", tags={"site": "ber", "new": "tag"})
        gone = replace(make_alarm(), name=None, source="elsewhere", oid="1.2.3")
        clear = as_notice(tell_cleared(gone, sequence=3, now=NOW), moved)
        await sink.deliver(replace(clear, key=notices[0].key))
    alerts = [alert for (alert,) in receiver.posted]
    assert len({json.dumps(alert["labels"]) for alert in alerts}) == 1
    assert [alert["annotations"]["severity"] for alert in alerts] == ["major", "critical", "major"]
    assert len(receiver.alerts) == 1


async def test_an_alarm_opened_under_a_plain_key_is_closed_under_it(
    receiver: AlertmanagerReceiver,
) -> None:
    async with _leading_to(receiver) as sink:
        for notice in (raised(), changed(), cleared()):
            await sink.deliver(notice)
    assert [*map(json.loads, receiver.alerts)] == [{"alertname": "alarm", "alarm_id": "alarm-1"}]


async def test_a_clear_ends_at_its_own_moment_at_every_attempt(
    receiver: AlertmanagerReceiver,
) -> None:
    alarm = replace(make_alarm(), raised_at=NOW - timedelta(hours=2))
    alarm = replace(alarm, cleared_at=NOW - timedelta(hours=1))
    async with _leading_to(receiver) as sink:
        clear = _keyed(sink, cleared(alarm))
        await sink.deliver(clear)
        await sink.deliver(replace(clear, sent_at=NOW + timedelta(days=1)))
    times = [(alert["startsAt"], alert["endsAt"]) for (alert,) in receiver.posted]
    assert times == [("2026-11-23T19:04:05.250Z", "2026-11-23T20:04:05.250Z")] * 2


async def test_neither_end_lies_ahead_once_the_clock_was_set_back(
    receiver: AlertmanagerReceiver,
) -> None:
    before = NOW - timedelta(minutes=10)
    async with _leading_to(receiver) as sink:
        await sink.deliver(replace(_keyed(sink, raised()), sent_at=before))
        await sink.deliver(replace(_keyed(sink, cleared()), sent_at=before))
    (stands,), (ended,) = receiver.posted
    said = "2026-11-23T20:54:05.250Z"
    assert stands["startsAt"] == ended["startsAt"] == ended["endsAt"] == said
    assert stands["endsAt"] == "2026-11-23T20:58:05.250Z"


async def test_an_alarm_of_alarmbridges_own_comes_from_no_url(
    receiver: AlertmanagerReceiver,
) -> None:
    alarm = replace(make_alarm(), device="", source="alarmbridge", name="sinkFailing")
    async with _leading_to(receiver) as sink:
        await sink.deliver(replace(raised(alarm, device=None), key=sink.key_for(alarm, {})))
    ((alert,),) = receiver.posted
    assert alert["generatorURL"] == ""
    assert alert["labels"].keys() == {"alarm_id", "alertname", "source"}


@settings(deadline=None, max_examples=15)
@given(hostile_lives())
async def test_hostile_texts_make_one_valid_alert_that_ends(life: list[Notice]) -> None:
    async with receive_alertmanager() as receiver, _leading_to(receiver) as sink:
        for notice in life:
            await sink.deliver(_keyed(sink, notice))
    assert receiver.violations == []
    assert len(receiver.alerts) == 1


async def test_a_refresh_says_everything_in_batches_with_a_new_end(
    receiver: AlertmanagerReceiver,
) -> None:
    async with _leading_to(receiver, resend="30s") as sink:
        notices = [
            replace(notice, sent_at=NOW + timedelta(hours=1)) for notice in _many(sink, 1100)
        ]
        await sink.refresh(notices)
    assert [len(batch) for batch in receiver.posted] == [500, 500, 100]
    ends = {alert["endsAt"] for batch in receiver.posted for alert in batch}
    assert ends == {"2026-11-23T22:06:05.250Z"}


async def test_a_refresh_asks_for_nothing_when_there_is_nothing_to_say(
    receiver: AlertmanagerReceiver,
) -> None:
    async with _leading_to(receiver) as sink:
        await sink.refresh([])
    assert receiver.posted == []


async def test_one_bad_alert_hides_no_other_and_is_not_sent_for_ever(
    receiver: AlertmanagerReceiver,
) -> None:
    receiver.refused = {"alarm-7"}
    async with _leading_to(receiver) as sink:
        notices = _many(sink, 20)
        with pytest.raises(SinkError) as caught:
            await sink.refresh(notices)
        assert caught.value.permanent
        assert len(receiver.alerts) == 19
        receiver.posted.clear()
        await sink.refresh(notices)
        assert [len(batch) for batch in receiver.posted] == [19]


async def test_a_refused_alert_is_sent_again_once_it_says_something_else(
    receiver: AlertmanagerReceiver,
) -> None:
    receiver.refused = {"alarm-7"}
    async with _leading_to(receiver) as sink:
        notices = _many(sink, 20)
        with pytest.raises(SinkError):
            await sink.refresh(notices)
        receiver.refused = set()
        await sink.refresh([*notices[:7], replace(notices[7], event_id="new"), *notices[8:]])
    assert len(receiver.alerts) == 20


async def test_who_refuses_everything_is_asked_for_everything_again(
    receiver: AlertmanagerReceiver,
) -> None:
    async with _leading_to(receiver) as sink:
        notices = _many(sink, 20)
        receiver.refuse(400, {})
        with pytest.raises(SinkError, match="400"):
            await sink.refresh(notices)
        receiver.accept()
        await sink.refresh(notices)
    assert len(receiver.alerts) == 20


async def test_a_batch_too_large_for_what_stands_before_is_made_smaller(
    receiver: AlertmanagerReceiver,
) -> None:
    receiver.largest = 10_000
    async with _leading_to(receiver) as sink:
        await sink.refresh(_many(sink, 100))
    assert len(receiver.alerts) == 100


async def test_a_refresh_that_fails_says_how(receiver: AlertmanagerReceiver) -> None:
    receiver.refuse(503, {"Retry-After": "42"})
    async with _leading_to(receiver) as sink:
        with pytest.raises(SinkError, match="503") as caught:
            await sink.refresh(_many(sink, 3))
    assert caught.value.retry_after == timedelta(seconds=42)


def test_what_stands_is_due_each_resend_and_what_is_cleared_for_five_minutes() -> None:
    sink = Sink(Config.model_validate(RAW))
    assert (sink.refresh_every, sink.keep_cleared) == (timedelta(minutes=1), timedelta(minutes=5))
    slow = Sink(Config.model_validate({**RAW, "resend": "10m"}))
    assert slow.keep_cleared == timedelta(minutes=20)


def test_the_key_is_the_identity() -> None:
    sink = Sink(Config.model_validate(RAW))
    labels = [read_labels(sink.key_for(make_alarm(number=number), TAGS)) for number in (1, 1, 2)]
    assert len({fingerprint_of(one) for one in labels}) == 2


def test_a_resend_that_a_restart_outlasts_is_warned_of() -> None:
    assert Config.model_validate({**RAW, "resend": "15s"}).warnings() == []
    (warning,) = Config.model_validate({**RAW, "resend": "14s"}).warnings()
    assert warning.startswith("resend: ")


@pytest.mark.parametrize(
    "keys",
    [
        {"url": "http://am/canary/api/v2/alerts"},
        {"url": "http://am/api/v2"},
        {"url": "http://am/?canary=1"},
        {"url": "am:9093"},
        {"labels": {"alertname": "canary"}},
        {"labels": {"alarm_id": "canary"}},
        {"labels": {"a-b": "canary"}},
        {"labels": {"": "canary"}},
        {"labels": {"1st": "canary"}},
        {"labels": {"team": ""}},
        {"resend": "0s"},
        {"resend": "2h"},
        {"surprise": "canary"},
    ],
)
def test_a_configuration_that_cannot_work_is_refused_unseen(keys: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as caught:
        Config.model_validate({**RAW, **keys})
    for said in caught.value.errors(include_input=False, include_url=False):
        assert "canary" not in said["msg"]
