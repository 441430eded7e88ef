from dataclasses import replace

from core_cases import MINUTE, NOW, alarm
from hypothesis import given
from hypothesis import strategies as st

from alarmbridge.core.alarm import Origin
from alarmbridge.core.flapping import Flap, after_raise, calm_at, flap_key, word_flapping
from alarmbridge.core.noise import Flapping

RULE = Flapping(raises=3, within=10 * MINUTE, calm=5 * MINUTE)


def after(*minutes: float) -> Flap:
    flap = None
    for number, minute in enumerate(minutes):
        flap = after_raise(flap, RULE, alarm_id=f"a{number}", at=NOW + minute * MINUTE)
    assert flap is not None
    return flap


def test_a_key_is_device_oid_and_source() -> None:
    one = flap_key(alarm("1"))
    assert one == flap_key(alarm("2", "other words", 99))
    assert one != flap_key(alarm("1", source="Board#2"))
    assert one != flap_key(alarm("1", oid="1.11"))
    assert one != flap_key(alarm("1", device="sbc-2"))


def test_without_an_oid_nobody_can_say_what_flaps() -> None:
    assert flap_key(alarm("1", oid=None)) is None


def test_the_bridges_own_alarms_flap_by_their_name_and_subject() -> None:
    own = {"origin": Origin.BRIDGE, "oid": None, "name": "deviceUnreachable"}
    assert flap_key(alarm("1", **own)) == flap_key(alarm("1", "other words", **own))
    assert flap_key(alarm("1", **own)) != flap_key(alarm("2", **own))


def test_the_nth_raise_within_the_time_makes_it_flap() -> None:
    assert after(0, 1).since is None
    flap = after(0, 1, 2)
    assert (flap.since, flap.told) == (NOW + 2 * MINUTE, "a2")
    assert after(0, 5, 10).since is None


def test_while_it_flaps_the_one_that_says_so_stays_the_same() -> None:
    flap = after(0, 1, 2, 6, 10)
    assert (flap.since, flap.told) == (NOW + 2 * MINUTE, "a2")
    assert calm_at(flap, RULE) == NOW + 15 * MINUTE


def test_where_nobody_was_told_that_it_flaps_the_next_raise_says_so() -> None:
    untold = replace(after(0, 1, 2, 6), told=None)
    flap = after_raise(untold, RULE, alarm_id="next", at=NOW + 10 * MINUTE)
    assert (flap.since, flap.told) == (NOW + 2 * MINUTE, "next")


def test_once_calm_it_has_to_flap_anew() -> None:
    assert after(0, 1, 2, 7.5).since is None or after(0, 1, 2, 7.5).told == "a3"
    assert after(0, 1, 2, 13).since is None
    assert calm_at(after(0, 1, 2, 13), RULE) is None
    assert calm_at(None, RULE) is None


def test_it_says_in_words_that_it_flaps() -> None:
    assert word_flapping(after(0, 1, 2), RULE) == (
        "flapping: raised 3 times within 10 min; told again once it is calm for 5 min"
    )


@given(st.lists(st.floats(min_value=0, max_value=30, allow_nan=False), min_size=1, max_size=40))
def test_what_is_remembered_is_bounded(gaps: list[float]) -> None:
    moments = [sum(gaps[: number + 1]) for number in range(len(gaps))]
    flap = after(*moments)
    assert len(flap.recent) <= RULE.raises
    assert flap.last == NOW + moments[-1] * MINUTE
