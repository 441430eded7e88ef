"""The census and the gauges: what an operator reads off the metrics."""

from datetime import timedelta

from runtime_cases import Bridge, work
from runtime_fakes import FakeBox, FakeSink

from alarmbridge.core.errors import SinkError
from alarmbridge.core.gate import Rules
from alarmbridge.runtime.census import Census
from alarmbridge.runtime.gauges import show_all

HELD = Rules(delay=timedelta(minutes=5))


def census_of(bridge: Bridge) -> Census:
    return Census(bridge.lanes, archive=bridge.archive, clock=bridge.clock, metrics=bridge.metrics)


async def test_what_is_owed_is_counted_by_sink(bridge: Bridge) -> None:
    bridge.make_lane(FakeSink(), "incidents")
    bridge.make_lane(FakeSink(), "chat")
    for number in (1, 2):
        await bridge.raise_alarm(number)
    await work(bridge.lanes[0])
    await census_of(bridge).step()
    assert bridge.count("deliveries_pending", sink="incidents") == 0
    assert bridge.count("deliveries_pending", sink="chat") == 2
    assert bridge.count("active_alarms", severity="major") == 2
    assert bridge.count("active_alarms", severity="critical") == 0
    assert bridge.count("archive_size_bytes") > 10_000
    assert bridge.count("archive_last_answer_timestamp_seconds") == bridge.clock.now().timestamp()


async def test_the_oldest_grows_old_between_two_censuses(bridge: Bridge) -> None:
    bridge.make_lane(FakeSink(), "chat")
    await bridge.raise_alarm()
    bridge.clock.advance(40)
    await census_of(bridge).step()
    assert bridge.count("oldest_pending_delivery_age_seconds", sink="chat") == 40
    bridge.clock.advance(5)
    assert bridge.count("oldest_pending_delivery_age_seconds", sink="chat") == 45


async def test_what_is_held_back_is_not_old(bridge: Bridge) -> None:
    bridge.make_lane(FakeSink(), "chat", rules=HELD)
    await bridge.raise_alarm()
    await work(bridge.lanes[0])
    bridge.clock.advance(60)
    await census_of(bridge).step()
    assert bridge.count("deliveries_held", sink="chat", cause="delay") == 1
    assert bridge.count("oldest_pending_delivery_age_seconds", sink="chat") == 0


async def test_a_sink_that_is_configured_no_longer_has_no_series(bridge: Bridge) -> None:
    bridge.subscribe("gone")
    await bridge.raise_alarm()
    await census_of(bridge).step()
    assert b"gone" not in bridge.metrics.render()[0]


async def test_what_was_given_up_is_counted(bridge: Bridge) -> None:
    sink = FakeSink()
    bridge.make_lane(sink, "chat")
    sink.answer = lambda _: SinkError("HTTP 422", permanent=True)
    await bridge.raise_alarm()
    await work(bridge.lanes[0])
    await census_of(bridge).step()
    assert bridge.count("deliveries_dead", sink="chat") == 1


async def test_what_is_accepted_tells_how_long_it_took(bridge: Bridge) -> None:
    bridge.make_lane(FakeSink(), "chat")
    await bridge.raise_alarm()
    bridge.clock.advance(3)
    await work(bridge.lanes[0])
    assert bridge.count("delivery_latency_seconds_sum", sink="chat") == 3
    assert bridge.count("delivery_latency_seconds_bucket", sink="chat", le="1.0") == 0
    assert bridge.count("delivery_latency_seconds_bucket", sink="chat", le="5.0") == 1


async def test_every_series_of_lanes_and_pollers_is_there_from_the_start(bridge: Bridge) -> None:
    lanes = [bridge.make_lane(FakeSink(), "chat")]
    pollers = [bridge.make_poller(FakeBox(), "sbc-1")]
    show_all(
        bridge.metrics, version="7", pollers=pollers, lanes=lanes, watchers=[], readers=lambda: 2.0
    )
    text = bridge.metrics.render()[0].decode()
    for line in (
        'alarmbridge_build_info{version="7"} 1.0',
        'alarmbridge_devices{health="well"} 1.0',
        'alarmbridge_devices{health="deviceUnreachable"} 0.0',
        'alarmbridge_device_last_good_poll_timestamp_seconds{device="sbc-1"} 0.0',
        "alarmbridge_oldest_good_poll_timestamp_seconds 0.0",
        'alarmbridge_sink_failing{sink="chat"} 0.0',
        'alarmbridge_delivery_attempts_total{outcome="dead",sink="chat"} 0.0',
        'alarmbridge_failed_reads_total{kind="deviceUnreachable"} 0.0',
        'alarmbridge_events_total{kind="raised"} 0.0',
        "alarmbridge_stream_readers 2.0",
    ):
        assert line in text.splitlines()


async def test_a_device_tells_when_it_was_last_read(bridge: Bridge) -> None:
    await bridge.register("sbc-1", "sbc-2")
    box = FakeBox()
    pollers = [bridge.make_poller(box, "sbc-1"), bridge.make_poller(FakeBox(), "sbc-2")]
    show_all(
        bridge.metrics, version="7", pollers=pollers, lanes=[], watchers=[], readers=lambda: 0.0
    )
    await pollers[0].step()
    read_at = bridge.clock.now().timestamp()
    bridge.clock.advance(9)
    await pollers[1].step()
    at = {
        name: bridge.count("device_last_good_poll_timestamp_seconds", device=name)
        for name in ("sbc-1", "sbc-2")
    }
    assert at == {"sbc-1": read_at, "sbc-2": read_at + 9}
    assert bridge.count("oldest_good_poll_timestamp_seconds") == read_at
    assert bridge.count("sync_duration_seconds_count") == 2


async def test_a_sink_that_is_only_probed_is_shown_as_failing(bridge: Bridge) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink, "chat")
    show_all(
        bridge.metrics, version="7", pollers=[], lanes=[lane], watchers=[], readers=lambda: 0.0
    )
    sink.answer = lambda _: SinkError("HTTP 503")
    await bridge.raise_alarm()
    for pause in (0, 2, 8):
        bridge.clock.advance(pause)
        await work(lane)
    assert bridge.count("sink_failing", sink="chat") == 1
