"""The poller, step by step: a real client on a fake line, a real archive."""

import asyncio
import json
import logging
from datetime import timedelta

import pytest
from runtime_cases import Bridge
from runtime_fakes import ACTIVE, LAST_CHANGE, NOW, STATUS, FakeBox, FakeCredentials, until

from alarmbridge.core.errors import BadAnswer, LoginFailed, StaleClaim, StoreError, Unreachable
from alarmbridge.runtime.loop import Stop, run_loop
from alarmbridge.runtime.poller import Poller
from alarmbridge.runtime.pulse import Pulse
from alarmbridge.store.blind_spells import SpellKind

SILENCE = Unreachable("sbc-1 does not answer")
LATER, LATER_STILL = "2026-11-23T21:01:00+00:00", "2026-11-23T21:02:00+00:00"


async def steps(poller: Poller, count: int) -> None:
    for _ in range(count):
        await poller.step()


async def stale(bridge: Bridge) -> list[bool]:
    rows = await bridge.rows("SELECT stale FROM alarms WHERE origin = 'device' ORDER BY id")
    return [bool(row[0]) for row in rows]


@pytest.fixture
def box() -> FakeBox:
    """A device with one alarm."""
    made = FakeBox()
    made.raise_alarm(1)
    return made


async def test_the_first_look_reads_everything_and_stores_it_with_what_is_owed(
    bridge: Bridge, box: FakeBox
) -> None:
    bridge.subscribe("incidents")
    poller = bridge.make_poller(box)
    assert await poller.step() is False
    assert await bridge.events() == [("raised", "1")]
    assert await bridge.deliveries() == [("raised", "pending", None)]
    assert bridge.archive.journal == ["commit", "wake"]
    assert poller.pause == 5.0


async def test_an_unchanged_poll_makes_one_request_and_writes_nothing(
    bridge: Bridge, box: FakeBox
) -> None:
    poller = bridge.make_poller(box)
    await poller.step()
    box.asked.clear()
    bridge.archive.journal.clear()
    await poller.step()
    assert box.asked == [LAST_CHANGE]
    assert bridge.archive.journal == []
    assert bridge.count("polls_total", outcome="quiet") == 1


async def test_a_moved_last_change_has_the_tables_read_and_only_the_news_read_whole(
    bridge: Bridge, box: FakeBox
) -> None:
    poller = bridge.make_poller(box)
    await poller.step()
    box.asked.clear()
    box.raise_alarm(2, LATER)
    await poller.step()
    assert await bridge.events() == [("raised", "1"), ("raised", "2")]
    assert f"{ACTIVE}/2" in box.asked
    assert f"{ACTIVE}/1" not in box.asked


async def test_a_settled_list_that_lacks_an_alarm_clears_it(bridge: Bridge, box: FakeBox) -> None:
    poller = bridge.make_poller(box)
    await poller.step()
    box.clear_alarm(1, LATER)
    await poller.step()
    assert await bridge.events() == [("raised", "1"), ("cleared", "1")]


async def test_a_failed_read_clears_nothing(bridge: Bridge, box: FakeBox) -> None:
    # The list that lacks the alarm has come; the history, which is part of the proof, does not.
    poller = bridge.make_poller(box)
    await poller.step()
    box.clear_alarm(1, LATER)
    box.after[ACTIVE] = lambda: setattr(box, "failure", SILENCE)
    await steps(poller, 2)
    assert await bridge.events() == [("raised", "1")]
    box.failure = None
    await poller.step()
    assert await bridge.events() == [("raised", "1"), ("cleared", "1")]


async def test_an_unsettled_read_is_looked_at_again_soon_until_it_settles(
    bridge: Bridge, box: FakeBox
) -> None:
    # Alarm 2 comes up in the second that the device's clock still shows: alarm 3 may follow
    # under the same lastChange.
    box.raise_alarm(2, box.local_time)
    poller = bridge.make_poller(box)
    await poller.step()
    assert poller.pause == pytest.approx(1.1)
    box.raise_alarm(3, box.local_time)
    box.local_time = "2026-11-23T21:04:06+00:00"
    await poller.step()
    assert [about for _, about in await bridge.events()] == ["1", "2", "3"]
    assert poller.pause == 5.0
    box.asked.clear()
    await poller.step()
    assert box.asked == [LAST_CHANGE]


async def test_a_device_that_never_settles_is_not_hurried_for_ever(
    bridge: Bridge, box: FakeBox
) -> None:
    box.local_time = box.last_change
    poller = bridge.make_poller(box)
    await steps(poller, 6)
    assert poller.pause == pytest.approx(1.1)
    await poller.step()
    assert poller.pause == 5.0


async def test_a_move_that_no_list_explains_has_every_alarm_read_whole_once(
    bridge: Bridge, box: FakeBox
) -> None:
    poller = bridge.make_poller(box)
    await poller.step()
    box.active["1"] = box.active["1"] | {"severity": "Critical"}
    box.last_change = LATER
    await poller.step()
    assert poller.pause == pytest.approx(1.1)
    await poller.step()
    assert await bridge.events() == [("raised", "1"), ("changed", "1")]
    assert poller.pause == 5.0


async def test_a_sync_that_is_asked_for_happens_at_the_next_look(
    bridge: Bridge, box: FakeBox
) -> None:
    poller = bridge.make_poller(box)
    await poller.step()
    assert poller.sync_due == pytest.approx(bridge.clock.steady + 300 * 0.95)
    poller.request_sync()
    box.asked.clear()
    await poller.step()
    assert ACTIVE in box.asked
    assert bridge.count("polls_total", outcome="synced") == 2


async def test_rows_that_make_no_sense_are_remarked_upon(
    bridge: Bridge, box: FakeBox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    clear = {"id": "7", "description": "Fan is well", "severity": "Cleared", "source": "Fan#1"}
    box.history["7"] = clear | {"date": LATER}
    await bridge.make_poller(box).step()
    assert "history rows clear alarms that were never seen (7" in caplog.text


async def test_the_first_look_is_spread_over_the_interval(bridge: Bridge, box: FakeBox) -> None:
    bridge.dice.shown = 0.25
    poller = bridge.make_poller(box)
    assert (poller.delay, poller.pause) == (1.25, 5.0)


# When a device cannot be read


async def test_an_unreachable_device_raises_one_alarm_with_a_spell_and_stale_alarms(
    bridge: Bridge, box: FakeBox
) -> None:
    poller = bridge.make_poller(box)
    await poller.step()
    bridge.clock.advance(5)
    box.failure = SILENCE
    await steps(poller, 2)
    assert await bridge.events() == [("raised", "1")]
    assert (await stale(bridge), await bridge.spells()) == ([False], [])

    await steps(poller, 4)

    assert await bridge.events() == [("raised", "1"), ("raised", "deviceUnreachable")]
    assert await stale(bridge) == [True]
    (spell,) = await bridge.spells()
    assert (spell.kind, spell.since, spell.until) == (SpellKind.UNREACHABLE, NOW, None)
    assert spell.reason == "sbc-1 does not answer"
    assert bridge.count("failed_reads_total", kind="deviceUnreachable") == 6


async def test_recovery_clears_the_alarm_and_closes_the_spell(bridge: Bridge, box: FakeBox) -> None:
    poller = bridge.make_poller(box)
    await poller.step()
    box.failure = SILENCE
    await steps(poller, 3)
    bridge.clock.advance(60)
    box.failure = None
    await poller.step()

    assert await bridge.events() == [
        ("raised", "1"),
        ("raised", "deviceUnreachable"),
        ("cleared", "deviceUnreachable"),
    ]
    assert await stale(bridge) == [False]
    (spell,) = await bridge.spells()
    assert spell.until == NOW + timedelta(seconds=60)
    assert (poller.health.trouble, poller.health.misses, poller.pause) == (None, 0, 5.0)


async def test_each_outage_has_a_spell_of_its_own_from_the_last_good_read_on(
    bridge: Bridge, box: FakeBox
) -> None:
    poller = bridge.make_poller(box)
    good_at = []
    for _ in range(2):
        box.failure = None
        await poller.step()
        good_at.append(bridge.clock.now())
        bridge.clock.advance(60)
        box.failure = SILENCE
        await steps(poller, 3)
    assert [spell.since for spell in await bridge.spells()] == good_at[::-1]


async def test_what_came_and_went_meanwhile_is_told_after_the_recovery(
    bridge: Bridge, box: FakeBox
) -> None:
    poller = bridge.make_poller(box)
    await poller.step()
    box.failure = SILENCE
    await steps(poller, 3)
    box.raise_alarm(2, LATER)
    box.clear_alarm(2, LATER_STILL)
    box.failure = None
    await poller.step()
    rows = await bridge.rows("SELECT state FROM alarms WHERE transient")
    assert rows == [("cleared",)]


async def test_a_failing_device_is_asked_less_and_less_often(bridge: Bridge, box: FakeBox) -> None:
    box.failure = SILENCE
    poller = bridge.make_poller(box)
    pauses = []
    for _ in range(7):
        await poller.step()
        pauses.append(poller.pause)
    assert pauses == [5, 5, 5, 10, 20, 30, 30]


async def test_an_outage_is_two_lines_in_the_log_and_its_end_one(
    bridge: Bridge, box: FakeBox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    poller = bridge.make_poller(box)
    box.failure = SILENCE
    await steps(poller, 20)
    box.failure = None
    await steps(poller, 2)
    assert caplog.messages == [
        "sbc-1 does not answer",
        "sbc-1 does not answer; raised deviceUnreachable",
        "sbc-1: can be read again",
    ]


async def test_an_error_that_does_not_say_whose_it_is_is_logged_with_the_device_s_name(
    bridge: Bridge, box: FakeBox, caplog: pytest.LogCaptureFixture
) -> None:
    box.failure = BadAnswer("the answer is no JSON")
    await bridge.make_poller(box).step()
    assert caplog.messages == ["sbc-1: the answer is no JSON"]


async def test_refused_credentials_are_an_alarm_at_once_and_left_alone_for_auth_retry(
    bridge: Bridge, box: FakeBox
) -> None:
    box.failure = LoginFailed("sbc-1 refused the credentials")
    poller = bridge.make_poller(box)
    await poller.step()
    assert await bridge.events() == [("raised", "deviceLoginFailed")]
    assert [spell.kind for spell in await bridge.spells()] == [SpellKind.LOGIN]
    assert poller.pause == 600.0
    assert (box.asked, box.logins_allowed) == ([LAST_CHANGE], 0)

    await poller.step()
    assert (box.asked, box.logins_allowed) == ([LAST_CHANGE] * 2, 1)
    assert await bridge.events() == [("raised", "deviceLoginFailed")]

    box.failure = None
    await poller.step()
    assert ("cleared", "deviceLoginFailed") in await bridge.events()
    await poller.step()
    assert box.logins_allowed == 2


async def refuse(bridge: Bridge, box: FakeBox) -> None:
    """Have a poller's credentials refused, and the poller end."""
    box.failure = LoginFailed("sbc-1 refused the credentials")
    await bridge.make_poller(box, credentials=FakeCredentials()).step()
    box.asked.clear()


async def test_a_restart_is_no_second_guess_of_a_refused_password(
    bridge: Bridge, box: FakeBox, caplog: pytest.LogCaptureFixture
) -> None:
    # Refused; then the bridge is killed and starts again, and again, before auth_retry is over.
    await refuse(bridge, box)
    for _ in range(3):
        bridge.clock.advance(60)
        reborn = bridge.make_poller(box, credentials=FakeCredentials())
        assert await reborn.step() is False
    assert (box.asked, reborn.pause) == ([], 420.0)
    assert reborn.health.trouble == "deviceLoginFailed"
    assert "sbc-1: these credentials were refused before; they are tried again in 420 s" in (
        caplog.messages
    )
    bridge.clock.advance(420)
    await reborn.step()
    assert box.asked == [LAST_CHANGE]
    assert await bridge.events() == [("raised", "deviceLoginFailed")]


async def test_each_refusal_begins_the_wait_anew(bridge: Bridge, box: FakeBox) -> None:
    box.failure = LoginFailed("sbc-1 refused the credentials")
    poller = bridge.make_poller(box, credentials=FakeCredentials())
    await poller.step()
    bridge.clock.advance(600)
    await poller.step()
    bridge.clock.advance(30)
    reborn = bridge.make_poller(box, credentials=FakeCredentials())
    await reborn.step()
    assert reborn.pause == 570.0
    assert len(await bridge.spells()) == 1


async def test_other_credentials_are_tried_at_once_and_their_refusal_is_kept(
    bridge: Bridge, box: FakeBox
) -> None:
    await refuse(bridge, box)
    await bridge.make_poller(box, credentials=FakeCredentials("admin")).step()
    assert box.asked == [LAST_CHANGE]
    box.asked.clear()
    await bridge.make_poller(box, credentials=FakeCredentials("admin")).step()
    assert box.asked == []


async def test_a_refusal_is_forgotten_once_the_device_was_read(
    bridge: Bridge, box: FakeBox
) -> None:
    await refuse(bridge, box)
    box.failure = None
    await bridge.make_poller(box, credentials=FakeCredentials("admin")).step()
    box.asked.clear()
    await bridge.make_poller(box, credentials=FakeCredentials()).step()
    assert box.asked != []


async def test_a_refusal_of_long_ago_keeps_nothing_back(bridge: Bridge, box: FakeBox) -> None:
    await refuse(bridge, box)
    bridge.clock.advance(600)
    credentials = FakeCredentials()
    await bridge.make_poller(box, credentials=credentials).step()
    assert (box.asked, credentials.matched) == ([LAST_CHANGE], 0)


async def test_a_clock_set_back_keeps_credentials_back_no_longer_than_auth_retry(
    bridge: Bridge, box: FakeBox
) -> None:
    await refuse(bridge, box)
    bridge.clock.set_wall(-86_400)
    reborn = bridge.make_poller(box, credentials=FakeCredentials())
    await reborn.step()
    assert (box.asked, reborn.pause) == ([], 600.0)


async def test_refusals_are_looked_for_once_and_never_again(bridge: Bridge, box: FakeBox) -> None:
    await refuse(bridge, box)
    bridge.clock.advance(300)
    credentials = FakeCredentials()
    poller = bridge.make_poller(box, credentials=credentials)
    await poller.step()
    box.failure = None
    await steps(poller, 3)
    assert credentials.matched == 1


async def test_an_archive_that_cannot_say_what_was_refused_has_nothing_asked(
    bridge: Bridge, box: FakeBox
) -> None:
    poller = bridge.make_poller(box, credentials=FakeCredentials())
    bridge.archive.read_failures = 1
    with pytest.raises(StoreError):
        await poller.step()
    assert box.asked == []
    await poller.step()
    assert await bridge.events() == [("raised", "1")]


async def test_answers_that_cannot_be_understood_are_an_alarm_of_their_own(
    bridge: Bridge, box: FakeBox
) -> None:
    box.failure = BadAnswer("sbc-1 answered with a login page")
    poller = bridge.make_poller(box)
    await steps(poller, 3)
    assert await bridge.events() == [("raised", "deviceUnreadable")]
    assert [spell.kind for spell in await bridge.spells()] == [SpellKind.UNREADABLE]


async def test_one_trouble_gives_way_to_another_with_a_spell_for_each(
    bridge: Bridge, box: FakeBox
) -> None:
    poller = bridge.make_poller(box)
    box.failure = SILENCE
    await steps(poller, 3)
    box.failure = BadAnswer("sbc-1 answered with a login page")
    await steps(poller, 3)
    assert await bridge.events() == [
        ("raised", "deviceUnreachable"),
        ("cleared", "deviceUnreachable"),
        ("raised", "deviceUnreadable"),
    ]
    spells = await bridge.spells()
    assert [(spell.kind, spell.until is None) for spell in spells] == [
        (SpellKind.UNREADABLE, True),
        (SpellKind.UNREACHABLE, False),
    ]


async def test_a_device_that_was_down_before_a_restart_of_the_bridge_is_not_told_again(
    bridge: Bridge, box: FakeBox
) -> None:
    box.failure = SILENCE
    await steps(bridge.make_poller(box), 3)
    reborn = bridge.make_poller(box)
    await steps(reborn, 3)
    assert await bridge.events() == [("raised", "deviceUnreachable")]
    assert len(await bridge.spells()) == 1

    box.failure = None
    await reborn.step()
    assert ("cleared", "deviceUnreachable") in await bridge.events()


async def test_the_bridge_s_alarm_says_what_the_device_last_said_of_itself(
    bridge: Bridge, box: FakeBox
) -> None:
    poller = bridge.make_poller(box)
    assert poller.status is None
    await poller.step()
    assert poller.status is not None
    box.failure = SILENCE
    await steps(poller, 3)
    (_, body) = await bridge.rows("SELECT body FROM events ORDER BY position")
    device = json.loads(body[0])["data"]["device"]
    assert (device["product"], device["tags"]) == ("Mediant SW", {"site": "ams"})


# When a device restarts


async def test_a_restart_that_the_uptime_shows_closes_what_is_gone(
    bridge: Bridge, box: FakeBox, caplog: pytest.LogCaptureFixture
) -> None:
    poller = bridge.make_poller(box)
    await poller.step()
    box.active, box.history, box.last_change, box.uptime = {}, {}, LATER, 60
    await poller.step()
    assert await bridge.rows("SELECT clear_reason FROM alarms WHERE origin = 'device'") == [
        ("device_restart",)
    ]
    assert "sbc-1: restarted: its uptime went from 100000 down to 60" in caplog.messages


async def test_a_restart_in_the_middle_of_a_read_is_remembered(
    bridge: Bridge, box: FakeBox
) -> None:
    # The device restarts after its active list was read. By the next look its uptime has passed
    # the one that was seen before, so nothing else would tell of the restart.
    poller = bridge.make_poller(box)
    await poller.step()
    poller.request_sync()

    def restart() -> None:
        box.active, box.history, box.last_change, box.uptime = {}, {}, LATER, 60

    box.after[ACTIVE] = restart
    await poller.step()
    assert (poller.health.misses, await bridge.events()) == (1, [("raised", "1")])
    box.uptime = 200_000
    await poller.step()
    assert await bridge.rows("SELECT clear_reason FROM alarms WHERE origin = 'device'") == [
        ("device_restart",)
    ]
    box.raise_alarm(2, LATER_STILL)
    box.clear_alarm(2, LATER_STILL)
    await poller.step()
    assert await bridge.rows("SELECT DISTINCT clear_reason FROM alarms WHERE transient") == [
        ("device",)
    ]


async def test_a_restart_while_the_bridge_was_down_shows_by_what_was_stored(
    bridge: Bridge, box: FakeBox
) -> None:
    await bridge.make_poller(box).step()
    box.active, box.history, box.last_change, box.serial_number = {}, {}, LATER, "2"
    await bridge.make_poller(box).step()
    assert await bridge.rows("SELECT clear_reason FROM alarms WHERE origin = 'device'") == [
        ("device_restart",)
    ]


async def test_a_restart_that_only_the_tables_show_is_found_once(
    bridge: Bridge, box: FakeBox, caplog: pytest.LogCaptureFixture
) -> None:
    # After its restart the device tells no uptime yet, but its ids have started over. Once it
    # tells one, that is below the one from before the restart, which is no second restart.
    poller = bridge.make_poller(box)
    await poller.step()
    box.active, box.history, box.uptime = {}, {}, None
    box.raise_alarm(1, LATER)
    box.active["1"]["description"] = box.history["1"]["description"] = "Something else"
    await poller.step()
    told = await bridge.events()
    assert ("raised", "historyLost") in told
    box.uptime, box.last_change = 60, LATER_STILL
    await poller.step()
    assert await bridge.events() == told
    assert [text for text in caplog.messages if "restarted" in text] == []


# When the archive fails


async def test_an_archive_that_fails_during_a_poll_leaves_nothing_half_done(
    bridge: Bridge, box: FakeBox
) -> None:
    bridge.subscribe("incidents")
    poller = bridge.make_poller(box)
    bridge.archive.failures = 1
    with pytest.raises(StoreError, match="the disk is full"):
        await poller.step()
    for table in ("events", "alarms", "deliveries", "history_marks"):
        assert await bridge.rows(f"SELECT * FROM {table}") == []  # noqa: S608 - tables of our own
    assert (bridge.wakes, bridge.count("events_total", kind="raised")) == (0, 0)

    await poller.step()
    assert await bridge.events() == [("raised", "1")]


async def test_the_loop_goes_on_after_a_pause_when_the_archive_failed(
    bridge: Bridge, box: FakeBox
) -> None:
    bridge.archive.failures = 1
    stop, poller = Stop(), bridge.make_poller(box)
    loop = asyncio.create_task(
        run_loop(
            poller,
            clock=bridge.clock,
            stop=stop,
            metrics=bridge.metrics,
            pulse=Pulse(bridge.clock),
        )
    )
    await until(lambda: bridge.clock.waits == [2.5])
    bridge.clock.advance(2.5)
    await until(lambda: bridge.clock.waits == [2.5, 5.0])
    assert await bridge.events() == []
    bridge.clock.advance(5)
    await until(lambda: len(bridge.clock.waits) == 3)
    assert await bridge.events() == [("raised", "1")]
    stop.wish()
    await loop


async def test_a_trouble_that_could_not_be_stored_is_stored_at_the_next_failure(
    bridge: Bridge, box: FakeBox
) -> None:
    box.failure = SILENCE
    poller = bridge.make_poller(box)
    await steps(poller, 2)
    bridge.archive.failures = 1
    with pytest.raises(StoreError):
        await poller.step()
    assert (poller.health.trouble, await bridge.spells()) == (None, [])
    await poller.step()
    assert await bridge.events() == [("raised", "deviceUnreachable")]
    assert len(await bridge.spells()) == 1


async def test_a_refused_password_is_not_guessed_again_because_the_archive_failed(
    bridge: Bridge, box: FakeBox
) -> None:
    # LoginFailed; storing that fails; the loop looks again after seconds, not after auth_retry.
    box.failure = LoginFailed("sbc-1 refused the credentials")
    poller = bridge.make_poller(box)
    bridge.archive.failures = 1
    with pytest.raises(StoreError):
        await poller.step()
    await poller.step()
    assert box.logins_allowed == 0
    assert await bridge.events() == [("raised", "deviceLoginFailed")]


async def test_a_device_that_was_moved_on_meanwhile_is_decided_about_anew(
    bridge: Bridge, box: FakeBox
) -> None:
    # The poller loads what is held; somebody else writes the device; the poller comes to record.
    async def move_on() -> None:
        await bridge.raise_alarm(9)

    bridge.archive.meanwhile = move_on
    poller = bridge.make_poller(box)
    with pytest.raises(StaleClaim):
        await poller.step()
    assert await bridge.events() == [("raised", "9")]
    await poller.step()
    assert sorted(await bridge.events()) == [("cleared", "9"), ("raised", "1"), ("raised", "9")]


async def test_a_step_that_is_cancelled_stores_nothing(bridge: Bridge, box: FakeBox) -> None:
    poller = bridge.make_poller(box)
    reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def hang() -> None:
        reached.set_result(None)
        await asyncio.Event().wait()

    bridge.archive.meanwhile = hang
    step = asyncio.create_task(poller.step())
    await reached
    step.cancel()
    with pytest.raises(asyncio.CancelledError):
        await step
    assert await bridge.events() == []
    assert STATUS in box.asked
