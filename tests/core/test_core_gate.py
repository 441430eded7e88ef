"""The gate: each hold, each reason, and the laws that none of them may break."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from core_cases import MINUTE, NOW, SECOND, alarm, cleared
from hypothesis import given
from hypothesis import strategies as st

from alarmbridge.core.filters import Match
from alarmbridge.core.flapping import Flap
from alarmbridge.core.gate import Drop, Send, Verdict, Waiting, digest_rule, judge
from alarmbridge.core.holds import DELAY, DIGEST, FLAPPING, SILENCE, Hold, word_hold
from alarmbridge.core.noise import Digest, Flapping, Rules, Transients
from alarmbridge.core.severity import Severity
from alarmbridge.core.silence import Silence

TRUNK = alarm("1")
FLAP_RULE = Flapping(raises=3, within=10 * MINUTE, calm=5 * MINUTE)
DELAYED = Rules(delay=30 * SECOND)
DAMPED = Rules(flapping=FLAP_RULE)
GATHERING = Rules(digest=Digest(every=5 * MINUTE, urgent=Severity.CRITICAL))
UPGRADE = Silence(id="7", match=Match(), starts_at=NOW - MINUTE, ends_at=NOW + MINUTE)
FLAP = Flap(recent=(NOW - MINUTE,), since=NOW - MINUTE, told="a1")


def waiting(kind: str = "raised", **other: Any) -> Waiting:
    return Waiting(**{"kind": kind, "alarm": TRUNK, "created_at": NOW, **other})


def decide(
    one: Waiting,
    rules: Rules | None = None,
    *silences: Silence,
    digest_at: datetime | None = None,
    now: datetime = NOW,
) -> Verdict:
    return judge(one, rules=rules or Rules(), silences=silences, digest_at=digest_at, now=now)


def held(cause: str, *, until: timedelta = timedelta(0)) -> Hold:
    return Hold(cause=cause, until=NOW + until, reason="because")


def cause_of(verdict: Verdict) -> str:
    assert isinstance(verdict, Hold)
    return verdict.cause


def test_without_rules_everything_goes_but_a_clear_of_what_was_not_told() -> None:
    assert decide(waiting()) == Send()
    assert decide(waiting("changed")) == Send()
    assert decide(waiting("cleared", told=True)) == Send()
    assert decide(waiting("cleared")) == Drop("its raise was never accepted here")


def test_a_hold_says_until_when_and_why() -> None:
    assert word_hold(held(DELAY)) == "held until 2026-01-01 13:00:00 UTC: because"


def test_a_raise_waits_until_it_has_stood_so_long() -> None:
    verdict = decide(waiting(), DELAYED)
    reason = "told once it has stood for 30 s"
    assert verdict == Hold(cause=DELAY, until=NOW + 30 * SECOND, reason=reason)
    assert decide(waiting(), DELAYED, now=NOW + 30 * SECOND) == Send()


def test_what_the_far_end_knows_is_not_delayed() -> None:
    assert decide(waiting("changed", told=True), DELAYED) == Send()


@pytest.mark.parametrize(("after", "sent"), [(29, False), (30, True), (31, True)])
def test_only_what_is_gone_within_its_hold_is_dropped(after: int, sent: bool) -> None:
    one = waiting(held=held(DELAY, until=30 * SECOND), closed_at=NOW + after * SECOND)
    verdict = decide(one, DELAYED, now=NOW + MINUTE)
    assert (verdict == Send()) is sent
    assert sent or verdict == Drop("came and went before it was told (because)")


@pytest.mark.parametrize(
    ("stood", "sent"),
    [(timedelta(seconds=29), False), (timedelta(seconds=30), True), (None, False)],
)
def test_a_delay_goes_by_the_devices_clock_where_nobody_was_looking(
    stood: timedelta | None, sent: bool
) -> None:
    gone = cleared(TRUNK, cleared_at=TRUNK.raised_at + stood if stood else None)  # type: ignore[operator] - dated
    one = waiting(alarm=gone, held=held(DELAY, until=30 * SECOND), closed_at=NOW)
    assert (decide(one, DELAYED) == Send()) is sent


def test_a_silence_holds_all_but_clears() -> None:
    for kind in ("raised", "changed"):
        for told in (True, False):
            verdict = decide(waiting(kind, told=told), None, UPGRADE)
            assert verdict == Hold(cause=f"{SILENCE}7", until=NOW + MINUTE, reason="silence 7")
    assert decide(waiting("cleared", told=True), None, UPGRADE) == Send()


def test_what_is_over_or_means_others_silences_nothing() -> None:
    assert decide(waiting(), None, replace(UPGRADE, ends_at=NOW)) == Send()
    assert decide(waiting(), None, replace(UPGRADE, match=Match(devices=("x",)))) == Send()


def test_after_a_silence_only_the_latest_word_is_told() -> None:
    one = waiting(held=held(f"{SILENCE}7"), followed=True)
    assert decide(one) == Drop("a later change tells it")
    assert decide(one, None, UPGRADE) == Drop("a later change tells it")
    assert decide(replace(one, held=held(DELAY))) == Send()
    assert decide(replace(one, held=None)) == Send()


def test_a_change_is_dropped_when_its_alarm_has_cleared_meanwhile() -> None:
    one = waiting("changed", told=True, held=held(f"{SILENCE}7"), closed_at=NOW)
    assert decide(one) == Drop("cleared before its change was told (because)")


def test_while_it_flaps_only_the_raise_that_says_so_goes() -> None:
    reason = "flapping: raised 1 times within 10 min; told again once it is calm for 5 min"
    hold = Hold(cause=FLAPPING, until=NOW + 4 * MINUTE, reason=reason)
    assert decide(waiting(flap=FLAP), DAMPED) == Send()
    assert decide(waiting("cleared", told=True, flap=FLAP), DAMPED) == hold
    assert decide(waiting("changed", told=True, flap=FLAP), DAMPED) == hold
    assert decide(waiting(flap=replace(FLAP, told="a0")), DAMPED) == hold


def test_the_raise_that_says_that_it_flaps_goes_before_a_later_change() -> None:
    one = waiting(held=held(f"{SILENCE}7"), followed=True, flap=FLAP)
    assert decide(one, DAMPED) == Send()
    assert decide(one, DAMPED, UPGRADE) == Hold(
        cause=f"{SILENCE}7", until=NOW + MINUTE, reason="silence 7"
    )


def test_what_is_calm_flaps_no_longer() -> None:
    one = waiting(flap=replace(FLAP, told="a0"))
    assert decide(one, DAMPED, now=NOW + 4 * MINUTE) == Send()
    assert decide(waiting(flap=Flap(recent=(NOW,))), DAMPED) == Send()
    future = replace(one, flap=replace(FLAP, told="a0", recent=(NOW + SECOND,)))
    assert decide(future, DAMPED) == Send()
    assert decide(waiting(), DAMPED) == Send()


def test_a_digest_gathers_until_it_is_due() -> None:
    verdict = decide(waiting(), GATHERING)
    assert verdict == Hold(cause=DIGEST, until=NOW + 5 * MINUTE, reason="gathered for 5 min")
    assert decide(waiting(), GATHERING, digest_at=NOW + MINUTE) == replace(
        verdict, until=NOW + MINUTE
    )
    assert decide(waiting(held=held(DIGEST)), GATHERING) == Send(gathered=True)
    early = waiting(held=held(DIGEST, until=MINUTE))
    assert cause_of(decide(early, GATHERING, digest_at=NOW + MINUTE)) == DIGEST


def test_what_is_urgent_is_not_gathered() -> None:
    urgent = waiting(alarm=alarm("1", severity=Severity.CRITICAL))
    assert decide(urgent, GATHERING) == Send()
    assert cause_of(decide(urgent, Rules(digest=Digest(every=MINUTE)))) == DIGEST


def test_a_raise_and_its_clear_both_stand_in_a_digest() -> None:
    one = waiting(held=held(DIGEST), closed_at=NOW)
    assert decide(one, GATHERING) == Send(gathered=True)


def test_transients_may_be_gathered_alone() -> None:
    rules = Rules(transients=Transients.DIGEST)
    passing = alarm("1", transient=True, severity=Severity.CRITICAL)
    assert digest_rule(rules, TRUNK) is None
    assert digest_rule(rules, passing) == Digest(every=5 * MINUTE)
    assert digest_rule(replace(rules, digest=GATHERING.digest), passing) == Digest(every=5 * MINUTE)
    assert cause_of(decide(waiting(alarm=passing), rules)) == DIGEST


def test_what_was_tried_goes_on_whatever_holds() -> None:
    for how in ({"tried": True}, {"forced": True}):
        assert decide(waiting(**how), DELAYED, UPGRADE) == Send()
        gathered = waiting(held=held(DIGEST), **how)
        assert decide(gathered, GATHERING, UPGRADE) == Send(gathered=True)
        assert decide(gathered) == Send()


def test_what_may_have_been_sent_goes_on_unless_it_was_gone_before_it_could_be() -> None:
    doubtful = waiting(doubtful=NOW)
    assert decide(doubtful, DELAYED, UPGRADE) == Send()
    was_held = replace(doubtful, held=held(DELAY, until=30 * SECOND))
    gone = replace(was_held, closed_at=NOW + 10 * SECOND)
    assert decide(gone, DELAYED, now=NOW + MINUTE) == Drop(
        "came and went before it was told (because)"
    )
    outlived = replace(was_held, closed_at=NOW + 31 * SECOND)
    assert decide(outlived, DELAYED, now=NOW + MINUTE) == Send()


def test_what_may_have_been_sent_is_gathered_where_a_digest_gathers() -> None:
    doubtful = waiting(doubtful=NOW, held=held(DELAY))
    assert cause_of(decide(doubtful, GATHERING, UPGRADE)) == DIGEST
    assert decide(waiting(doubtful=NOW, held=held(DIGEST)), GATHERING) == Send(gathered=True)
    assert decide(waiting(doubtful=NOW, held=held(DIGEST))) == Send()


def test_what_a_silence_has_held_all_the_time_cannot_have_been_sent() -> None:
    known = replace(UPGRADE, created_at=NOW - MINUTE)
    assert cause_of(decide(waiting(doubtful=NOW), None, known)) == f"{SILENCE}7"
    assert decide(waiting(doubtful=NOW - 2 * MINUTE), None, known) == Send()
    added_later = replace(UPGRADE, created_at=NOW + SECOND)
    assert decide(waiting(doubtful=NOW), None, added_later, now=NOW + SECOND) == Send()
    assert decide(waiting("cleared", doubtful=NOW, told=True), None, known) == Send()


def test_a_repeat_is_silenced_and_ends_with_its_alarm() -> None:
    again = waiting(repeat=True, told=True)
    assert decide(again, DELAYED) == Send()
    assert cause_of(decide(again, None, UPGRADE)) == f"{SILENCE}7"
    over = replace(again, closed_at=NOW, tried=True)
    assert decide(over) == Drop("cleared before it was told again")


WAITINGS = st.builds(
    Waiting,
    kind=st.sampled_from(["raised", "changed", "cleared"]),
    alarm=st.sampled_from([TRUNK, alarm("2", transient=True, severity=Severity.CRITICAL)]),
    told=st.booleans(),
    repeat=st.just(False),
    forced=st.booleans(),
    tried=st.booleans(),
    created_at=st.just(NOW),
    held=st.one_of(st.none(), st.builds(held, st.sampled_from([DELAY, DIGEST, FLAPPING]))),
    followed=st.booleans(),
    closed_at=st.sampled_from([None, NOW - MINUTE, NOW, NOW + MINUTE]),
    flap=st.sampled_from([None, FLAP]),
)
RULES = st.builds(
    Rules,
    delay=st.sampled_from([timedelta(0), MINUTE]),
    flapping=st.sampled_from([None, FLAP_RULE]),
    transients=st.sampled_from(Transients),
    digest=st.sampled_from([None, GATHERING.digest]),
)


@given(WAITINGS, RULES, st.booleans())
def test_a_clear_of_what_was_told_is_never_dropped_and_never_silenced(
    one: Waiting, rules: Rules, silent: bool
) -> None:
    verdict = decide(
        replace(one, kind="cleared", told=True), rules, *((UPGRADE,) if silent else ())
    )
    assert not isinstance(verdict, Drop)
    assert not isinstance(verdict, Hold) or not verdict.cause.startswith(SILENCE)


@given(WAITINGS, RULES, st.booleans())
def test_what_is_held_is_held_for_some_time(one: Waiting, rules: Rules, silent: bool) -> None:
    verdict = decide(one, rules, *((UPGRADE,) if silent else ()))
    assert not isinstance(verdict, Hold) or verdict.until > NOW


@given(WAITINGS, RULES)
def test_what_stands_is_told_in_the_end(one: Waiting, rules: Rules) -> None:
    """Judged again whenever its hold is over, it goes, unless a later change tells it."""
    standing = replace(one, closed_at=None, followed=False, told=True)
    now = NOW
    for _ in range(6):
        verdict = decide(standing, rules, UPGRADE, now=now)
        if not isinstance(verdict, Hold):
            break
        standing, now = replace(standing, held=verdict), verdict.until
    assert isinstance(verdict, Send)
