"""Refreshes: what a forgetful far end is told again, and when its lane is left to that."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

import pytest
from runtime_cases import Bridge, work
from runtime_fakes import NOW, FakeSink, until

from alarmbridge.core.delivery import Notice
from alarmbridge.core.errors import SinkError, StoreError
from alarmbridge.core.severity import Severity
from alarmbridge.runtime.chores import SelfReport
from alarmbridge.runtime.dispatcher import Dispatcher

DOWN = SinkError("HTTP 503")


class ForgetfulSink(FakeSink):
    """A far end that has to be told every minute; a refresh ends at once or when it is let go."""

    refresh_every = timedelta(minutes=1)
    keep_cleared = timedelta(minutes=5)

    def __init__(self) -> None:
        super().__init__()
        self.refreshes: list[Sequence[Notice]] = []
        self.failure: BaseException | None = None
        self.gate: asyncio.Event | None = None
        self.refreshing = 0

    def fail(self, error: Exception | None) -> None:
        """Fail at everything from now on, or at nothing."""
        self.failure, self.answer = error, lambda _: error

    async def refresh(self, notices: Sequence[Notice]) -> None:
        self.refreshes.append(notices)
        self.refreshing += 1
        try:
            if self.gate is not None:
                await self.gate.wait()
        finally:
            self.refreshing -= 1
        if self.failure is not None:
            raise self.failure

    @property
    def said(self) -> list[list[tuple[str, str]]]:
        """What each refresh said, as alarm id and kind."""
        return [[(one.alarm_id, one.kind) for one in notices] for notices in self.refreshes]


async def rest(lane: Dispatcher) -> None:
    """Step until nothing is left to do or under way, a refresh neither."""
    await work(lane)
    while (task := lane._refresh._task) is not None:
        await asyncio.gather(task, return_exceptions=True)
        await work(lane)


async def pass_time(bridge: Bridge, lane: Dispatcher, seconds: float = 60) -> None:
    bridge.clock.advance(seconds)
    await rest(lane)


async def told_lane(bridge: Bridge, sink: FakeSink) -> Dispatcher:
    """A lane whose sink was told of one alarm, and is not to be refreshed before a minute."""
    lane = bridge.make_lane(sink)
    await bridge.raise_alarm(1)
    await rest(lane)
    assert sink.told == [("alarm-1", "raised")]
    return lane


def report_of(bridge: Bridge) -> SelfReport:
    return SelfReport(
        bridge.lanes,
        archive=bridge.archive,
        recorder=bridge.recorder,
        clock=bridge.clock,
        bell=bridge.notify,
    )


async def test_what_stands_is_said_again_once_a_minute(bridge: Bridge) -> None:
    sink = ForgetfulSink()
    lane = await told_lane(bridge, sink)
    await pass_time(bridge, lane, 59)
    assert sink.said == []
    for _ in range(2):
        await pass_time(bridge, lane)
    assert sink.said == [[("alarm-1", "raised")]] * 2
    assert len(sink.heard) == 1


async def test_after_a_start_it_is_said_again_at_once(bridge: Bridge) -> None:
    sink = ForgetfulSink()
    await told_lane(bridge, sink)
    await rest(bridge.make_lane(sink))
    assert sink.said == [[("alarm-1", "raised")]]


async def test_a_sink_that_forgets_nothing_is_not_refreshed(bridge: Bridge) -> None:
    sink = ForgetfulSink()
    sink.refresh_every = None  # type: ignore[assignment] - as it is in the seam
    lane = await told_lane(bridge, sink)
    await pass_time(bridge, lane, 86_400)
    assert sink.said == []


async def test_what_is_said_is_what_was_told_last_under_its_own_key(bridge: Bridge) -> None:
    sink = ForgetfulSink()
    lane = bridge.make_lane(sink, credential="canary")
    alarm = await bridge.raise_alarm(1)
    await bridge.change_alarm(alarm, Severity.CRITICAL)
    await rest(lane)
    await pass_time(bridge, lane)
    ((notice,),) = sink.refreshes
    told = sink.heard[-1]
    assert (notice.event_id, notice.key, notice.body) == (told.event_id, told.key, told.body)
    assert (notice.title, notice.credential) == (told.title, "canary")
    assert (notice.severity, notice.sent_at) == (Severity.CRITICAL, NOW + timedelta(minutes=1))


async def test_what_was_cleared_is_among_it_for_as_long_as_the_sink_asks(bridge: Bridge) -> None:
    sink = ForgetfulSink()
    lane = bridge.make_lane(sink)
    await bridge.clear_alarm(await bridge.raise_alarm(1))
    await rest(lane)
    for _ in range(6):
        await pass_time(bridge, lane)
    assert sink.said == [[("alarm-1", "cleared")]] * 5


async def test_nothing_is_stored_by_it(bridge: Bridge) -> None:
    sink = ForgetfulSink()
    lane = await told_lane(bridge, sink)
    before = await bridge.rows("SELECT * FROM deliveries"), bridge.archive.writes
    for error in (None, DOWN, None):
        sink.fail(error)
        await pass_time(bridge, lane)
    assert len(sink.refreshes) == 3
    assert (await bridge.rows("SELECT * FROM deliveries"), bridge.archive.writes) == before


# Beside deliveries


async def test_it_waits_for_what_is_under_way_and_nothing_else_goes_out(bridge: Bridge) -> None:
    # A clear is under way when the refresh is due. If that began now it might still hold the
    # raise, arrive after the clear, and open the alarm once more.
    sink = ForgetfulSink()
    lane = await told_lane(bridge, sink)
    gate = sink.hold("alarm-2")
    await bridge.raise_alarm(2)
    await lane.step()
    await until(lambda: sink.under_way)
    bridge.clock.advance(60)
    await bridge.raise_alarm(3)
    for _ in range(3):
        assert await lane.step() is False
    assert (sink.said, len(sink.heard)) == ([], 2)

    gate.set()
    await rest(lane)
    assert sink.said == [[("alarm-1", "raised"), ("alarm-2", "raised")]]
    assert sink.told[2:] == [("alarm-3", "raised")]


async def test_while_it_is_under_way_nothing_is_delivered(bridge: Bridge) -> None:
    # The refresh has read that the alarm stands. Its clear must not overtake it.
    sink = ForgetfulSink()
    lane = await told_lane(bridge, sink)
    sink.gate = asyncio.Event()
    bridge.clock.advance(60)
    await lane.step()
    await until(lambda: sink.refreshing)
    (alarm,) = (await bridge.recorder.load("sbc-1")).active
    await bridge.clear_alarm(alarm)
    for _ in range(3):
        assert await lane.step() is False
    assert len(sink.heard) == 1

    sink.gate.set()
    await rest(lane)
    assert sink.told == [("alarm-1", "raised"), ("alarm-1", "cleared")]


async def test_its_end_rings_the_bell(bridge: Bridge) -> None:
    sink = ForgetfulSink()
    lane = await told_lane(bridge, sink)
    lane.bell.arm()
    bridge.clock.advance(60)
    assert await lane.step() is False
    waiter = lane.bell.arm()
    assert waiter is not None
    async with asyncio.timeout(5):
        await waiter


# What was not accepted


async def test_a_far_end_that_refuses_refreshes_is_failing_until_one_is_accepted(
    bridge: Bridge, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    sink = ForgetfulSink()
    lane, report = await told_lane(bridge, sink), report_of(bridge)
    sink.fail(DOWN)
    for _ in range(3):
        assert not lane.lane.alarming
        await pass_time(bridge, lane)
    await report.step()
    assert (await bridge.events())[1:] == [("raised", "sinkFailing")]

    sink.fail(None)
    await pass_time(bridge, lane)
    await report.step()
    assert (await bridge.events())[2:] == [("cleared", "sinkFailing")]
    assert caplog.messages == ["sink incidents: failing: HTTP 503", "sink incidents: well again"]


async def test_a_refresh_that_is_accepted_releases_what_had_failed(bridge: Bridge) -> None:
    # Two alarms have failed often enough for a long pause when the far end is back. It is the
    # refresh that finds it so.
    sink = ForgetfulSink()
    lane = await told_lane(bridge, sink)
    sink.fail(DOWN)
    for number in (2, 3):
        await bridge.raise_alarm(number)
    for seconds in (0, 5, 10, 15, 20):
        await pass_time(bridge, lane, seconds)
    sink.fail(None)
    sink.heard.clear()
    await pass_time(bridge, lane, 15)
    assert len(sink.refreshes) == 1
    assert sink.told == [("alarm-3", "raised"), ("alarm-2", "raised")]


async def test_a_refresh_that_fails_takes_turns_with_deliveries(bridge: Bridge) -> None:
    # It is due again before the next probe is, and fails by its own fault. If it took every
    # probe, nothing else would be sent for as long.
    sink = ForgetfulSink()
    sink.refresh_every = timedelta(seconds=10)
    lane = await told_lane(bridge, sink)
    sink.failure = DOWN
    for _ in range(10):
        await pass_time(bridge, lane, 30)
    assert lane.lane.failing
    await bridge.raise_alarm(2)
    await pass_time(bridge, lane, 30)
    await pass_time(bridge, lane, 30)
    assert sink.told == [("alarm-1", "raised"), ("alarm-2", "raised")]
    assert not lane.lane.failing


async def test_a_second_probe_by_refresh_has_the_lane_for_itself_as_well(bridge: Bridge) -> None:
    # The last refresh failed, so deliveries were let before this one; there were none yet.
    sink = ForgetfulSink()
    lane = await told_lane(bridge, sink)
    sink.failure = DOWN
    for _ in range(3):
        await pass_time(bridge, lane)
    sink.gate = asyncio.Event()
    bridge.clock.advance(60)
    await lane.step()
    await until(lambda: sink.refreshing)
    await bridge.raise_alarm(2)
    for _ in range(3):
        assert await lane.step() is False
    assert len(sink.heard) == 1
    await lane.finish(0.0)


async def test_with_nothing_to_say_nobody_is_asked_and_nothing_is_proven(bridge: Bridge) -> None:
    # The far end has never accepted anything, so there is nothing to refresh. That must not pass
    # for an acceptance: the lane would be well again every minute.
    sink = ForgetfulSink()
    sink.fail(DOWN)
    lane = bridge.make_lane(sink)
    await bridge.raise_alarm(1)
    for _ in range(10):
        await pass_time(bridge, lane)
    assert (sink.said, lane.lane.alarming) == ([], True)


async def test_after_a_restart_a_refresh_says_whether_the_sink_is_well(bridge: Bridge) -> None:
    sink = ForgetfulSink()
    lane = await told_lane(bridge, sink)
    sink.fail(DOWN)
    for _ in range(3):
        await pass_time(bridge, lane)
    await report_of(bridge).step()

    bridge.lanes.clear()
    reborn = bridge.make_lane(sink)
    report = report_of(bridge)
    await rest(reborn)
    await report.step()
    assert ("cleared", "sinkFailing") not in await bridge.events()
    sink.fail(None)
    await pass_time(bridge, reborn)
    await report.step()
    assert ("cleared", "sinkFailing") in await bridge.events()


async def test_a_return_that_could_not_be_recorded_still_releases_all_that_waited(
    bridge: Bridge,
) -> None:
    # Storing what the refresh releases fails. Were the lane well by then, nobody would.
    sink = ForgetfulSink()
    lane = await told_lane(bridge, sink)
    sink.fail(DOWN)
    for number in (2, 3):
        await bridge.raise_alarm(number)
    for seconds in (0, 5, 10, 15, 20):
        await pass_time(bridge, lane, seconds)
    sink.fail(None)
    sink.heard.clear()
    bridge.clock.advance(15)
    bridge.archive.failures = 1
    await lane.step()
    await until(lambda: lane._refresh._task and lane._refresh._task.done())
    with pytest.raises(StoreError):
        await lane.step()
    assert lane.lane.failing
    await rest(lane)
    assert sink.told == [("alarm-3", "raised"), ("alarm-2", "raised")]


async def test_a_refusal_for_good_is_no_failure_of_the_far_end(bridge: Bridge) -> None:
    sink = ForgetfulSink()
    lane = await told_lane(bridge, sink)
    sink.fail(SinkError("HTTP 400", permanent=True))
    for _ in range(5):
        await pass_time(bridge, lane)
    assert (len(sink.refreshes), lane.lane.misses) == (5, 0)


async def test_a_refusal_for_good_is_logged_once_until_one_is_accepted(
    bridge: Bridge, caplog: pytest.LogCaptureFixture
) -> None:
    sink = ForgetfulSink()
    lane = await told_lane(bridge, sink)
    refused = SinkError("HTTP 400", permanent=True)
    for error in (refused, refused, None, refused):
        sink.fail(error)
        await pass_time(bridge, lane)
    assert caplog.messages == ["sink incidents: a refresh was refused for good: HTTP 400"] * 2


async def test_a_far_end_that_is_gone_is_refreshed_no_more(bridge: Bridge) -> None:
    sink = ForgetfulSink()
    lane = await told_lane(bridge, sink)
    sink.fail(SinkError("HTTP 410", gone=True))
    for _ in range(3):
        await pass_time(bridge, lane)
    assert (len(sink.refreshes), lane.lane.shut) == (1, "HTTP 410")


async def test_retry_after_holds_back_deliveries_and_the_next_refresh(bridge: Bridge) -> None:
    sink = ForgetfulSink()
    lane = await told_lane(bridge, sink)
    sink.fail(SinkError("HTTP 429", retry_after=timedelta(seconds=150)))
    await pass_time(bridge, lane)
    sink.fail(None)
    await bridge.raise_alarm(2)
    await pass_time(bridge, lane, 149)
    assert (len(sink.refreshes), len(sink.heard)) == (1, 1)
    await pass_time(bridge, lane, 1)
    assert (len(sink.refreshes), len(sink.heard)) == (2, 2)


async def test_a_sink_with_a_bug_has_failed_and_the_bug_is_logged(
    bridge: Bridge, caplog: pytest.LogCaptureFixture
) -> None:
    sink = ForgetfulSink()
    lane = await told_lane(bridge, sink)
    sink.failure = ZeroDivisionError("https://secret@hooks")
    await pass_time(bridge, lane)
    assert lane.lane.reason == "the sink failed with ZeroDivisionError"
    (record,) = caplog.records
    assert "secret" not in record.getMessage()
    assert record.exc_info is not None
    assert record.exc_info[1] is sink.failure
    sink.failure = None
    await pass_time(bridge, lane)
    assert lane.lane.misses == 0


async def test_one_that_never_ends_is_broken_off_and_has_failed(bridge: Bridge) -> None:
    sink = ForgetfulSink()
    lane = bridge.make_lane(sink, timeout=timedelta(milliseconds=1))
    await bridge.raise_alarm(1)
    await rest(lane)
    sink.gate = asyncio.Event()
    async with asyncio.timeout(5):
        await pass_time(bridge, lane)
    assert (sink.refreshing, lane.lane.misses) == (0, 1)
    assert lane.lane.reason == "no end of a refresh within 0.04 s"


async def test_a_sink_that_cancels_itself_has_not_said_it(bridge: Bridge) -> None:
    sink = ForgetfulSink()
    lane = await told_lane(bridge, sink)
    sink.failure = asyncio.CancelledError()
    await pass_time(bridge, lane)
    assert (lane.lane.misses, lane.lane.reason) == (1, "the sink broke it off")


async def test_an_archive_that_fails_puts_it_off_and_is_no_failure_of_the_sink(
    bridge: Bridge,
) -> None:
    sink = ForgetfulSink()
    lane = await told_lane(bridge, sink)
    bridge.clock.advance(60)
    bridge.archive.read_failures = 1
    await lane.step()
    await until(lambda: lane._refresh._task and lane._refresh._task.done())
    with pytest.raises(StoreError):
        await lane.step()
    await rest(lane)
    assert (sink.said, lane.lane.misses) == ([], 0)
    await pass_time(bridge, lane)
    assert len(sink.refreshes) == 1


async def test_finishing_breaks_it_off(bridge: Bridge) -> None:
    sink = ForgetfulSink()
    lane = await told_lane(bridge, sink)
    sink.gate = asyncio.Event()
    bridge.clock.advance(60)
    await lane.step()
    await until(lambda: sink.refreshing)
    await lane.finish(5.0)
    assert (sink.refreshing, sink.closed, lane.lane.misses) == (0, True, 0)
