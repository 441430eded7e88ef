"""Measurements against thresholds: each crossing is one alarm, however the value trembles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarmbridge.core.bridge import MEASUREMENT_HIGH, MEASUREMENT_LOW
from alarmbridge.core.thresholds import Reading, crossed_thresholds

HIGH, LOW = (MEASUREMENT_HIGH, "NetUtil#0"), (MEASUREMENT_LOW, "NetUtil#0")


def reading(value: float | None, low: float | None = 10, high: float | None = 100) -> Reading:
    return Reading(measurement="NetUtil", index=0, value=value, low=low, high=high)


def follow(*values: float | None) -> list[str]:
    """Tell which alarms stand after each value, as h and l."""
    standing: dict[tuple[str, str], str] = {}
    told = []
    for value in values:
        standing = crossed_thresholds([reading(value)], standing, hysteresis=0.1)
        told.append("h" * (HIGH in standing) + "l" * (LOW in standing))
    return told


def test_an_alarm_ends_only_when_the_value_is_clearly_back() -> None:
    assert follow(100, 101, 100, 90.1, 90, 99) == ["", "h", "h", "h", "", ""]
    assert follow(10, 9, 10, 10.9, 11, 10) == ["", "l", "l", "l", "", ""]
    assert follow(101, 5, 101) == ["h", "l", "h"]


def test_without_a_value_nothing_changes() -> None:
    assert follow(None, 101, None, 50) == ["", "h", "h", ""]


@pytest.mark.parametrize(("low", "high"), [(None, None), (0, 0), (100, 10), (50, 50)])
def test_thresholds_that_mean_nothing_are_none(low: float | None, high: float | None) -> None:
    assert crossed_thresholds([reading(60, low, high)], {HIGH: "was"}, hysteresis=0) == {}


def test_one_threshold_is_enough() -> None:
    assert set(crossed_thresholds([reading(200, None, 100)], {}, hysteresis=0)) == {HIGH}
    assert set(crossed_thresholds([reading(0, 10, None)], {}, hysteresis=0)) == {LOW}


def test_the_words_are_those_of_the_crossing() -> None:
    first = crossed_thresholds([reading(120)], {}, hysteresis=0.1)
    assert first == {HIGH: "NetUtil#0 is 120, above 100."}
    assert crossed_thresholds([reading(140)], first, hysteresis=0.1) == first


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(0, 0.5))
def test_what_is_raised_by_a_value_stands_for_the_same_value(
    value: float, high: float, hysteresis: float
) -> None:
    one = [reading(value, None, high)]
    raised = crossed_thresholds(one, {}, hysteresis=hysteresis)
    assert set(crossed_thresholds(one, raised, hysteresis=hysteresis)) == set(raised)
