from datetime import timedelta

import pytest
from report_figures_cases import (
    DAY_LONG,
    SECOND,
    actor,
    figures,
    listed,
    of_severities,
    slots_of,
    standing,
)

from alarmbridge.core import report_findings as findings
from alarmbridge.core.report_figures import Blind, Brief, Chatter, Figures, Told
from alarmbridge.core.report_findings import Verdict, priorities_of, share_of, worst_of
from alarmbridge.core.report_rates import floods_of, rates_of
from alarmbridge.core.severity import Severity


def of_total(number: int) -> dict[int, int]:
    """Spread so many alarms over a day, a few in each ten minutes."""
    return slots_of(*(number // 144 + (at < number % 144) for at in range(144)))


@pytest.mark.parametrize(
    ("raised", "verdict", "words"),
    [
        (0, "good", "0 alarms in ten minutes on average, 0 a day"),
        (7, "good", "less than 0.1 alarms"),
        (144, "good", "1 alarms in ten minutes on average, 144 a day"),
        (216, "look at it", "1.5 alarms"),
        (288, "look at it", "2 alarms"),
        (2880, "bad", "20 alarms in ten minutes on average, 2,880 a day"),
    ],
)
def test_up_to_one_in_ten_minutes_is_good_and_two_can_be_managed(
    raised: int, verdict: str, words: str
) -> None:
    slots = of_total(raised)
    found = findings.on_rate(figures(slots=slots), rates_of(slots, DAY_LONG))
    assert found.verdict == verdict
    assert found.words.startswith(words)
    assert bool(found.advice) == (verdict != "good")


@pytest.mark.parametrize(
    ("slots", "verdict", "words"),
    [
        ((), "good", "0 floods, 0 % of the time"),
        ((11,), "good", "1 flood, 0.7 % of the time"),
        ((11, 9), "look at it", "1 flood, 1.4 %"),
        ((11,) * 8, "bad", "1 flood, 5.6 %"),
    ],
)
def test_floods_may_last_one_part_in_a_hundred(
    slots: tuple[int, ...], verdict: str, words: str
) -> None:
    counted = figures(slots=slots_of(*slots))
    floods = floods_of(counted.slots, DAY_LONG)
    found = findings.on_floods(counted, rates_of(counted.slots, DAY_LONG), floods)
    assert found.verdict == verdict
    assert found.words.startswith(words)


def test_the_most_frequent_are_bad_only_where_many_come() -> None:
    def of(raised: int, by_one: int) -> Verdict:
        frequent = listed(actor(raised=by_one), count=400)
        return findings.on_frequent(figures(slots=of_total(raised), frequent=frequent)).verdict

    assert of(19, 19) == "good"
    assert of(100, 5) == "good"
    assert of(100, 100) == "look at it"
    assert of(1000, 500) == "look at it"
    assert of(1000, 501) == "bad"


def test_no_alarm_should_chatter_or_be_fleeting() -> None:
    calm = figures(slots=of_total(100))
    assert findings.on_chattering(calm).verdict == "good"
    assert findings.on_fleeting(calm).verdict == "good"
    chatter = Chatter(actor=actor(), most=3, again=0, pause=5 * SECOND)
    one = figures(slots=of_total(100), chattering=listed(chatter), again=5)
    assert findings.on_chattering(one).verdict == "look at it"
    assert findings.on_chattering(one).words.startswith("1 alarm chattered")
    many = figures(slots=of_total(100), chattering=listed(chatter, chatter), again=6)
    assert findings.on_chattering(many).verdict == "bad"
    assert findings.on_chattering(many).words.startswith("2 alarms chattered")
    few = figures(slots=of_total(100), brief=(Brief(seconds=3, count=20),), transients=2)
    assert findings.on_fleeting(few).verdict == "look at it"
    assert "2 came and went between two looks" in findings.on_fleeting(few).words
    more = figures(slots=of_total(100), brief=(Brief(seconds=3, count=21),))
    assert findings.on_fleeting(more).verdict == "bad"


@pytest.mark.parametrize(("most", "verdict"), [(4, "good"), (5, "look at it"), (10, "bad")])
def test_fewer_than_five_may_stand_for_a_day(most: int, verdict: str) -> None:
    counted = figures(standing=listed(standing()))
    assert findings.on_standing(counted, [0, most, 1]).verdict == verdict


@pytest.mark.parametrize(
    ("raised", "verdict"),
    [
        ({"critical": 19}, "good"),
        ({"critical": 5, "major": 15, "minor": 40, "warning": 40}, "good"),
        ({"critical": 6, "indeterminate": 94}, "look at it"),
        ({"major": 30, "minor": 70}, "look at it"),
        ({"major": 51, "minor": 49}, "bad"),
        ({"critical": 21, "minor": 79}, "bad"),
    ],
)
def test_most_alarms_should_be_of_low_priority(raised: dict[str, int], verdict: str) -> None:
    counted = figures(slots=of_total(sum(raised.values())), severities=of_severities(**raised))
    assert findings.on_severities(counted, priorities_of(counted)).verdict == verdict


def acknowledged(**other: object) -> Figures:
    told = {Severity.MINOR: Told(raised=10, acknowledged=9)}
    return figures(**({"slots": of_total(10), "severities": told} | other))


def test_what_nobody_acknowledged_is_looked_at() -> None:
    assert findings.on_acknowledged(figures()).words == "There is nothing to acknowledge."
    assert findings.on_acknowledged(acknowledged()).verdict == "good"
    quick = findings.on_acknowledged(acknowledged(median=timedelta(minutes=5)))
    assert quick.words.endswith("Half of the others were within 5 min.")
    unseen = {Severity.MINOR: Told(raised=10)}
    assert findings.on_acknowledged(acknowledged(severities=unseen)).verdict == "look at it"
    urgent = listed(standing(severity=Severity.CRITICAL))
    found = findings.on_acknowledged(acknowledged(unacknowledged=urgent))
    assert (found.verdict, "critical ones among them" in found.words) == ("bad", True)


def test_a_device_that_cannot_be_seen_is_told() -> None:
    def of(*, lasting: bool) -> findings.Finding:
        one = Blind(device="sbc-1", spells=1, length=SECOND, lasting=lasting)
        return findings.on_blind(figures(blind=listed(one)))

    assert findings.on_blind(figures()).verdict == "good"
    assert of(lasting=False).verdict == "look at it"
    assert of(lasting=True).verdict == "bad"
    assert of(lasting=True).words.endswith("cannot be seen now.")


def test_the_whole_is_as_its_worst_part() -> None:
    good, bad = findings.on_blind(figures()), findings.on_standing(figures(), [99])
    assert (worst_of([]), worst_of([good]), worst_of([good, bad])) == ("good", "good", "bad")


def test_shares_are_parts_of_a_whole() -> None:
    assert (share_of(1, 4), share_of(0, 0), share_of(5, 4)) == (0.25, 0, 1)
