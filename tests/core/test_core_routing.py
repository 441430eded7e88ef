"""Routing: filters decide about a raise, the ledger about all that follows."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from core_cases import MINUTE, NOW, alarm, cleared

from alarmbridge.core.bridge import DELIVERY_DEAD, SINK_FAILING, raise_own
from alarmbridge.core.delivery import DeliveryState, LedgerEntry, Obligation
from alarmbridge.core.event import Event, tell_changed, tell_cleared, tell_raised
from alarmbridge.core.filters import Match, why_unfit
from alarmbridge.core.holds import Hold
from alarmbridge.core.noise import Flapping, Rules, Transients
from alarmbridge.core.routing import Subscription, flap_places, route
from alarmbridge.core.severity import Severity
from alarmbridge.core.silence import Silence

TAGS = {"site": "ams"}
TRUNK = replace(alarm("1"), name="acTrunk")
RAISED = tell_raised(TRUNK, sequence=1, now=NOW)
CHANGED = tell_changed(
    replace(TRUNK, severity=Severity.CRITICAL),
    previous_severity=Severity.MAJOR,
    sequence=2,
    now=NOW,
)
CLEARED = tell_cleared(cleared(TRUNK), sequence=3, now=NOW)
CHAT = Subscription(sink="chat")
PICKY = Subscription(sink="picky", match=Match(min_severity=Severity.CRITICAL))


def owed(*events: Event, to: Sequence[Subscription], before: Sequence[LedgerEntry] = ()) -> Any:
    routed = route(events, subscriptions=to, tags=TAGS, ledger={TRUNK.id: before}, now=NOW)
    return routed.obligations


def entry(kind: str, state: str = "delivered", sink: str = "chat", key: str = "k") -> LedgerEntry:
    return LedgerEntry(alarm_id=TRUNK.id, sink=sink, kind=kind, key=key, state=DeliveryState(state))


def outcome(obligations: Sequence[Obligation]) -> list[tuple[str, str, str | None]]:
    return [(one.sink, one.state.value, one.reason) for one in obligations]


def test_a_sink_without_filters_wants_every_alarm() -> None:
    assert why_unfit(Match(), TRUNK, {}) is None


@pytest.mark.parametrize(
    ("match", "why"),
    [
        (Match(min_severity=Severity.CRITICAL), "severity major is below critical"),
        (Match(devices=("sbc-ams-*",)), "device 'sbc-1' is not among sbc-ams-*"),
        (Match(names=("acBoard*", "acFan")), "name 'acTrunk' is not among acBoard*, acFan"),
        (Match(sources=("Board#2",)), "source 'Board#1' is not among Board#2"),
        (Match(descriptions=("*fan*",)), "description 'Trunk is down' is not among *fan*"),
        (Match(origins=("bridge",)), "origin 'device' is not among bridge"),
        (Match(tags={"site": ("fra", "lon")}), "tag site is 'ams', not fra or lon"),
        (Match(tags={"customer": ("acme",)}), "tag customer is None, not acme"),
    ],
)
def test_each_filter_says_why_it_keeps_an_alarm_away(match: Match, why: str) -> None:
    assert why_unfit(match, TRUNK, TAGS) == why


def test_an_alarm_that_passes_every_filter_is_wanted() -> None:
    match = Match(
        min_severity=Severity.MAJOR,
        devices=("sbc-2", "sbc-*"),
        tags={"site": ("a*",)},
        names=("ac*",),
        sources=("Board#?",),
        descriptions=("Trunk*",),
        origins=("device",),
    )
    assert why_unfit(match, TRUNK, TAGS) is None


def test_what_an_alarm_does_not_tell_passes_only_a_filter_for_anything() -> None:
    nameless = replace(TRUNK, name=None)
    assert why_unfit(Match(names=("ac*",)), nameless, TAGS) == "name None is not among ac*"
    assert why_unfit(Match(names=("*",)), nameless, TAGS) is None


def test_a_raise_goes_by_the_filters_and_the_reason_is_kept() -> None:
    assert outcome(owed(RAISED, to=[CHAT, PICKY])) == [
        ("chat", "pending", None),
        ("picky", "dropped", "severity major is below critical"),
    ]


def test_a_sink_knows_an_alarm_by_its_own_kind_of_key() -> None:
    syslog = Subscription(sink="siem", key_for=lambda alarm, _: f"siem/{alarm.id}")
    assert owed(RAISED, to=[syslog])[0].key == f"siem/{TRUNK.id}"


def test_a_clear_goes_to_whoever_was_told_under_the_key_of_the_raise() -> None:
    never = Subscription(sink="chat", match=Match(devices=("nobody",)))
    (only,) = owed(CLEARED, to=[never], before=[entry("raised", key="old key")])
    assert (only.state, only.key, only.event_id) == ("pending", "old key", CLEARED.id)


@pytest.mark.parametrize("state", ["dropped", "dead"])
def test_a_clear_does_not_go_where_the_raise_never_came(state: str) -> None:
    obligations = owed(CLEARED, to=[CHAT], before=[entry("raised", state)])
    assert outcome(obligations) == [("chat", "dropped", "its raise was not told here")]


def test_a_raise_that_is_still_under_way_is_followed_by_its_clear() -> None:
    obligations = owed(CLEARED, to=[CHAT], before=[entry("raised", "pending")])
    assert outcome(obligations) == [("chat", "pending", None)]


def test_a_change_opens_the_alarm_at_a_sink_whose_filter_it_now_passes() -> None:
    obligations = owed(CHANGED, CLEARED, to=[PICKY], before=[entry("raised", "dropped", "picky")])
    assert [(one.event_id, one.state) for one in obligations] == [
        (CHANGED.id, "pending"),
        (CLEARED.id, "pending"),
    ]


def test_a_sink_that_was_told_and_is_configured_no_longer_may_come_back() -> None:
    assert outcome(owed(CLEARED, to=[], before=[entry("raised")])) == [("chat", "pending", None)]


def test_what_came_and_went_is_owed_whole_within_one_decision() -> None:
    obligations = owed(RAISED, CLEARED, to=[CHAT, PICKY])
    assert [(one.sink, one.state.value) for one in obligations] == [
        ("chat", "pending"),
        ("picky", "dropped"),
        ("chat", "pending"),
        ("picky", "dropped"),
    ]


def test_of_two_keys_an_alarm_was_told_under_it_is_closed_under_the_first() -> None:
    before = [entry("raised", key="first"), entry("changed", key="second")]
    assert [one.key for one in owed(CLEARED, to=[CHAT], before=before)] == ["first"]


@pytest.mark.parametrize("name", [SINK_FAILING, DELIVERY_DEAD])
def test_a_sink_is_not_told_of_its_own_failing(name: str) -> None:
    event = raise_own(name, device="", subject="chat", words="It fails.", sequence=1, now=NOW)
    other = Subscription(sink="nms")
    obligations = route(
        [event], subscriptions=[CHAT, other], tags={}, ledger={}, now=NOW
    ).obligations
    assert outcome(obligations) == [
        ("chat", "dropped", "a sink is not told of its own failing"),
        ("nms", "pending", None),
    ]


def test_what_fits_an_exclusion_is_not_wanted() -> None:
    calm = Subscription(sink="chat", exclude=(Match(names=("x",)), Match(sources=("Board#*",))))
    assert outcome(owed(RAISED, to=[calm])) == [("chat", "dropped", "excluded: source Board#*")]


def test_a_sink_may_want_no_transients() -> None:
    event = replace(RAISED, alarm=replace(TRUNK, transient=True))
    calm = Subscription(sink="chat", rules=Rules(transients=Transients.DROP))
    ((_, state, reason),) = outcome(owed(event, to=[calm]))
    assert (state, reason) == (
        "dropped",
        "it came and went unseen, and this sink takes no transients",
    )
    assert outcome(owed(event, to=[CHAT])) == [("chat", "pending", None)]


def test_a_silence_holds_a_raise_from_the_start() -> None:
    silence = Silence(id="7", match=Match(), starts_at=NOW, ends_at=NOW + MINUTE)
    routed = route(
        [RAISED],
        subscriptions=[CHAT],
        tags=TAGS,
        ledger={TRUNK.id: ()},
        silences=[silence],
        now=NOW,
    )
    (obligation,) = routed.obligations
    assert obligation.hold == Hold(cause="silence:7", until=NOW + MINUTE, reason="silence 7")
    assert routed.reviewed == frozenset()


def test_whatever_befalls_an_alarm_has_what_is_held_of_it_judged_anew() -> None:
    held = replace(entry("raised", "pending"), held=True)
    routed = route([CLEARED], subscriptions=[CHAT], tags=TAGS, ledger={TRUNK.id: (held,)}, now=NOW)
    assert routed.reviewed == {(TRUNK.id, "chat")}


def test_the_raise_that_makes_a_key_flap_says_so_and_the_next_is_held() -> None:
    rule = Flapping(raises=2, within=MINUTE, calm=MINUTE)
    damped = Subscription(sink="chat", rules=Rules(flapping=rule))
    events = [
        replace(RAISED, id=f"e{number}", alarm=replace(TRUNK, id=f"a{number}"))
        for number in range(3)
    ]
    routed = route(events, subscriptions=[damped], tags=TAGS, ledger={}, now=NOW)
    notes = [bool(one.note) for one in routed.obligations]
    held = [one.hold.cause if one.hold else None for one in routed.obligations]
    assert (notes, held) == ([False, True, False], [None, None, "flapping"])
    (place,) = routed.flaps
    assert (place,) == flap_places(events, [damped, CHAT])
    assert flap_places(events, [CHAT]) == ()


def test_what_has_no_key_does_not_flap() -> None:
    rule = Flapping(raises=2, within=MINUTE, calm=MINUTE)
    damped = Subscription(sink="chat", rules=Rules(flapping=rule))
    event = replace(RAISED, alarm=replace(TRUNK, oid=None))
    assert route([event], subscriptions=[damped], tags=TAGS, ledger={}, now=NOW).flaps == {}


def test_what_was_accepted_is_followed_up_though_its_repeat_was_given_up() -> None:
    told = replace(entry("raised", "dead"), accepted=True, credential="old")
    rotated = Subscription(sink="chat", credential="new")
    (obligation,) = owed(CLEARED, to=[rotated], before=[told])
    assert (obligation.state.value, obligation.credential) == ("pending", "old")
