"""The rules against noise, end to end between recorder and lane, over a real archive."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial

from runtime_cases import Bridge, work
from runtime_fakes import NOW, FakeSink, until
from sqlalchemy import text

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.errors import SinkError
from alarmbridge.core.event import tell_raised
from alarmbridge.core.filters import Match
from alarmbridge.core.noise import Digest, Flapping, Rate, Rules, Transients
from alarmbridge.core.severity import Severity
from alarmbridge.core.silence import Silence
from alarmbridge.runtime.chores import Repeats
from alarmbridge.runtime.dispatcher import Dispatcher
from alarmbridge.store.holds import release_held, review_configured
from alarmbridge.store.replay import replay, replay_dead
from alarmbridge.store.silences import add_silence

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
DELAY = Rules(delay=timedelta(seconds=30))
FLAPPING = Rules(flapping=Flapping(raises=3, within=10 * MINUTE, calm=5 * MINUTE))


async def pass_time(bridge: Bridge, lane: Dispatcher, seconds: float) -> None:
    bridge.clock.advance(seconds)
    await work(lane)


def silence(bridge: Bridge, *, minutes: float = 60) -> None:
    now = bridge.clock.now()
    bridge.silences.append(
        Silence(
            id="config/1",
            match=Match(devices=("sbc-*",)),
            starts_at=now,
            ends_at=now + minutes * MINUTE,
            comment="upgrade",
        )
    )


async def ask_for_silence(bridge: Bridge, *, minutes: float) -> None:
    """Add a silence to the archive, as a person does."""
    now = bridge.clock.now()
    until = now + minutes * MINUTE
    async with bridge.archive.begin() as tx:
        await add_silence(
            tx, match=Match(devices=("sbc-*",)), starts_at=now, ends_at=until, now=now
        )


async def test_a_delayed_raise_goes_once_the_alarm_has_stood_so_long(bridge: Bridge) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink, rules=DELAY)
    alarm = await bridge.raise_alarm()
    await pass_time(bridge, lane, 29)
    assert sink.told == []
    held = "told once it has stood for 30 s"
    assert await bridge.deliveries() == [("raised", "pending", held)]

    await pass_time(bridge, lane, 1)
    await bridge.clear_alarm(alarm)
    await work(lane)
    assert sink.told == [("alarm-1", "raised"), ("alarm-1", "cleared")]


async def test_what_is_gone_within_the_delay_is_neither_raised_nor_cleared(bridge: Bridge) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink, rules=DELAY)
    alarm = await bridge.raise_alarm()
    await pass_time(bridge, lane, 10)
    await bridge.clear_alarm(alarm)
    await work(lane)

    assert sink.told == []
    assert await bridge.deliveries() == [
        ("raised", "dropped", "came and went before it was told (told once it has stood for 30 s)"),
        ("cleared", "dropped", "its raise was never accepted here"),
    ]
    assert await bridge.events() == [("raised", "1"), ("cleared", "1")]


async def test_what_outlived_the_delay_is_told_however_late_the_lane_comes(bridge: Bridge) -> None:
    # Raised at 0 s, cleared at 40 s, and nobody looked at the lane before 60 s: it had stood for
    # more than its delay, so both are owed.
    sink = FakeSink()
    lane = bridge.make_lane(sink, rules=DELAY)
    alarm = await bridge.raise_alarm()
    bridge.clock.advance(40)
    await bridge.clear_alarm(alarm)
    await pass_time(bridge, lane, 20)
    assert sink.told == [("alarm-1", "raised"), ("alarm-1", "cleared")]


async def test_a_transient_that_stood_for_long_on_the_device_is_not_delayed_away(
    bridge: Bridge,
) -> None:
    # It came and went while the bridge was down, for ten minutes by the device's clock.
    sink = FakeSink()
    lane = bridge.make_lane(sink, rules=DELAY)
    alarm = await bridge.raise_alarm(raised_at=NOW - 20 * MINUTE, transient=True)
    await bridge.clear_alarm(replace(alarm, cleared_at=NOW - 10 * MINUTE))
    await work(lane)
    assert sink.told == [("alarm-1", "raised"), ("alarm-1", "cleared")]


async def test_raise_and_change_within_the_delay_are_both_told(bridge: Bridge) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink, rules=DELAY)
    alarm = await bridge.raise_alarm()
    await pass_time(bridge, lane, 10)
    await bridge.change_alarm(alarm, Severity.CRITICAL)
    await pass_time(bridge, lane, 20)
    assert sink.told == [("alarm-1", "raised"), ("alarm-1", "changed")]


async def test_at_the_end_of_a_silence_what_stands_is_told_once(bridge: Bridge) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink)
    silence(bridge)
    standing = await bridge.raise_alarm(1)
    passing = await bridge.raise_alarm(2)
    await work(lane)
    await bridge.change_alarm(standing, Severity.CRITICAL)
    await bridge.clear_alarm(passing)
    await work(lane)
    assert sink.told == []
    assert (
        "raised",
        "dropped",
        "came and went before it was told (silence config/1 (upgrade))",
    ) in (await bridge.deliveries())

    await pass_time(bridge, lane, 3600)
    assert sink.told == [("alarm-1", "changed")]
    assert sink.heard[0].severity is Severity.CRITICAL


async def test_an_alarm_that_goes_on_changing_in_a_silence_waits_by_its_latest_word(
    bridge: Bridge,
) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink)
    silence(bridge)
    alarm = await bridge.raise_alarm()
    for severity in (Severity.CRITICAL, Severity.MINOR, Severity.CRITICAL):
        await work(lane)
        alarm = await bridge.change_alarm(alarm, severity)
    await work(lane)
    states = [state for _, state, _ in await bridge.deliveries()]
    assert states == ["dropped", "dropped", "dropped", "pending"]


async def test_a_silence_holds_no_clear_of_what_was_told(bridge: Bridge) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink)
    alarm = await bridge.raise_alarm()
    await work(lane)
    silence(bridge)
    worse = await bridge.change_alarm(alarm, Severity.CRITICAL)
    await work(lane)
    assert sink.told == [("alarm-1", "raised")]

    await bridge.clear_alarm(worse)
    await work(lane)
    assert sink.told == [("alarm-1", "raised"), ("alarm-1", "cleared")]


async def test_a_silence_made_later_holds_what_has_not_been_tried(bridge: Bridge) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink)
    await bridge.raise_alarm()
    silence(bridge)
    await work(lane)
    assert sink.told == []
    await pass_time(bridge, lane, 3600)
    assert sink.told == [("alarm-1", "raised")]


async def test_a_silence_does_not_stop_what_was_tried_already(bridge: Bridge) -> None:
    # The far end may have taken it and lost its answer: then the clear must follow.
    answers: list[Exception | None] = [SinkError("no answer")]
    sink = FakeSink(lambda _: answers.pop() if answers else None)
    lane = bridge.make_lane(sink)
    alarm = await bridge.raise_alarm()
    await work(lane)
    silence(bridge)
    await bridge.clear_alarm(alarm)
    await pass_time(bridge, lane, 5)
    assert [kind for _, kind in sink.told] == ["raised", "raised", "cleared"]


async def test_what_was_on_its_way_at_a_kill_goes_on_whatever_rules_say_by_then(
    bridge: Bridge,
) -> None:
    # The far end takes the raise, and the daemon is killed before it can record that. A silence
    # begins, and the alarm clears in it. The far end knows the alarm, so it must hear of both.
    sink = FakeSink()
    killed = bridge.make_lane(sink)
    alarm = await bridge.raise_alarm()
    await killed.step()
    await asyncio.gather(*(attempt.task for attempt in killed._flying))
    bridge.clock.advance(1)

    lane = bridge.make_lane(sink)
    silence(bridge)
    await bridge.clear_alarm(alarm)
    await work(lane)
    assert [kind for _, kind in sink.told] == ["raised", "raised", "cleared"]


async def test_what_was_gone_within_its_delay_is_not_told_after_a_restart(bridge: Bridge) -> None:
    # Raised at 0 s and held until 30 s, cleared at 10 s, and the daemon is killed before the lane
    # looks again. After the restart at 60 s it cannot have been sent: it was held all the time.
    sink = FakeSink()
    killed = bridge.make_lane(sink, rules=DELAY)
    alarm = await bridge.raise_alarm()
    await work(killed)
    bridge.clock.advance(10)
    await bridge.clear_alarm(alarm)
    bridge.clock.advance(50)
    bridge.subscriptions.clear()
    await work(bridge.make_lane(sink, rules=DELAY))
    assert sink.told == []


async def test_a_second_silence_holds_what_came_due_while_the_daemon_was_away(
    bridge: Bridge,
) -> None:
    sink = FakeSink()
    killed = bridge.make_lane(sink)
    await ask_for_silence(bridge, minutes=10)
    await bridge.raise_alarm()
    await work(killed)
    await ask_for_silence(bridge, minutes=60)
    bridge.subscriptions.clear()
    bridge.clock.advance(1200)
    lane = bridge.make_lane(sink)
    await work(lane)
    assert sink.told == []

    await pass_time(bridge, lane, 2400)
    assert sink.told == [("alarm-1", "raised")]


async def test_a_clock_set_back_after_the_start_makes_nothing_old(bridge: Bridge) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink)
    bridge.clock.set_wall(-3600)
    await work(lane)
    silence(bridge)
    await bridge.raise_alarm()
    await work(lane)
    assert sink.told == []


async def test_a_silence_that_is_ended_early_lets_go_at_once(bridge: Bridge) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink)
    silence(bridge)
    await bridge.raise_alarm()
    await work(lane)
    bridge.silences.clear()
    async with bridge.archive.begin() as tx:
        assert await release_held(tx, "silence:config/1", now=bridge.clock.now()) == 1
    await work(lane)
    assert sink.told == [("alarm-1", "raised")]


async def test_a_clear_that_is_recorded_while_its_change_is_being_held_goes_all_the_same(
    bridge: Bridge,
) -> None:
    # A change of what was told is due, and a silence begins. The lane judges: it is held. The
    # clear is recorded, and reviews nothing, for nothing looks held yet. The hold is recorded.
    sink = FakeSink()
    lane = bridge.make_lane(sink)
    alarm = await bridge.raise_alarm()
    await work(lane)
    worse = await bridge.change_alarm(alarm, Severity.CRITICAL)
    silence(bridge)
    bridge.archive.meanwhile = partial(bridge.clear_alarm, worse)
    await work(lane)
    assert sink.told == [("alarm-1", "raised"), ("alarm-1", "cleared")]


async def test_an_alarm_that_becomes_urgent_while_it_is_being_gathered_is_told_at_once(
    bridge: Bridge,
) -> None:
    # The lane judges a minor raise: it waits for the digest. The alarm becomes critical, which
    # reviews nothing, for nothing looks held yet. The hold is recorded.
    sink = FakeSink()
    rules = Rules(digest=Digest(every=5 * MINUTE, urgent=Severity.CRITICAL))
    lane = bridge.make_lane(sink, rules=rules)
    alarm = await bridge.raise_alarm()
    bridge.archive.meanwhile = partial(bridge.change_alarm, alarm, Severity.CRITICAL)
    await work(lane)
    assert sink.told == [("alarm-1", "raised"), ("alarm-1", "changed")]


async def test_a_clear_is_not_dropped_for_want_of_a_raise_that_is_being_replayed(
    bridge: Bridge,
) -> None:
    # The raise is given up. The lane judges the clear behind it: nobody was told, so it is
    # dropped. The raise is replayed, so the clear waits behind it again. The drop is recorded.
    refusals: list[Exception | None] = [SinkError("HTTP 400", permanent=True)]
    sink = FakeSink(lambda _: refusals.pop() if refusals else None)
    lane = bridge.make_lane(sink)
    await bridge.clear_alarm(await bridge.raise_alarm())

    async def replay_after_next() -> None:
        bridge.archive.meanwhile = replay_raise

    async def replay_raise() -> None:
        async with bridge.archive.begin() as tx:
            assert await replay_dead(tx, now=bridge.clock.now()) == 1

    bridge.archive.meanwhile = replay_after_next
    await work(lane)
    assert sink.told[1:] == [("alarm-1", "raised"), ("alarm-1", "cleared")]


async def test_what_a_rule_held_goes_at_the_next_start_if_the_rule_is_gone(bridge: Bridge) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink, rules=Rules(digest=Digest(every=7 * DAY)))
    await bridge.raise_alarm()
    await work(lane)
    async with bridge.archive.begin() as tx:
        await review_configured(tx, now=bridge.clock.now())
    await work(lane)
    assert sink.told == []

    plain = bridge.make_lane(sink)
    async with bridge.archive.begin() as tx:
        await review_configured(tx, now=bridge.clock.now())
    await work(plain)
    assert sink.told == [("alarm-1", "raised")]


async def test_a_raise_replayed_while_its_clear_is_under_way_waits_and_is_cleared_again(
    bridge: Bridge,
) -> None:
    # Were both under way at once, nobody could tell which the far end took last.
    sink = FakeSink()
    lane = bridge.make_lane(sink)
    alarm = await bridge.raise_alarm()
    await work(lane)
    gate = sink.hold("alarm-1")
    await bridge.clear_alarm(alarm)
    await lane.step()
    await until(lambda: sink.under_way)
    async with bridge.archive.begin() as tx:
        assert await replay(tx, [1], now=bridge.clock.now()) == (1,)
    assert not await lane.step()
    assert sink.told == [("alarm-1", "raised"), ("alarm-1", "cleared")]
    gate.set()
    await work(lane)
    assert sink.told[2:] == [("alarm-1", "raised"), ("alarm-1", "cleared")]


async def flap(bridge: Bridge, lane: Dispatcher, numbers: range) -> None:
    for number in numbers:
        alarm = await bridge.raise_alarm(number, oid="1.3.6.1", source="Board#1")
        await pass_time(bridge, lane, 10)
        await bridge.clear_alarm(alarm)
        await pass_time(bridge, lane, 10)


async def test_a_flapping_alarm_is_told_once_as_such_and_once_calm_is_closed(
    bridge: Bridge,
) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink, rules=FLAPPING)
    await flap(bridge, lane, range(1, 8))
    assert sink.told == [
        ("alarm-1", "raised"),
        ("alarm-1", "cleared"),
        ("alarm-2", "raised"),
        ("alarm-2", "cleared"),
        ("alarm-3", "raised"),
    ]
    assert "flapping" in sink.heard[-1].body
    assert "flapping" in sink.heard[-1].title

    await pass_time(bridge, lane, 300)
    assert sink.told[5:] == [("alarm-3", "cleared")]


async def test_what_stands_once_it_is_calm_is_told(bridge: Bridge) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink, rules=FLAPPING)
    await flap(bridge, lane, range(1, 8))
    await bridge.raise_alarm(8, oid="1.3.6.1", source="Board#1")
    await work(lane)
    heard = len(sink.heard)
    await pass_time(bridge, lane, 299)
    assert sink.told[heard:] == []
    await pass_time(bridge, lane, 1)
    assert sink.told[heard:] == [("alarm-3", "cleared"), ("alarm-8", "raised")]


async def test_what_began_to_flap_in_a_silence_is_told_as_such_after_it(bridge: Bridge) -> None:
    # The raise that is to say so came and went in the silence. It flaps on and on.
    sink = FakeSink()
    lane = bridge.make_lane(sink, rules=FLAPPING)
    silence(bridge, minutes=2)
    await flap(bridge, lane, range(1, 6))
    assert sink.told == []
    await pass_time(bridge, lane, 20)
    await flap(bridge, lane, range(6, 12))
    assert sink.told == [("alarm-6", "raised")]
    assert "flapping" in sink.heard[-1].title

    await pass_time(bridge, lane, 300)
    assert sink.told[1:] == [("alarm-6", "cleared")]


async def test_alarms_of_another_source_do_not_flap_along(bridge: Bridge) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink, rules=FLAPPING)
    for number in range(1, 8):
        await bridge.raise_alarm(number, oid="1.3.6.1", source=f"Trunk#{number}")
    await work(lane)
    assert len(sink.told) == 7


async def test_flapping_outlives_a_restart(bridge: Bridge) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink, rules=FLAPPING)
    await flap(bridge, lane, range(1, 5))
    bridge.subscriptions.clear()
    again = bridge.make_lane(sink, rules=FLAPPING)
    heard = len(sink.heard)
    await flap(bridge, again, range(5, 8))
    assert sink.told[heard:] == []
    await pass_time(bridge, again, 300)
    assert sink.told[heard:] == [("alarm-3", "cleared")]


async def test_transients_can_be_dropped(bridge: Bridge) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink, rules=Rules(transients=Transients.DROP))
    alarm = await bridge.raise_alarm(transient=True)
    await bridge.clear_alarm(alarm)
    await work(lane)
    assert sink.told == []
    assert [state for _, state, _ in await bridge.deliveries()] == ["dropped", "dropped"]


async def test_a_digest_tells_all_that_was_gathered_in_one_message(bridge: Bridge) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink, rules=Rules(digest=Digest(every=5 * MINUTE)))
    first = await bridge.raise_alarm(1)
    await work(lane)
    await pass_time(bridge, lane, 120)
    for number in range(2, 13):
        await bridge.raise_alarm(number)
    await bridge.clear_alarm(first)
    await work(lane)
    assert sink.told == []

    await pass_time(bridge, lane, 180)
    (notice,) = sink.heard
    assert (notice.kind, notice.title) == ("digest", "12 alarms, worst major, 1 cleared")
    assert {state for _, state, _ in await bridge.deliveries()} == {"delivered"}


async def test_a_digest_goes_on_gathering_after_a_restart(bridge: Bridge) -> None:
    sink = FakeSink()
    rules = Rules(digest=Digest(every=5 * MINUTE))
    lane = bridge.make_lane(sink, rules=rules)
    await bridge.raise_alarm(1)
    await work(lane)
    bridge.clock.advance(120)
    bridge.subscriptions.clear()
    again = bridge.make_lane(sink, rules=rules)
    await bridge.raise_alarm(2)
    await work(again)
    await pass_time(bridge, again, 179)
    assert sink.told == []
    await pass_time(bridge, again, 1)
    assert [notice.title for notice in sink.heard] == ["2 alarms, worst major"]


async def test_more_than_may_go_at_once_stands_in_one_digest(bridge: Bridge) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink, rules=Rules(digest=Digest(every=MINUTE)), concurrency=1)
    for number in range(1, 13):
        await bridge.raise_alarm(number)
    await work(lane)
    await pass_time(bridge, lane, 60)
    assert [notice.title for notice in sink.heard] == ["12 alarms, worst major"]


async def test_an_urgent_alarm_does_not_wait_for_the_digest(bridge: Bridge) -> None:
    sink = FakeSink()
    rules = Rules(digest=Digest(every=5 * MINUTE, urgent=Severity.CRITICAL))
    lane = bridge.make_lane(sink, rules=rules)
    alarm = await bridge.raise_alarm(1)
    await work(lane)
    await bridge.change_alarm(alarm, Severity.CRITICAL)
    await work(lane)
    assert sink.told == [("alarm-1", "raised"), ("alarm-1", "changed")]


async def test_a_digest_that_is_refused_is_tried_again_as_one(bridge: Bridge) -> None:
    answers: list[Exception | None] = [SinkError("HTTP 503")]
    sink = FakeSink(lambda _: answers.pop() if answers else None)
    lane = bridge.make_lane(sink, rules=Rules(digest=Digest(every=MINUTE)))
    for number in (1, 2, 3):
        await bridge.raise_alarm(number)
    await work(lane)
    await pass_time(bridge, lane, 60)
    await pass_time(bridge, lane, 5)
    assert [notice.title for notice in sink.heard] == ["3 alarms, worst major"] * 2


async def test_what_stands_is_told_again_until_it_is_acknowledged(bridge: Bridge) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink, repeat=60 * MINUTE)
    repeats = Repeats([lane], archive=bridge.archive, clock=bridge.clock)
    await bridge.raise_alarm()
    await work(lane)
    await repeats.run()
    await pass_time(bridge, lane, 3599)
    await repeats.run()
    await work(lane)
    assert len(sink.heard) == 1

    await pass_time(bridge, lane, 1)
    await repeats.run()
    await work(lane)
    assert len(sink.heard) == 2
    assert sink.heard[0].event_id == sink.heard[1].event_id

    await bridge.rows("SELECT 1")
    async with bridge.archive.begin() as tx:
        await tx.execute(text("UPDATE alarms SET acknowledged_at = '2026-01-01T00:00:00.000000Z'"))
    await pass_time(bridge, lane, 7200)
    await repeats.run()
    await work(lane)
    assert len(sink.heard) == 2


async def test_a_clear_follows_its_raise_though_the_repeat_failed(bridge: Bridge) -> None:
    # Told, then owed again as a repeat; while that is refused the alarm clears. The far end has
    # had the raise, so the repeat is dropped and the clear goes.
    down = False
    sink = FakeSink(lambda _: SinkError("HTTP 503") if down else None)
    lane = bridge.make_lane(sink, repeat=60 * MINUTE)
    repeats = Repeats([lane], archive=bridge.archive, clock=bridge.clock)
    alarm = await bridge.raise_alarm()
    await work(lane)
    await pass_time(bridge, lane, 3600)
    down = True
    await repeats.run()
    await work(lane)
    await bridge.clear_alarm(alarm)
    down = False
    await pass_time(bridge, lane, 60)
    assert [kind for _, kind in sink.told] == ["raised", "raised", "cleared"]
    assert [state for _, state, _ in await bridge.deliveries()] == ["delivered", "delivered"]


async def test_no_more_goes_out_than_the_rate_allows(bridge: Bridge) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink, rate_limit=Rate(number=3, per=MINUTE))
    for number in range(1, 9):
        await bridge.raise_alarm(number)
    await work(lane)
    assert len(sink.heard) == 3
    await pass_time(bridge, lane, 59)
    assert len(sink.heard) == 3
    await pass_time(bridge, lane, 1)
    assert len(sink.heard) == 6
    await pass_time(bridge, lane, 60)
    assert len(sink.heard) == 8
    reasons = [reason for _, _, reason in await bridge.deliveries()]
    assert reasons == [None] * 3 + ["waited for the rate limit of 3/1m"] * 5


async def test_alarms_that_share_a_key_keep_their_order(bridge: Bridge) -> None:
    # The far end knows an alarm by oid and source. The clear of the first instance is refused
    # once; the raise of the next must not overtake it, or the far end would end on "cleared".
    refused: list[Exception | None] = []
    sink = FakeSink(lambda _: refused.pop() if refused else None)
    sink.key_is_shared = True
    sink.key_for = lambda alarm, _: f"{alarm.device}/{alarm.source}"  # type: ignore[method-assign]
    lane = bridge.make_lane(sink)
    first = await bridge.raise_alarm(1, source="Board#1")
    await work(lane)
    refused.append(SinkError("HTTP 503"))
    await bridge.clear_alarm(first)
    await bridge.raise_alarm(2, source="Board#1")
    await bridge.raise_alarm(3, source="Board#2")
    await work(lane)
    assert ("alarm-3", "raised") in sink.told
    assert ("alarm-2", "raised") not in sink.told
    await pass_time(bridge, lane, 5)
    assert sink.told[-2:] == [("alarm-1", "cleared"), ("alarm-2", "raised")]


async def test_a_clear_does_not_wait_for_a_raise_of_its_key_that_is_held(bridge: Bridge) -> None:
    # A device shows the next instance before the first one's end is proven, and a silence has
    # begun: the raise of the next waits for its end, the clear of the first for nothing.
    sink = FakeSink()
    sink.key_is_shared = True
    sink.key_for = lambda alarm, _: f"{alarm.device}/{alarm.source}"  # type: ignore[method-assign]
    lane = bridge.make_lane(sink)
    first = await bridge.raise_alarm(1, source="Board#1")
    await work(lane)
    silence(bridge)
    await bridge.raise_alarm(2, source="Board#1")
    await bridge.clear_alarm(first)
    await work(lane)
    assert sink.told == [("alarm-1", "raised"), ("alarm-1", "cleared")]
    await pass_time(bridge, lane, 3600)
    assert sink.told[2:] == [("alarm-2", "raised")]


async def test_what_befell_a_delivery_is_remembered(bridge: Bridge) -> None:
    answers: list[Exception | None] = [SinkError("HTTP 503")]
    sink = FakeSink(lambda _: answers.pop() if answers else None)
    lane = bridge.make_lane(sink, rules=DELAY)
    await bridge.raise_alarm()
    await pass_time(bridge, lane, 30)
    await pass_time(bridge, lane, 5)
    words = [words for (words,) in await bridge.rows("SELECT words FROM delivery_remarks")]
    assert words == [
        "held until 2026-11-23 21:04:35 UTC: told once it has stood for 30 s",
        "attempt 1: HTTP 503",
    ]


async def test_what_goes_on_being_held_for_one_cause_is_remembered_once(bridge: Bridge) -> None:
    # It changes and changes in a digest, and each time what is held is judged anew.
    lane = bridge.make_lane(FakeSink(), rules=Rules(digest=Digest(every=5 * MINUTE)))
    alarm = await bridge.raise_alarm()
    for severity in (Severity.CRITICAL, Severity.MINOR, Severity.CRITICAL):
        await work(lane)
        alarm = await bridge.change_alarm(alarm, severity)
    await work(lane)
    words = [words for (words,) in await bridge.rows("SELECT words FROM delivery_remarks")]
    assert words == ["held until 2026-11-23 21:09:05 UTC: gathered for 5 min"]


async def test_a_delay_is_counted_from_when_its_raise_was_recorded(bridge: Bridge) -> None:
    # It was decided three seconds before the archive took it. It is judged once, not twice.
    sink = FakeSink()
    lane = bridge.make_lane(sink, rules=DELAY)
    alarm = Alarm(
        id="alarm-1",
        device="sbc-1",
        severity=Severity.MAJOR,
        description="Trunk is down",
        device_alarm_id="1",
        seen_at=NOW,
    )
    bridge.clock.advance(3)
    await bridge.tell(tell_raised(alarm, sequence=1, now=NOW))
    written = bridge.archive.writes
    await pass_time(bridge, lane, 29)
    await pass_time(bridge, lane, 1)
    assert sink.told == [("alarm-1", "raised")]
    assert bridge.archive.writes == written + 1


async def test_the_credential_of_the_raise_goes_with_its_clear(bridge: Bridge) -> None:
    sink = FakeSink()
    lane = bridge.make_lane(sink, credential="old")
    alarm = await bridge.raise_alarm()
    await work(lane)
    bridge.subscriptions.clear()
    rotated = bridge.make_lane(sink, credential="new")
    await bridge.clear_alarm(alarm)
    await bridge.raise_alarm(2)
    await work(rotated)
    assert [notice.credential for notice in sink.heard] == ["old", "old", "new"]
