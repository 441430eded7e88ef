import json
from typing import Any

from hypothesis import given, settings
from report_figures_cases import NOON, SLOW, all_figures, figures, of_severities, slots_of

from alarmbridge.core.report import make_report
from alarmbridge.core.report_figures import DAY, Figures, period_of
from alarmbridge.core.report_findings import Topic, fleeting_count
from alarmbridge.core.report_json import report_as_json


def shares_in(tree: Any, key: str = "") -> list[float]:
    if isinstance(tree, dict):
        return [share for name, value in tree.items() for share in shares_in(value, name)]
    if isinstance(tree, list):
        return [share for value in tree for share in shares_in(value)]
    return [tree] if key.endswith("share") or key in {"high", "medium", "low"} else []


@given(all_figures())
@settings(max_examples=50, deadline=None, suppress_health_check=SLOW)
def test_whatever_was_counted_there_is_a_report(counted: Figures) -> None:
    report = make_report(counted)
    told = report_as_json(report)
    assert json.loads(json.dumps(told)) == told
    assert [one.topic for one in report.findings] == list(Topic)
    assert all(0 <= share <= 1 for share in shares_in(told))
    shares = told["priorities"]
    assert isinstance(shares, dict)
    assert not counted.severities or round(sum(shares.values()), 6) in {0, 1}
    assert sum(report.days.values()) == counted.raised


@given(all_figures())
@settings(max_examples=50, deadline=None, suppress_health_check=SLOW)
def test_advice_saves_no_more_than_there_was_and_tells_of_every_critical(
    counted: Figures,
) -> None:
    raised = sum(one.raised for one in counted.severities.values())
    for finding in make_report(counted).findings:
        for advice in finding.advice:
            assert advice.saves is None or advice.saves >= 0
            assert bool(advice.hides_critical) == ("critical ones are" in advice.words)
            if advice.yaml.startswith("match:"):
                assert advice.saves is not None
                assert advice.saves <= 2 * raised
            if advice.yaml.startswith("delay:"):
                assert advice.saves is not None
                assert 1.8 * fleeting_count(counted) <= advice.saves


def test_nothing_is_wrong_where_nothing_happened() -> None:
    report = make_report(figures())
    assert report.verdict == "good"
    assert [one.advice for one in report.findings] == [()] * len(Topic)
    assert any("thirty days" in note for note in report.notes)
    month = make_report(figures(period_of(NOON, NOON + 30 * DAY)))
    assert not any("thirty days" in note for note in month.notes)


def test_the_bridges_own_alarms_are_told_of() -> None:
    assert any("1,234 of them" in note for note in make_report(figures(own=1234)).notes)


def test_the_same_advice_is_given_once() -> None:
    counted = figures(slots=slots_of(*[100] * 144), severities=of_severities(critical=14_400))
    given_ = [one.yaml for found in make_report(counted).findings for one in found.advice]
    assert given_.count("digest: {every: 10m, urgent: critical}") == 1
