"""The recorder: one transaction for all that follows, and nobody is woken before its commit."""

import json
from datetime import timedelta

import pytest
from runtime_cases import Bridge, facts_of
from runtime_fakes import NOW, FakeSink

from alarmbridge.core.decision import Decision, HistoryMark
from alarmbridge.core.errors import StoreError
from alarmbridge.core.filters import Match
from alarmbridge.core.reading import DeviceStatus
from alarmbridge.core.routing import Subscription
from alarmbridge.runtime.recorder import Blind, Look, Sighted
from alarmbridge.store.blind_spells import SpellKind
from alarmbridge.store.devices import DeviceRecord, list_devices

STATUS = DeviceStatus(
    asked_at=1.0,
    received_at=1.1,
    local_time=None,
    uptime=77,
    serial_number="123",
    product="Mediant SW",
    version="7.20A",
)


def look(*, settled: bool = True) -> Look:
    return Look(status=STATUS, newest_last=True, read_at=NOW if settled else None)


def blind(kind: SpellKind) -> Blind:
    return Blind(kind=kind, since=NOW, reason="it is silent")


async def device(bridge: Bridge) -> DeviceRecord:
    async with bridge.archive.read() as tx:
        (record,) = await list_devices(tx)
    return record


async def test_lanes_are_woken_after_the_commit_and_not_before(bridge: Bridge) -> None:
    bridge.subscribe("incidents")
    await bridge.raise_alarm(1)
    assert bridge.archive.journal == ["commit", "wake"]
    assert await bridge.deliveries() == [("raised", "pending", None)]
    assert bridge.count("events_total", kind="raised") == 1


async def test_a_transaction_that_fails_wakes_nobody_and_counts_nothing(bridge: Bridge) -> None:
    bridge.subscribe("incidents")
    bridge.archive.failures = 1
    with pytest.raises(StoreError):
        await bridge.raise_alarm(1)
    assert bridge.archive.journal == []
    assert await bridge.deliveries() == []
    assert bridge.count("events_total", kind="raised") == 0


async def test_a_decision_without_news_does_not_touch_the_archive(bridge: Bridge) -> None:
    await bridge.raise_alarm(1)
    held = await bridge.recorder.load("sbc-1")
    bridge.archive.journal.clear()
    await bridge.recorder.record(held, Decision(), facts=facts_of("sbc-1"))
    assert bridge.archive.journal == []


async def test_what_is_learnt_without_an_event_wakes_nobody(bridge: Bridge) -> None:
    held = await bridge.recorder.load("sbc-1")
    mark = HistoryMark("1", "Trunk 1 is down", firm=True)
    await bridge.recorder.record(held, Decision(new_marks=(mark,)), facts=facts_of("sbc-1"))
    assert bridge.archive.journal == ["commit"]
    assert (await bridge.recorder.load("sbc-1")).marks == {"1": mark}


async def test_a_look_is_stored_with_what_it_found(bridge: Bridge) -> None:
    held = await bridge.recorder.load("sbc-1")
    mark = HistoryMark("1", "Trunk 1 is down", firm=True)
    await bridge.recorder.record(
        held, Decision(new_marks=(mark,)), facts=facts_of("sbc-1"), look=look()
    )
    record = await device(bridge)
    assert (record.product, record.version, record.serial_number) == ("Mediant SW", "7.20A", "123")
    assert (record.uptime, record.read_at, record.newest_last) == (77, NOW, True)


async def test_the_first_settled_look_is_news_even_when_it_finds_nothing(bridge: Bridge) -> None:
    # A device without any alarm is read; the bridge is down while the device's history runs
    # over; without the moment of that read nobody could say since when history was lost.
    held = await bridge.recorder.load("sbc-1")
    for settled in (False, True):
        await bridge.recorder.record(
            held, Decision(), facts=facts_of("sbc-1"), look=look(settled=settled)
        )
    assert (await device(bridge)).read_at == NOW
    assert bridge.archive.writes == 1

    held = await bridge.recorder.load("sbc-1")
    await bridge.recorder.record(held, Decision(), facts=facts_of("sbc-1"), look=look())
    assert bridge.archive.writes == 1


async def test_a_clear_goes_to_who_was_told_under_the_key_of_the_raise(bridge: Bridge) -> None:
    bridge.make_lane(FakeSink(), "incidents")
    alarm = await bridge.raise_alarm(1)
    bridge.subscriptions.clear()
    nothing = Match(names=("nothing",))
    for sink in ("chat", "incidents"):
        bridge.subscriptions.append(
            Subscription(sink=sink, match=nothing, key_for=lambda *_: "another key")
        )
    await bridge.clear_alarm(alarm)
    rows = await bridge.rows("SELECT sink, key, state FROM deliveries WHERE kind = 'cleared'")
    assert sorted(rows) == [
        ("chat", "another key", "dropped"),
        ("incidents", "key of alarm-1", "pending"),
    ]


async def test_an_event_is_told_with_its_device_and_one_of_the_bridge_without(
    bridge: Bridge,
) -> None:
    await bridge.raise_alarm(1)
    await bridge.raise_alarm(2, device="")
    bodies = await bridge.rows("SELECT body FROM events ORDER BY position")
    devices = [json.loads(body)["data"]["device"] for (body,) in bodies]
    assert devices[0]["name"] == "sbc-1"
    assert devices[0]["tags"] == {"site": "ams"}
    assert devices[1] is None


async def test_blindness_opens_a_spell_and_sight_ends_it(bridge: Bridge) -> None:
    await bridge.raise_alarm(1)
    held = await bridge.recorder.load("sbc-1")
    facts = facts_of("sbc-1")
    await bridge.recorder.record(held, Decision(), facts=facts, sight=blind(SpellKind.UNREACHABLE))
    (alarm,) = (await bridge.recorder.load("sbc-1")).active
    assert alarm.stale

    bridge.clock.advance(60)
    await bridge.recorder.record(held, Decision(), facts=facts, sight=Sighted())
    (alarm,) = (await bridge.recorder.load("sbc-1")).active
    (spell,) = await bridge.spells()
    assert not alarm.stale
    assert (spell.since, spell.until) == (NOW, NOW + timedelta(seconds=60))


async def test_a_device_is_blind_in_one_way_at_a_time(bridge: Bridge) -> None:
    held = await bridge.recorder.load("sbc-1")
    for kind in (SpellKind.UNREACHABLE, SpellKind.LOGIN):
        await bridge.recorder.record(held, Decision(), facts=facts_of("sbc-1"), sight=blind(kind))
    assert [(spell.kind, spell.until) for spell in await bridge.spells()] == [
        (SpellKind.LOGIN, None),
        (SpellKind.UNREACHABLE, NOW),
    ]


async def test_a_device_that_nobody_registered_is_refused(bridge: Bridge) -> None:
    with pytest.raises(StoreError, match="knows no device 'sbc-9'"):
        await bridge.recorder.load("sbc-9")
