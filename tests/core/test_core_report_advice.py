from datetime import timedelta

import pytest
import yaml
from hypothesis import given, settings
from report_figures_cases import (
    SECOND,
    SLOW,
    actor,
    all_figures,
    figures,
    listed,
    of_severities,
    slots_of,
    standing,
)

from alarmbridge.core import report_advice as advice
from alarmbridge.core.report_advice import Advice, Place
from alarmbridge.core.report_figures import DAY, Brief, Chatter, Figures, Told
from alarmbridge.core.severity import Severity


def by_key(given_: list[Advice]) -> dict[str, Advice]:
    return {one.yaml.partition(":")[0]: one for one in given_}


@pytest.mark.parametrize(
    ("raised", "least"),
    [
        ({"warning": 50, "minor": 50, "indeterminate": 60}, "warning"),
        ({"warning": 100, "minor": 100, "critical": 1}, "minor"),
        ({"minor": 500, "major": 100}, "major"),
        ({"minor": 500, "major": 500, "critical": 144}, "critical"),
    ],
)
def test_a_sink_is_told_of_the_worst_as_far_down_as_can_be_borne(
    raised: dict[str, int], least: str
) -> None:
    counted = figures(slots=slots_of(sum(raised.values())), severities=of_severities(**raised))
    [one] = advice.on_rate(counted)
    assert yaml.safe_load(one.yaml) == {"match": {"min_severity": least}}
    below = [
        number for word, number in raised.items() if Severity(word).rank < Severity(least).rank
    ]
    assert (one.saves, one.hides_critical) == (2 * sum(below), 0)


def test_where_even_the_critical_are_too_many_they_are_not_hidden() -> None:
    counted = figures(slots=slots_of(145, 100), severities=of_severities(critical=145, minor=100))
    found = by_key(list(advice.on_rate(counted)))
    assert list(found) == ["digest", "rate_limit"]
    assert yaml.safe_load(found["digest"].yaml)["digest"]["urgent"] == "critical"
    assert (found["digest"].saves, found["digest"].place) == (98, Place.PEOPLE)
    assert found["rate_limit"].saves is None


def test_what_is_frequent_and_minor_is_kept_away() -> None:
    items = (
        actor(raised=50, worst=Severity.MINOR),
        actor(raised=40, worst=Severity.MAJOR),
        actor(raised=30, worst=Severity.WARNING, name=None),
        actor(raised=20, name=None, oid=None, description="fan [1]", source=None),
        actor(raised=1),
    )
    [one] = advice.on_frequent(figures(frequent=listed(*items)))
    assert yaml.safe_load(one.yaml)["exclude"] == [
        {"devices": "sbc-1", "name": "acFan", "source": "Board#1"},
        {"devices": "sbc-1", "description": "fan [[]1]"},
    ]
    assert one.saves == 140
    assert list(advice.on_frequent(figures(frequent=listed(items[1])))) == []


@pytest.mark.parametrize(("pause", "calm"), [(1, "2m"), (120, "2m"), (121, "5m"), (900, "15m")])
def test_a_flapping_alarm_is_calm_after_longer_than_it_pauses(pause: int, calm: str) -> None:
    chatter = Chatter(actor=actor(), most=9, again=7, pause=pause * SECOND)
    counted = figures(chattering=listed(chatter), again=7, critical_again=2)
    [one] = advice.on_chattering(counted)
    assert one.yaml == f"flapping: {{raises: 3, within: 1m, calm: {calm}}}"
    assert (one.saves, one.hides_critical) == (14, 2)
    assert "2 critical ones are held back until then" in one.words


@pytest.mark.parametrize(
    ("brief", "delay", "hidden"),
    [
        ({0: 90, 59: 10}, "5s", 90),
        ({4: 89, 7: 11}, "10s", 100),
        ({5: 100}, "10s", 100),
        ({12: 95, 59: 5}, "15s", 95),
        ({59: 100}, "60s", 100),
    ],
)
def test_a_delay_hides_nine_of_ten_fleeting_alarms(
    brief: dict[int, int], delay: str, hidden: int
) -> None:
    parts = tuple(Brief(seconds=at, count=count) for at, count in brief.items())
    [one] = advice.on_fleeting(figures(brief=parts))
    assert one.yaml == f"delay: {delay}"
    assert (one.saves, one.hides_critical) == (2 * hidden, 0)


def test_a_delay_says_how_many_critical_alarms_it_hides() -> None:
    parts = (Brief(seconds=1, count=95, critical=2), Brief(seconds=50, count=5, critical=5))
    [one] = advice.on_fleeting(figures(brief=parts))
    assert (one.hides_critical, "2 critical ones are among these" in one.words) == (2, True)


def test_what_came_and_went_unseen_is_gathered_or_dropped() -> None:
    counted = figures(brief=(Brief(seconds=0, count=9),), transients=9, critical_transients=1)
    _, gathered, dropped = advice.on_fleeting(counted)
    assert (gathered.yaml, gathered.place) == ("transients: digest", Place.PEOPLE)
    assert (dropped.yaml, dropped.saves, dropped.hides_critical) == ("transients: drop", 18, 1)


def test_what_is_known_is_shelved_for_a_week_and_nothing_critical() -> None:
    many = [standing(source=f"Board#{number}") for number in range(7)]
    urgent = standing(severity=Severity.CRITICAL)
    nameless = standing(name=None, description="")
    [one] = advice.on_standing(figures(standing=listed(urgent, nameless, *many, count=12)))
    silences = yaml.safe_load(one.yaml)["silences"]
    assert [entry["match"]["source"] for entry in silences] == [f"Board#{at}" for at in range(5)]
    assert (silences[0]["from"], silences[0]["until"]) == (
        "2026-11-24T12:00:00Z",
        "2026-12-01T12:00:00Z",
    )
    assert silences[0]["comment"] == "Known, has stood for 4 d"
    assert one.place is Place.FILE
    assert list(advice.on_standing(figures(standing=listed(urgent)))) == []


def test_only_the_critical_are_told_at_once_where_all_is_urgent() -> None:
    [one] = advice.on_split(figures(severities=of_severities(critical=5, major=50)))
    assert yaml.safe_load(one.yaml) == {"digest": {"every": "5m", "urgent": "critical"}}
    assert list(advice.on_split(figures(severities=of_severities(critical=5)))) == []


def test_what_nobody_acknowledges_is_left_out_and_the_rest_repeated() -> None:
    told = {
        Severity.MAJOR: Told(raised=20, acknowledged=1),
        Severity.MINOR: Told(raised=21, acknowledged=1),
        Severity.WARNING: Told(raised=9),
    }
    slow = figures(severities=told, median=timedelta(minutes=61))
    left_out, repeated = advice.on_unacknowledged(slow)
    assert yaml.safe_load(left_out.yaml) == {"match": {"min_severity": "major"}}
    assert left_out.saves == 60
    assert repeated.yaml == "repeat: 4h"
    never = figures(severities={Severity.MAJOR: Told(raised=20)})
    assert list(advice.on_unacknowledged(never)) == []
    few = figures(severities=told | {Severity.MINOR: Told()}, median=30 * DAY)
    assert [one.yaml for one in advice.on_unacknowledged(few)] == ["repeat: 1d"]


@given(all_figures())
@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
def test_no_advice_shelves_or_excludes_what_was_critical(counted: Figures) -> None:
    for one in (*advice.on_frequent(counted), *advice.on_standing(counted)):
        assert one.hides_critical == 0
    excluded = [one for one in counted.frequent.items if one.worst.rank > Severity.MINOR.rank]
    kept = figures(frequent=listed(*excluded))
    assert list(advice.on_frequent(kept)) == []
