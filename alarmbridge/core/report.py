"""The report of a period by ISA-18.2 and EEMUA 191: what was counted, and what it comes to.

An alarm counts once, when the bridge first saw it and by the bridge's clock, however many times
it was escalated; its severity is the last one it had. What came and went unseen counts as well,
for it was told. The bridge's own alarms are counted apart.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from alarmbridge.core import report_findings as findings
from alarmbridge.core.report_figures import Figures
from alarmbridge.core.report_findings import Finding, Priorities, Verdict, priorities_of, worst_of
from alarmbridge.core.report_rates import (
    Flood,
    Rates,
    by_day,
    floods_of,
    rates_of,
    stale_by_day,
)

_ENOUGH = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A whole report. days: alarms raised by day; stale_days: those that stood for over a day.

    findings: in the order of Topic. notes: how far it may be believed, a sentence each.
    """

    figures: Figures
    rates: Rates
    floods: tuple[Flood, ...]
    days: Mapping[date, int]
    stale_days: Mapping[date, int]
    priorities: Priorities
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]

    @property
    def verdict(self) -> Verdict:
        """How the whole is: as its worst finding."""
        return worst_of(self.findings)


def make_report(figures: Figures) -> Report:
    """Make the report of what was counted."""
    rates = rates_of(figures.slots, figures.period)
    floods = floods_of(figures.slots, figures.period)
    stale_days = stale_by_day(figures.stale, figures.period)
    priorities = priorities_of(figures)
    return Report(
        figures=figures,
        rates=rates,
        floods=floods,
        days=by_day(figures.slots),
        stale_days=stale_days,
        priorities=priorities,
        findings=tuple(
            _said_once(
                (
                    findings.on_rate(figures, rates),
                    findings.on_floods(figures, rates, floods),
                    findings.on_frequent(figures),
                    findings.on_chattering(figures),
                    findings.on_fleeting(figures),
                    findings.on_standing(figures, stale_days.values()),
                    findings.on_severities(figures, priorities),
                    findings.on_acknowledged(figures),
                    findings.on_blind(figures),
                )
            )
        ),
        notes=tuple(_notes(figures)),
    )


def _said_once(found: Iterable[Finding]) -> Iterator[Finding]:
    """Leave out advice that stands at an earlier finding already."""
    said: set[str] = set()
    for finding in found:
        fresh = tuple(one for one in finding.advice if one.yaml not in said)
        said.update(one.yaml for one in fresh)
        yield replace(finding, advice=fresh)


def _notes(figures: Figures) -> Iterator[str]:
    yield (
        "An alarm counts once, when alarmbridge first saw it and by its clock, with the last "
        "severity that it had; what came and went unseen counts too."
    )
    yield (
        "Targets are for one operator: all that is counted here is taken for one's. Narrow it by "
        "device or tag where several share the work."
    )
    if figures.period.length < _ENOUGH:
        yield "ISA-18.2 asks for thirty days at the least; this period is shorter."
    if figures.own:
        yield f"alarmbridge's own alarms, {figures.own:,} of them, are left out."
