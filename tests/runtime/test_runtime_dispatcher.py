"""A lane, step by step: a fake far end, a real archive. Each race is told in its first comment."""

import asyncio
import json
import logging
from datetime import timedelta

import pytest
from runtime_cases import Bridge, work
from runtime_fakes import NOW, FakeSink, until

from alarmbridge.core.delivery import Notice
from alarmbridge.core.errors import SinkError, StoreError
from alarmbridge.core.retry import Patience
from alarmbridge.runtime.dispatcher import Dispatcher

DOWN = SinkError("HTTP 503")


def is_down(_: Notice) -> Exception:
    return DOWN


async def fail_for_long(bridge: Bridge, lane: Dispatcher, sink: FakeSink) -> None:
    """Have two alarms fail until each of them waits out a long pause."""
    for number in (1, 2):
        await bridge.raise_alarm(number)
    for _ in range(20):
        await work(lane)
        bridge.clock.advance(60)
    sink.heard.clear()


async def test_what_is_owed_is_sent_and_the_answer_recorded(bridge: Bridge) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink)
    await bridge.raise_alarm(1)
    await work(lane)
    (notice,) = sink.heard
    assert (notice.alarm_id, notice.kind, notice.key) == ("alarm-1", "raised", "key of alarm-1")
    assert json.loads(notice.body)["data"]["event_id"] == notice.event_id
    assert notice.sent_at == NOW
    rows = await bridge.rows("SELECT state, answer, attempts FROM deliveries")
    assert rows == [("delivered", "HTTP 204", 1)]
    assert bridge.count("delivery_attempts_total", sink="incidents", outcome="delivered") == 1


async def test_an_idle_lane_finds_no_work(bridge: Bridge) -> None:
    lane = bridge.make_lane(FakeSink())
    assert await lane.step() is False
    assert (lane.pause, lane.tried) == (1.0, False)


async def test_an_attempt_that_ends_rings_the_bell(bridge: Bridge) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink)
    await bridge.raise_alarm(1)
    assert await lane.step() is True
    waiter = lane.bell.arm()
    assert waiter is not None
    async with asyncio.timeout(5):
        await waiter
    assert await lane.step() is True
    assert await lane.step() is False


# Order


async def test_a_clear_is_not_sent_before_its_raise_is_accepted_and_recorded(
    bridge: Bridge,
) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink)
    gate = sink.hold("alarm-1")
    await bridge.clear_alarm(await bridge.raise_alarm(1))
    for _ in range(3):
        await lane.step()
    await until(lambda: sink.under_way)
    assert sink.told == [("alarm-1", "raised")]
    gate.set()
    await work(lane)
    assert sink.told == [("alarm-1", "raised"), ("alarm-1", "cleared")]


async def test_a_clear_waits_out_the_pauses_of_its_raise(bridge: Bridge) -> None:
    sink = FakeSink(is_down)
    lane = bridge.make_lane(sink)
    await bridge.clear_alarm(await bridge.raise_alarm(1))
    await work(lane)
    bridge.clock.advance(1)
    await work(lane)
    assert sink.told == [("alarm-1", "raised")] * 2


async def test_one_alarm_waiting_holds_up_no_other(bridge: Bridge) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink)
    gate = sink.hold("alarm-1")
    first = await bridge.raise_alarm(1)
    await lane.step()
    await bridge.clear_alarm(first)
    await bridge.clear_alarm(await bridge.raise_alarm(2))
    await lane.step()
    await until(lambda: len(sink.heard) == 2)
    await until(lambda: sink.under_way == 1)
    await lane.step()
    await until(lambda: len(sink.heard) == 3)
    assert sink.told[1:] == [("alarm-2", "raised"), ("alarm-2", "cleared")]
    gate.set()
    await work(lane)
    assert sink.told[3:] == [("alarm-1", "cleared")]


async def test_one_sink_failing_holds_up_no_other(bridge: Bridge) -> None:
    well = FakeSink()
    lanes = [bridge.make_lane(FakeSink(is_down), "chat"), bridge.make_lane(well, "incidents")]
    await bridge.raise_alarm(1)
    for lane in lanes:
        await work(lane)
    assert well.told == [("alarm-1", "raised")]
    assert await bridge.deliveries("chat") == [("raised", "pending", "HTTP 503")]


async def test_no_more_go_out_at_once_than_the_lane_allows(bridge: Bridge) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink, concurrency=2)
    gate = sink.hold(*(f"alarm-{number}" for number in range(5)))
    for number in range(5):
        await bridge.raise_alarm(number)
    for _ in range(3):
        await lane.step()
    await until(lambda: sink.under_way == 2)
    assert await lane.step() is False
    assert len(sink.heard) == 2
    gate.set()
    await work(lane)
    assert len(sink.heard) == 5


async def test_what_is_under_way_is_not_sent_a_second_time(bridge: Bridge) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink)
    gate = sink.hold("alarm-1")
    await bridge.raise_alarm(1)
    for _ in range(5):
        await lane.step()
    await until(lambda: sink.under_way)
    assert len(sink.heard) == 1
    gate.set()
    await work(lane)
    assert len(sink.heard) == 1


# What was not accepted


async def test_retries_come_after_the_pauses_of_the_design(bridge: Bridge) -> None:
    sink = FakeSink(is_down)
    lane = bridge.make_lane(sink)
    await bridge.raise_alarm(1)
    await work(lane)
    for attempt, pause in enumerate((1, 5, 15, 45, 120, 300, 900, 3600, 3600), start=1):
        bridge.clock.advance(pause - 0.1)
        await work(lane)
        assert len(sink.heard) == attempt
        bridge.clock.advance(0.1)
        await work(lane)
        assert len(sink.heard) == attempt + 1


async def test_each_repeat_says_the_same_under_the_same_id(bridge: Bridge) -> None:
    sink = FakeSink(is_down)
    lane = bridge.make_lane(sink)
    await bridge.raise_alarm(1)
    await work(lane)
    bridge.clock.advance(1)
    await work(lane)
    first, second = sink.heard
    assert (first.event_id, first.key, first.body) == (second.event_id, second.key, second.body)
    assert second.sent_at == NOW + timedelta(seconds=1)


async def test_the_next_look_is_due_when_the_next_retry_is(bridge: Bridge) -> None:
    lane = bridge.make_lane(FakeSink(is_down))
    await bridge.raise_alarm(1)
    await work(lane)
    bridge.clock.advance(0.75)
    await lane.step()
    assert lane.pause == pytest.approx(0.25)


async def test_retry_after_holds_the_whole_lane_back(bridge: Bridge) -> None:
    sink = FakeSink(lambda _: SinkError("HTTP 429", retry_after=timedelta(seconds=90)))
    lane = bridge.make_lane(sink)
    await bridge.raise_alarm(1)
    await work(lane)
    await bridge.raise_alarm(2)
    bridge.clock.advance(89)
    await work(lane)
    assert sink.told == [("alarm-1", "raised")]
    bridge.clock.advance(1)
    await work(lane)
    assert len(sink.told) == 2


async def test_a_refusal_for_good_buries_that_delivery_and_nothing_else(
    bridge: Bridge, caplog: pytest.LogCaptureFixture
) -> None:
    sink = FakeSink(
        lambda notice: (
            SinkError("HTTP 400", permanent=True) if notice.alarm_id == "alarm-1" else None
        )
    )
    lane = bridge.make_lane(sink)
    for number in (1, 2):
        await bridge.raise_alarm(number)
    await work(lane)
    assert await bridge.deliveries() == [
        ("raised", "dead", "refused for good: HTTP 400"),
        ("raised", "delivered", None),
    ]
    assert not lane.lane.failing
    assert caplog.messages == ["sink incidents: gave up delivery 1: refused for good: HTTP 400"]


async def test_what_cannot_be_delivered_is_given_up_in_the_end(bridge: Bridge) -> None:
    lane = bridge.make_lane(
        FakeSink(is_down), patience=Patience(give_up_after=timedelta(minutes=5))
    )
    await bridge.raise_alarm(1)
    await work(lane)
    bridge.clock.advance(300)
    await work(lane)
    assert await bridge.deliveries() == [("raised", "dead", "undelivered after 5 min: HTTP 503")]


async def test_a_far_end_that_is_gone_shuts_the_lane(
    bridge: Bridge, caplog: pytest.LogCaptureFixture
) -> None:
    sink = FakeSink(lambda _: SinkError("HTTP 410", gone=True))
    lane = bridge.make_lane(sink)
    await bridge.raise_alarm(1)
    await work(lane)
    await bridge.raise_alarm(2)
    bridge.clock.advance(86_400)
    await work(lane)
    assert sink.told == [("alarm-1", "raised")]
    assert [state for _, state, _ in await bridge.deliveries()] == ["pending", "pending"]
    assert caplog.messages == [
        "sink incidents: shut, nothing more is sent until a restart: HTTP 410"
    ]
    assert bridge.notify.arm() is None


async def test_a_clear_whose_raise_was_never_accepted_is_dropped_with_the_reason(
    bridge: Bridge,
) -> None:
    # Raise and clear are both owed by the time that the far end refuses the raise.
    sink = FakeSink(lambda _: SinkError("HTTP 422", permanent=True))
    lane = bridge.make_lane(sink)
    await bridge.clear_alarm(await bridge.raise_alarm(1))
    await work(lane)
    assert sink.told == [("alarm-1", "raised")]
    assert await bridge.deliveries() == [
        ("raised", "dead", "refused for good: HTTP 422"),
        ("cleared", "dropped", "its raise was never accepted here"),
    ]


async def test_a_sink_with_a_bug_is_tried_again_and_the_bug_is_logged(
    bridge: Bridge, caplog: pytest.LogCaptureFixture
) -> None:
    lane = bridge.make_lane(FakeSink(lambda _: ZeroDivisionError("https://secret@hooks")))
    await bridge.raise_alarm(1)
    await work(lane)
    assert await bridge.deliveries() == [
        ("raised", "pending", "the sink failed with ZeroDivisionError")
    ]
    (record,) = caplog.records
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], ZeroDivisionError)


async def test_an_attempt_that_takes_too_long_has_failed(bridge: Bridge) -> None:
    # The dispatcher grants five seconds on top of the sink's own timeout; here that is nothing.
    sink = FakeSink()
    sink.hold("alarm-1")
    lane = bridge.make_lane(sink, timeout=timedelta(seconds=-5))
    await bridge.raise_alarm(1)
    await work(lane)
    assert await bridge.deliveries() == [("raised", "pending", "no answer within 0 s")]
    assert lane.lane.misses == 1


# A sink that fails, and one that is back


async def test_while_a_sink_fails_one_delivery_at_a_time_probes_it_by_turns(
    bridge: Bridge,
) -> None:
    sink = FakeSink(is_down)
    lane = bridge.make_lane(sink)
    for number in (1, 2, 3):
        await bridge.raise_alarm(number)
    await work(lane)
    assert len(sink.heard) == 3
    probes = []
    for pause in (1, 2, 5):
        sink.heard.clear()
        bridge.clock.advance(pause)
        await work(lane)
        probes += [[alarm_id for alarm_id, _ in sink.told]]
    assert probes == [["alarm-1"], ["alarm-2"], ["alarm-3"]]


async def test_a_sink_that_fails_now_and_then_slows_no_other_alarm(bridge: Bridge) -> None:
    sink = FakeSink(lambda notice: DOWN if notice.alarm_id == "alarm-1" else None)
    lane = bridge.make_lane(sink)
    await bridge.raise_alarm(1)
    await work(lane)
    for number in range(2, 5):
        await bridge.raise_alarm(number)
    await work(lane)
    assert [alarm_id for alarm_id, _ in sink.told] == [f"alarm-{one}" for one in range(1, 5)]


async def test_a_sink_that_is_back_gets_at_once_all_that_waited(bridge: Bridge) -> None:
    sink = FakeSink(is_down)
    lane = bridge.make_lane(sink)
    await fail_for_long(bridge, lane, sink)
    sink.answer = lambda _: None
    await work(lane)
    assert len(sink.heard) == 0
    await bridge.raise_alarm(3)
    await work(lane)
    assert [alarm_id for alarm_id, _ in sink.told] == ["alarm-3", "alarm-1", "alarm-2"]


async def test_what_failed_beside_an_acceptance_waits_out_its_pause(bridge: Bridge) -> None:
    # Alarms 1 and 2 are refused and 3 is accepted, all of them under way at once.
    sink = FakeSink(lambda notice: None if notice.alarm_id == "alarm-3" else DOWN)
    lane = bridge.make_lane(sink)
    for number in (1, 2, 3):
        await bridge.raise_alarm(number)
    await work(lane)
    assert len(sink.heard) == 3
    bridge.clock.advance(1)
    await work(lane)
    assert len(sink.heard) == 5


async def test_one_poisoned_delivery_does_not_pass_for_a_dead_sink(bridge: Bridge) -> None:
    sink = FakeSink(lambda notice: DOWN if notice.alarm_id == "alarm-1" else None)
    lane = bridge.make_lane(sink)
    await bridge.raise_alarm(1)
    for number, pause in enumerate((1, 5, 15, 45, 120), start=2):
        await bridge.raise_alarm(number)
        await work(lane)
        bridge.clock.advance(pause)
        assert not lane.lane.alarming
    assert [state for _, state, _ in await bridge.deliveries()] == ["pending"] + ["delivered"] * 5
    assert bridge.count("delivery_attempts_total", sink="incidents", outcome="pending") == 5


async def test_a_failing_sink_becomes_an_alarm_after_three_attempts_and_its_return_ends_it(
    bridge: Bridge, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    sink = FakeSink(is_down)
    lane = bridge.make_lane(sink)
    await bridge.raise_alarm(1)
    await work(lane)
    bridge.clock.advance(1)
    await work(lane)
    assert bridge.notify.arm() is not None
    bridge.clock.advance(5)
    await work(lane)
    assert (bridge.notify.arm(), lane.lane.alarming) == (None, True)

    sink.answer = lambda _: None
    bridge.clock.advance(15)
    await work(lane)
    assert (bridge.notify.arm(), lane.lane.alarming) == (None, False)
    assert caplog.messages == ["sink incidents: failing: HTTP 503", "sink incidents: well again"]


# Clocks


async def test_a_clock_set_back_lets_nothing_wait_out_the_step(
    bridge: Bridge, caplog: pytest.LogCaptureFixture
) -> None:
    sink = FakeSink(is_down)
    lane = bridge.make_lane(sink)
    await bridge.raise_alarm(1)
    await work(lane)
    sink.answer = lambda _: None
    bridge.clock.set_wall(-86_400)
    await work(lane)
    assert [state for _, state, _ in await bridge.deliveries()] == ["delivered"]
    assert "sink incidents: the clock was set back by 86400 s" in caplog.messages


async def test_a_clock_that_is_trimmed_releases_nothing(bridge: Bridge) -> None:
    sink = FakeSink(is_down)
    lane = bridge.make_lane(sink)
    await bridge.raise_alarm(1)
    await work(lane)
    for _ in range(5):
        bridge.clock.set_wall(-0.5)
        await work(lane)
    assert len(sink.heard) == 1


async def test_a_clock_set_back_while_the_archive_fails_is_minded_once_it_is_back(
    bridge: Bridge,
) -> None:
    # The step sees the clock go back; the release cannot be stored; the next step would see no
    # difference any more.
    sink = FakeSink(is_down)
    lane = bridge.make_lane(sink)
    await bridge.raise_alarm(1)
    await work(lane)
    sink.answer = lambda _: None
    bridge.clock.set_wall(-86_400)
    bridge.archive.failures = 1
    with pytest.raises(StoreError):
        await lane.step()
    await work(lane)
    assert [state for _, state, _ in await bridge.deliveries()] == ["delivered"]


# An archive that fails


async def test_an_answer_that_could_not_be_recorded_is_recorded_at_the_next_step(
    bridge: Bridge,
) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink)
    await bridge.raise_alarm(1)
    await lane.step()
    await until(lambda: sink.heard and not sink.under_way)
    bridge.archive.failures = 1
    with pytest.raises(StoreError):
        await lane.step()
    await work(lane)
    assert len(sink.heard) == 1
    assert [state for _, state, _ in await bridge.deliveries()] == ["delivered"]


async def test_a_return_that_could_not_be_recorded_still_releases_all_that_waited(
    bridge: Bridge,
) -> None:
    # Two have failed, and a third is accepted; storing that fails. If the lane called itself well
    # already, the next step would find nobody to release, and they would wait out their pauses.
    sink = FakeSink(is_down)
    lane = bridge.make_lane(sink)
    await fail_for_long(bridge, lane, sink)
    sink.answer = lambda _: None
    await bridge.raise_alarm(3)
    await lane.step()
    await until(lambda: sink.heard and not sink.under_way)
    bridge.archive.failures = 1
    with pytest.raises(StoreError):
        await lane.step()
    assert lane.lane.alarming
    await work(lane)
    assert [alarm_id for alarm_id, _ in sink.told] == ["alarm-3", "alarm-1", "alarm-2"]
    assert not lane.lane.alarming


async def test_a_failure_that_could_not_be_recorded_counts_once(bridge: Bridge) -> None:
    sink = FakeSink(is_down)
    lane = bridge.make_lane(sink)
    await bridge.raise_alarm(1)
    await lane.step()
    await until(lambda: sink.heard and not sink.under_way)
    for _ in range(3):
        bridge.archive.failures = 1
        with pytest.raises(StoreError):
            await lane.step()
        bridge.clock.advance(5)
    await lane.step()
    assert lane.lane.failures == 1


# The end


async def test_finishing_waits_for_what_is_under_way_and_records_it(bridge: Bridge) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink)
    gate = sink.hold("alarm-1")
    await bridge.raise_alarm(1)
    await lane.step()
    await until(lambda: sink.under_way)
    asyncio.get_running_loop().call_soon(gate.set)
    await lane.finish(5.0)
    assert [state for _, state, _ in await bridge.deliveries()] == ["delivered"]
    assert sink.closed


async def test_finishing_cuts_off_what_takes_too_long_which_is_no_failure(
    bridge: Bridge, caplog: pytest.LogCaptureFixture
) -> None:
    # The stop comes while the far end thinks; whether it would have accepted, nobody knows.
    sink = FakeSink()
    lane = bridge.make_lane(sink)
    sink.hold("alarm-1")
    await bridge.raise_alarm(1)
    await lane.step()
    await until(lambda: sink.under_way)
    await lane.finish(0.0)
    assert (sink.under_way, sink.closed) == (0, True)
    assert await bridge.rows("SELECT state, attempts, reason FROM deliveries") == [
        ("pending", 0, None)
    ]
    assert (lane.lane.misses, caplog.messages) == (0, [])


async def test_a_sink_that_cancels_itself_has_failed(bridge: Bridge) -> None:
    lane = bridge.make_lane(FakeSink(lambda _: asyncio.CancelledError()))  # type: ignore[arg-type,return-value]
    await bridge.raise_alarm(1)
    await work(lane)
    assert await bridge.deliveries() == [("raised", "pending", "the sink broke it off")]


async def test_finishing_an_idle_lane_closes_its_sink(bridge: Bridge) -> None:
    sink = FakeSink()
    await bridge.make_lane(sink).finish(5.0)
    assert sink.closed


async def test_a_sink_is_closed_even_if_the_archive_fails_at_the_end(bridge: Bridge) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink)
    await bridge.raise_alarm(1)
    await lane.step()
    bridge.archive.failures = 1
    with pytest.raises(StoreError):
        await lane.finish(5.0)
    assert sink.closed
