"""The chores, each run once by hand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from runtime_cases import Bridge, work
from runtime_fakes import NOW, FakeBox, FakeSink
from sqlalchemy import text

from alarmbridge.core.alarm import Alarm, ClearReason, State
from alarmbridge.core.errors import SinkError, StaleClaim
from alarmbridge.core.event import Event, Raised, tell_cleared, tell_raised
from alarmbridge.core.filters import Match
from alarmbridge.core.noise import Rate
from alarmbridge.core.severity import Severity
from alarmbridge.core.silence import Silence
from alarmbridge.runtime.chores import (
    EndedSilences,
    Repeats,
    Retention,
    SelfReport,
    StatusKeeper,
    Sweep,
)
from alarmbridge.runtime.gate import no_calendar
from alarmbridge.store.devices import list_devices
from alarmbridge.store.replay import replay
from alarmbridge.store.silences import add_silence, expire_silence

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def report_of(bridge: Bridge) -> SelfReport:
    return SelfReport(
        bridge.lanes,
        archive=bridge.archive,
        recorder=bridge.recorder,
        clock=bridge.clock,
        bell=bridge.notify,
    )


def retention_of(bridge: Bridge, sinks: Sequence[str] = ()) -> Retention:
    return Retention(archive=bridge.archive, clock=bridge.clock, keep=400 * DAY, sinks=sinks)


async def make_fail(bridge: Bridge, sink: FakeSink) -> None:
    """Have the lane's attempts fail until that is an alarm."""
    sink.answer = lambda _: SinkError("HTTP 503")
    await bridge.raise_alarm(1)
    for pause in (0, 1, 5):
        bridge.clock.advance(pause)
        await work(bridge.lanes[0])


def raised_and_cleared(bridge: Bridge, count: int) -> list[Event]:
    events: list[Event] = []
    for number in range(count):
        alarm = Alarm(
            id=f"alarm-{number}",
            device="sbc-1",
            severity=Severity.MAJOR,
            description="Trunk is down",
            device_alarm_id=str(number),
            seen_at=bridge.clock.now(),
        )
        closed = replace(alarm, state=State.CLEARED, clear_reason=ClearReason.DEVICE)
        events.append(tell_raised(alarm, sequence=len(events) + 1, now=bridge.clock.now()))
        events.append(tell_cleared(closed, sequence=len(events) + 1, now=bridge.clock.now()))
    return events


async def test_a_sweep_has_only_those_read_that_are_due(bridge: Bridge) -> None:
    await bridge.register("sbc-1", "sbc-2")
    boxes = [FakeBox(), FakeBox()]
    pollers = [bridge.make_poller(box, f"sbc-{place}") for place, box in enumerate(boxes, start=1)]
    await pollers[0].step()
    bridge.clock.advance(284)
    await pollers[1].step()
    bridge.clock.advance(1)
    await Sweep(pollers, clock=bridge.clock).run()
    for poller, box in zip(pollers, boxes, strict=True):
        box.asked.clear()
        await poller.step()
    assert [len(box.asked) > 1 for box in boxes] == [True, False]


async def test_the_status_of_every_device_that_told_one_is_kept(bridge: Bridge) -> None:
    await bridge.register("sbc-1", "sbc-2")
    box = FakeBox()
    pollers = [bridge.make_poller(box, "sbc-1"), bridge.make_poller(FakeBox(), "sbc-2")]
    await pollers[0].step()
    box.uptime += 900
    pollers[0].request_sync()
    await pollers[0].step()
    await StatusKeeper(pollers, archive=bridge.archive).run()
    async with bridge.archive.read() as tx:
        records = await list_devices(tx)
    assert [(one.uptime, one.product) for one in records] == [
        (100_900, "Mediant SW"),
        (None, None),
    ]


async def test_until_when_the_tables_were_known_is_kept_through_quiet_weeks(
    bridge: Bridge,
) -> None:
    poller = bridge.make_poller(FakeBox())
    for _ in range(3):
        await poller.step()
        bridge.clock.advance(7 * 86_400)
    await StatusKeeper([poller], archive=bridge.archive).run()
    held = await bridge.recorder.load("sbc-1")
    assert held.read_at == NOW + 14 * DAY


async def test_what_was_never_read_to_a_settled_end_is_not_called_known(bridge: Bridge) -> None:
    box = FakeBox()
    box.local_time = box.last_change
    poller = bridge.make_poller(box)
    await poller.step()
    await StatusKeeper([poller], archive=bridge.archive).run()
    assert (await bridge.recorder.load("sbc-1")).read_at is None


# Repeats


def repeats_of(bridge: Bridge) -> Repeats:
    return Repeats(bridge.lanes, archive=bridge.archive, clock=bridge.clock)


async def test_each_sink_repeats_by_its_own_time_or_not_at_all(bridge: Bridge) -> None:
    sinks = {name: FakeSink() for name in ("hourly", "daily", "never")}
    for name, repeat in zip(sinks, (HOUR, DAY, None), strict=True):
        bridge.make_lane(sinks[name], name, repeat=repeat)
    await bridge.raise_alarm(1)
    for hours in range(25):
        bridge.clock.advance(3600 if hours else 0)
        await repeats_of(bridge).run()
        for lane in bridge.lanes:
            await work(lane)
    assert {name: len(sink.heard) for name, sink in sinks.items()} == {
        "hourly": 25,
        "daily": 2,
        "never": 1,
    }


async def test_a_lane_is_woken_for_what_it_is_to_repeat(bridge: Bridge) -> None:
    lane = bridge.make_lane(FakeSink(), repeat=HOUR)
    await bridge.raise_alarm(1)
    await work(lane)
    lane.bell.arm()
    bridge.clock.advance(3600)
    await repeats_of(bridge).run()
    assert lane.bell.arm() is None


async def test_where_nothing_is_to_be_repeated_nobody_waits_for_a_writer(bridge: Bridge) -> None:
    lane = bridge.make_lane(FakeSink(), repeat=HOUR)
    await bridge.raise_alarm(1)
    await work(lane)
    written = bridge.archive.writes
    await repeats_of(bridge).run()
    assert bridge.archive.writes == written


async def test_no_more_is_repeated_at_once_than_goes_into_one_transaction(bridge: Bridge) -> None:
    bridge.make_lane(FakeSink(), repeat=HOUR)
    raised = [event for event in raised_and_cleared(bridge, 1001) if isinstance(event, Raised)]
    await bridge.tell(*raised)
    async with bridge.archive.begin() as tx:
        told = "UPDATE deliveries SET state = 'delivered', head = FALSE, settled_at = next_at"
        await tx.execute(text(told))
    bridge.clock.advance(3600)
    for _ in range(2):
        await repeats_of(bridge).run()
        assert await bridge.rows("SELECT count(*) FROM deliveries WHERE head") == [(1000,)]


async def test_a_repeat_waits_for_the_end_of_a_silence(bridge: Bridge) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink, repeat=HOUR)
    await bridge.raise_alarm(1)
    await work(lane)
    bridge.clock.advance(3600)
    now = bridge.clock.now()
    silence = Silence(id="config/1", match=Match(), starts_at=now, ends_at=now + HOUR, comment="")
    bridge.silences.append(silence)
    await repeats_of(bridge).run()
    await work(lane)
    assert len(sink.heard) == 1
    bridge.clock.advance(3600)
    await repeats_of(bridge).run()
    await work(lane)
    assert len(sink.heard) == 2


async def test_repeats_leave_room_for_news_where_the_rate_is_limited(bridge: Bridge) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink, repeat=HOUR, rate_limit=Rate(number=2, per=MINUTE))
    for number in range(1, 6):
        await bridge.raise_alarm(number)
    for _ in range(3):
        await work(lane)
        bridge.clock.advance(60)
    bridge.clock.advance(3600)
    sink.heard.clear()
    await repeats_of(bridge).run()
    await bridge.raise_alarm(6)
    for _ in range(4):
        await repeats_of(bridge).run()
        await work(lane)
        bridge.clock.advance(60)
    told = [alarm_id for alarm_id, _ in sink.told]
    assert told == [f"alarm-{number}" for number in (1, 2, 6, 3, 4, 5)]


async def test_a_sink_that_fails_is_owed_no_repeats_meanwhile(bridge: Bridge) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink, repeat=HOUR)
    await bridge.raise_alarm(1)
    await work(lane)
    sink.answer = lambda _: SinkError("HTTP 503")
    for number in (2, 3, 4):
        await bridge.raise_alarm(number)
    await work(lane)
    bridge.clock.advance(3600)
    await repeats_of(bridge).run()
    assert lane.lane.failing
    assert await bridge.rows("SELECT count(*) FROM deliveries WHERE head") == [(3,)]


# Retention


async def test_what_is_too_old_leaves_in_batches(
    bridge: Bridge, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    await bridge.tell(*raised_and_cleared(bridge, 1001))
    bridge.clock.advance(399 * 86_400)
    await bridge.raise_alarm(2000)
    bridge.clock.advance(2 * 86_400)
    await retention_of(bridge).run()
    assert await bridge.rows("SELECT id FROM alarms") == [("alarm-2000",)]
    (said,) = caplog.messages
    assert said.startswith("retention: deleted 1001 alarms older than 400 days")


async def test_what_is_young_enough_stays_and_the_archive_is_tidied(
    bridge: Bridge, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    await bridge.clear_alarm(await bridge.raise_alarm(1))
    bridge.clock.advance(399 * 86_400)
    await retention_of(bridge).run()
    assert len(await bridge.rows("SELECT id FROM alarms")) == 1
    assert bridge.archive.journal[-1] == "tidy"
    assert caplog.messages == []


async def test_all_that_is_owed_to_sinks_that_are_gone_is_buried(
    bridge: Bridge, caplog: pytest.LogCaptureFixture
) -> None:
    for sink in ("gone", "incidents"):
        bridge.subscribe(sink)
    await bridge.tell(*raised_and_cleared(bridge, 501))
    bridge.clock.advance(3 * 86_400)
    await retention_of(bridge, ["incidents"]).run()
    assert {state for _, state, _ in await bridge.deliveries("gone")} == {"pending"}
    bridge.clock.advance(1)
    await retention_of(bridge, ["incidents"]).run()
    assert {state for _, state, _ in await bridge.deliveries("gone")} == {"dead"}
    assert {state for _, state, _ in await bridge.deliveries("incidents")} == {"pending"}
    assert caplog.messages == [
        "retention: gave up 1002 deliveries to sinks that are configured no longer"
    ]


# The bridge's own alarms about its sinks


async def test_a_failing_sink_is_an_alarm_once_until_it_is_well(bridge: Bridge) -> None:
    sink = FakeSink()
    bridge.make_lane(sink)
    report = report_of(bridge)
    await make_fail(bridge, sink)
    for _ in range(2):
        assert await report.step() is False
    assert await bridge.events() == [("raised", "1"), ("raised", "sinkFailing")]
    assert await bridge.rows("SELECT description FROM alarms WHERE origin = 'bridge'") == [
        ("Sink incidents is failing: HTTP 503",)
    ]

    sink.answer = lambda _: None
    bridge.clock.advance(60)
    await work(bridge.lanes[0])
    await report.step()
    assert (await bridge.events())[2:] == [("cleared", "sinkFailing")]


async def test_other_sinks_are_told_of_a_sink_that_fails(bridge: Bridge) -> None:
    sink = FakeSink()
    bridge.make_lane(sink, "incidents")
    chat = FakeSink()
    lane = bridge.make_lane(chat, "chat")
    await make_fail(bridge, sink)
    await report_of(bridge).step()
    await work(lane)
    assert [notice.alarm_id == "alarm-1" for notice in chat.heard] == [True, False]
    assert (await bridge.deliveries("incidents"))[-1] == (
        "raised",
        "dropped",
        "a sink is not told of its own failing",
    )


async def test_what_an_ended_silence_holds_all_the_same_is_let_go(bridge: Bridge) -> None:
    # The lane judges: the silence holds it. Somebody ends the silence, which lets go of what it
    # holds; nothing as yet. The hold is recorded, until the silence would have ended.
    sink = FakeSink()
    lane = bridge.make_lane(sink)
    chore = EndedSilences(
        bridge.lanes, archive=bridge.archive, clock=bridge.clock, calendar=no_calendar
    )
    await bridge.raise_alarm(1)
    async with bridge.archive.begin() as tx:
        ends_at = NOW + 7 * DAY
        added = await add_silence(tx, match=Match(), starts_at=NOW, ends_at=ends_at, now=NOW)

    async def end() -> None:
        async with bridge.archive.begin() as tx:
            assert await expire_silence(tx, int(added.id), now=NOW)

    bridge.archive.meanwhile = end
    await work(lane)
    assert sink.told == []

    await chore.run()
    await work(lane)
    assert sink.told == [("alarm-1", "raised")]


async def test_what_a_silence_in_force_holds_is_left_to_it(bridge: Bridge) -> None:
    lane = bridge.make_lane(FakeSink())
    chore = EndedSilences(
        bridge.lanes,
        archive=bridge.archive,
        clock=bridge.clock,
        calendar=lambda _: bridge.silences,
    )
    silence = Silence(id="config/1", match=Match(), starts_at=NOW, ends_at=NOW + DAY)
    bridge.silences.append(silence)
    await bridge.raise_alarm(1)
    await work(lane)
    written = bridge.archive.writes
    await chore.run()
    assert bridge.archive.writes == written


async def test_after_a_restart_a_sink_fails_until_it_has_been_tried(bridge: Bridge) -> None:
    sink = FakeSink()
    bridge.make_lane(sink)
    await make_fail(bridge, sink)
    await report_of(bridge).step()

    bridge.lanes.clear()
    bridge.subscriptions.clear()
    sink.answer = lambda _: None
    reborn = bridge.make_lane(sink)
    report = report_of(bridge)
    await report.step()
    assert ("cleared", "sinkFailing") not in await bridge.events()
    bridge.clock.advance(60)
    await work(reborn)
    await report.step()
    assert ("cleared", "sinkFailing") in await bridge.events()


async def test_after_a_restart_one_more_failure_is_no_sign_of_health(bridge: Bridge) -> None:
    # The alarm stands; the new lane's first attempt fails, which is no reason for an alarm yet.
    # The report comes between that and the third.
    sink = FakeSink()
    bridge.make_lane(sink)
    await make_fail(bridge, sink)
    await report_of(bridge).step()

    bridge.lanes.clear()
    bridge.subscriptions.clear()
    reborn = bridge.make_lane(sink)
    report = report_of(bridge)
    for _ in range(4):
        bridge.clock.advance(60)
        await work(reborn)
        await report.step()
    assert await bridge.events() == [("raised", "1"), ("raised", "sinkFailing")]


async def test_the_alarm_of_a_sink_that_is_shut_says_until_when(bridge: Bridge) -> None:
    lane = bridge.make_lane(FakeSink(lambda _: SinkError("HTTP 410", gone=True)))
    await bridge.raise_alarm(1)
    await work(lane)
    await report_of(bridge).step()
    assert await bridge.rows("SELECT description FROM alarms WHERE origin = 'bridge'") == [
        ("Sink incidents is shut, nothing more is sent until a restart: HTTP 410",)
    ]


async def test_the_alarm_of_a_failing_sink_says_so_once_it_is_shut(bridge: Bridge) -> None:
    sink = FakeSink()
    bridge.make_lane(sink)
    await make_fail(bridge, sink)
    report = report_of(bridge)
    await report.step()
    # Another reason is no news; that nothing more is sent is.
    for error in (SinkError("HTTP 500"), SinkError("HTTP 410", gone=True)):
        sink.answer = lambda _, error=error: error  # type: ignore[misc]
        bridge.clock.advance(60)
        await work(bridge.lanes[0])
        await report.step()
    assert (await bridge.events())[1:] == [("raised", "sinkFailing"), ("changed", "sinkFailing")]
    assert await bridge.rows("SELECT description FROM alarms WHERE origin = 'bridge'") == [
        ("Sink incidents is shut, nothing more is sent until a restart: HTTP 410",)
    ]


async def test_dead_deliveries_are_an_alarm_until_they_are_replayed(bridge: Bridge) -> None:
    sink = FakeSink(lambda _: SinkError("HTTP 400", permanent=True))
    lane = bridge.make_lane(sink)
    await bridge.raise_alarm(1)
    await work(lane)
    report = report_of(bridge)
    for _ in range(2):
        await report.step()
    assert await bridge.events() == [("raised", "1"), ("raised", "deliveryDead")]
    command = "alarmbridge deliveries list --state dead"
    assert await bridge.rows("SELECT description FROM alarms WHERE origin = 'bridge'") == [
        (f"Deliveries to incidents were given up; see: {command}",)
    ]

    async with bridge.archive.begin() as tx:
        await replay(tx, [1], now=bridge.clock.now())
    await report.step()
    assert (await bridge.events())[2:] == [("cleared", "deliveryDead")]


async def test_dead_deliveries_to_a_sink_that_is_gone_are_no_alarm(bridge: Bridge) -> None:
    # They stay dead until they are old, since nobody is left to whom they could be replayed.
    bridge.subscribe("gone")
    await bridge.raise_alarm(1)
    bridge.clock.advance(4 * 86_400)
    await retention_of(bridge).run()
    bridge.subscriptions.clear()
    await report_of(bridge).step()
    assert await bridge.deliveries("gone") == [
        ("raised", "dead", "its sink is configured no longer")
    ]
    assert await bridge.events() == [("raised", "1")]


async def test_a_report_that_lost_a_race_can_be_made_again(bridge: Bridge) -> None:
    # Somebody else writes an alarm of the bridge's own between the report's look and its commit.
    sink = FakeSink()
    bridge.make_lane(sink)
    await make_fail(bridge, sink)

    async def move_on() -> None:
        await bridge.raise_alarm(9, device="")

    bridge.archive.meanwhile = move_on
    report = report_of(bridge)
    with pytest.raises(StaleClaim):
        await report.step()
    await report.step()
    assert ("raised", "sinkFailing") in await bridge.events()
