"""Figures of a period, each made in a line for the tests of the report."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck
from hypothesis import strategies as st

from alarmbridge.core.report_figures import (
    DAY,
    SLOT,
    Actor,
    Blind,
    Brief,
    Chatter,
    Figures,
    Listed,
    Period,
    Stale,
    Standing,
    Told,
    period_of,
    slot_start,
)
from alarmbridge.core.severity import Severity

SLOW = (HealthCheck.too_slow,)
"""A period has many figures; on a machine that is busy drawing them takes long."""

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DAY_LONG = period_of(NOON, NOON + DAY)


def actor(**other: Any) -> Actor:
    said = {"device": "sbc-1", "name": "acFan", "source": "Board#1", "worst": Severity.MINOR}
    return Actor(**({"oid": "1.9", "raised": 30} | said | other))


def standing(**other: Any) -> Standing:
    said = {"id": "1", "device": "sbc-1", "name": "acFan", "source": "Board#1"}
    more = {"description": "Fan", "severity": Severity.MINOR, "seen_at": NOON - 3 * DAY}
    return Standing(**(said | more | other))


def listed(*items: Any, count: int | None = None) -> Listed[Any]:
    return Listed(items=items, count=len(items) if count is None else count)


def figures(period: Period = DAY_LONG, **other: Any) -> Figures:
    return Figures(period=period, now=NOON + DAY, **other)


def of_severities(**raised: int) -> dict[Severity, Told]:
    return {Severity(word): Told(raised=number) for word, number in raised.items()}


def slots_of(*raised: int, period: Period = DAY_LONG) -> dict[int, int]:
    """Give the first slots of a period so many alarms."""
    return {period.first + at: number for at, number in enumerate(raised) if number}


texts = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
counts = st.integers(0, 10**6)
severities = st.sampled_from(Severity)
actors = st.builds(
    actor,
    name=texts,
    oid=texts,
    source=texts,
    description=texts,
    worst=severities,
    raised=st.integers(1, 10**6),
    critical=counts,
)
standings = st.builds(
    standing,
    name=texts,
    source=texts,
    description=texts.map(lambda text: text or ""),
    severity=severities,
    seen_at=st.datetimes(datetime(2020, 1, 1), datetime(2026, 11, 23), timezones=st.just(UTC)),  # noqa: DTZ001 - Hypothesis adds the zone
)


@st.composite
def _listed(draw: st.DrawFn, items: st.SearchStrategy[Any]) -> Listed[Any]:
    some = draw(st.lists(items, max_size=10))
    return listed(*some, count=len(some) + draw(st.integers(0, 5)))


@st.composite
def all_figures(draw: st.DrawFn) -> Figures:
    """Any figures that an archive could come to."""
    first = draw(st.integers(2_900_000, 3_100_000))
    period = Period(slot_start(first), slot_start(first + draw(st.integers(1, 400))))
    places = st.integers(period.first, period.first + period.count - 1)
    raised = {word: draw(counts) for word in Severity}
    days = st.dates(period.since.date(), period.until.date())
    chatter = st.builds(
        Chatter,
        actor=actors,
        most=st.integers(3, 1000),
        again=counts,
        pause=st.timedeltas(timedelta(0), timedelta(minutes=15)),
    )
    brief = st.builds(Brief, seconds=st.integers(0, 59), count=st.integers(1, 999), critical=counts)
    return Figures(
        period=period,
        now=period.until + draw(st.sampled_from((timedelta(0), SLOT, DAY))),
        slots=draw(st.dictionaries(places, st.integers(1, 30))),
        severities={
            word: Told(raised=number, acknowledged=draw(st.integers(0, number)))
            for word, number in raised.items()
        },
        transients=draw(counts),
        critical_transients=draw(counts),
        frequent=draw(_listed(actors)),
        fleeting=draw(_listed(actors)),
        brief=tuple(draw(st.lists(brief, max_size=8, unique_by=lambda one: one.seconds))),
        chattering=draw(_listed(chatter)),
        again=draw(counts),
        critical_again=draw(counts),
        stale=tuple(
            Stale(first=min(pair), last=max(pair), count=draw(st.integers(1, 9)))
            for pair in draw(st.lists(st.tuples(days, days), max_size=8))
        ),
        standing=draw(_listed(standings)),
        unacknowledged=draw(_listed(standings)),
        median=draw(st.none() | st.timedeltas(timedelta(0), 30 * DAY)),
        blind=draw(
            _listed(
                st.builds(
                    Blind,
                    device=st.just("sbc-1"),
                    spells=st.integers(1, 9),
                    length=st.timedeltas(timedelta(0), period.length),
                    lasting=st.booleans(),
                )
            )
        ),
        own=draw(counts),
        devices=draw(counts),
    )
