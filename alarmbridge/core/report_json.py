"""A report as JSON: what the API answers, the command prints, and the page shows."""

from collections.abc import Mapping
from datetime import date, timedelta

from alarmbridge.core.payload import format_instant
from alarmbridge.core.report import Report
from alarmbridge.core.report_advice import Advice
from alarmbridge.core.report_figures import Actor, Blind, Chatter, Standing
from alarmbridge.core.report_findings import (
    Finding,
    fleeting_count,
    flood_share,
    frequent_share,
    share_of,
    unacknowledged_share,
)
from alarmbridge.core.report_rates import Flood
from alarmbridge.core.severity import Severity

_FLOODS = 50
_SECOND = timedelta(seconds=1)

Json = dict[str, object]


def report_as_json(report: Report) -> Json:
    """Give a report the shape ReportShape."""
    figures, rates = report.figures, report.rates
    return {
        "since": format_instant(figures.period.since),
        "until": format_instant(figures.period.until),
        "verdict": report.verdict.value,
        "devices": figures.devices,
        "raised": figures.raised,
        "own": figures.own,
        "notes": list(report.notes),
        "findings": [_finding(one) for one in report.findings],
        "rate": {
            "average": round(rates.average, 3),
            "per_day": round(rates.per_day, 1),
            "peak": rates.peak,
            "peak_at": format_instant(rates.peak_at),
            "slots": rates.slots,
            "crowded": rates.crowded,
            "crowded_share": rates.crowded_share,
        },
        "days": [_day(day, report.days, stale) for day, stale in report.stale_days.items()],
        "floods": {
            "count": len(report.floods),
            "share": flood_share(report.floods, figures),
            "items": [_flood(one) for one in reversed(report.floods[-_FLOODS:])],
        },
        "frequent": {
            "count": figures.frequent.count,
            "share": frequent_share(figures),
            "items": [_actor(one, figures.raised) for one in figures.frequent.items],
        },
        "chattering": {
            "count": figures.chattering.count,
            "again": figures.again,
            "items": [_chatter(one, figures.raised) for one in figures.chattering.items],
        },
        "fleeting": {
            "count": figures.fleeting.count,
            "raised": fleeting_count(figures),
            "share": share_of(fleeting_count(figures), figures.raised),
            "transients": figures.transients,
            "items": [_actor(one, figures.raised) for one in figures.fleeting.items],
        },
        "standing": {
            "count": figures.standing.count,
            "most": max(report.stale_days.values(), default=0),
            "items": [_standing(one) for one in figures.standing.items],
        },
        "severities": {one.value: _told(report, one) for one in Severity},
        "priorities": {
            "high": report.priorities.high,
            "medium": report.priorities.medium,
            "low": report.priorities.low,
        },
        "unacknowledged": {
            "count": figures.unacknowledged.count,
            "share": unacknowledged_share(figures),
            "median_seconds": None if figures.median is None else figures.median // _SECOND,
            "items": [_standing(one) for one in figures.unacknowledged.items],
        },
        "blind": {
            "count": figures.blind.count,
            "items": [_blind(one, report) for one in figures.blind.items],
        },
    }


def _finding(one: Finding) -> Json:
    return {
        "topic": one.topic.value,
        "verdict": one.verdict.value,
        "words": one.words,
        "target": one.target,
        "advice": [_advice(advice) for advice in one.advice],
    }


def _advice(one: Advice) -> Json:
    return {
        "words": one.words,
        "place": one.place.value,
        "yaml": one.yaml,
        "saves": one.saves,
        "hides_critical": one.hides_critical,
    }


def _day(day: date, raised: Mapping[date, int], stale: int) -> Json:
    return {"day": day.isoformat(), "raised": raised.get(day, 0), "stale": stale}


def _flood(one: Flood) -> Json:
    return {
        "since": format_instant(one.since),
        "until": format_instant(one.until),
        "raised": one.raised,
        "peak": one.peak,
    }


def _actor(one: Actor, raised: int) -> Json:
    return {
        "device": one.device,
        "name": one.name,
        "oid": one.oid,
        "source": one.source,
        "description": one.description,
        "severity": one.worst.value,
        "raised": one.raised,
        "share": share_of(one.raised, raised),
        "critical": one.critical,
        "fleeting": one.fleeting,
    }


def _chatter(one: Chatter, raised: int) -> Json:
    return {**_actor(one.actor, raised), "most": one.most, "again": one.again}


def _standing(one: Standing) -> Json:
    return {
        "id": one.id,
        "device": one.device,
        "name": one.name,
        "source": one.source,
        "description": one.description,
        "severity": one.severity.value,
        "seen_at": format_instant(one.seen_at),
    }


def _blind(one: Blind, report: Report) -> Json:
    return {
        "device": one.device,
        "spells": one.spells,
        "seconds": one.length // _SECOND,
        "share": share_of(one.length / _SECOND, report.figures.period.length / _SECOND),
        "lasting": one.lasting,
    }


def _told(report: Report, severity: Severity) -> Json:
    told = report.figures.severities.get(severity)
    raised = told.raised if told else 0
    return {
        "raised": raised,
        "share": share_of(raised, report.figures.raised),
        "acknowledged": told.acknowledged if told else 0,
    }
