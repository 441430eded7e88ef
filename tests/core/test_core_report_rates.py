from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from report_figures_cases import DAY_LONG, NOON, SECOND, SLOW, all_figures, slots_of

from alarmbridge.core.report_figures import DAY, SLOT, Figures, Period, Stale, period_of
from alarmbridge.core.report_rates import (
    CALM_BELOW,
    FLOOD_ABOVE,
    by_day,
    floods_of,
    rates_of,
    stale_by_day,
)


def test_a_period_is_widened_to_whole_ten_minutes() -> None:
    period = period_of(NOON + SECOND, NOON + SLOT + SECOND)
    assert period == Period(NOON, NOON + 2 * SLOT)
    assert (period.count, period.length) == (2, 2 * SLOT)
    assert period_of(NOON, NOON + SLOT) == Period(NOON, NOON + SLOT)
    assert period_of(NOON, NOON).count == 1


def test_rates_are_of_all_slots_also_the_empty_ones() -> None:
    rates = rates_of(slots_of(11, 0, 3, 11), DAY_LONG)
    assert rates.average == 25 / 144
    assert (rates.per_day, rates.peak, rates.peak_at) == (25, 11, NOON)
    assert (rates.crowded, rates.crowded_share) == (2, 2 / 144)
    nothing = rates_of({}, DAY_LONG)
    assert (nothing.average, nothing.peak, nothing.peak_at) == (0, 0, None)


def test_a_flood_begins_above_ten_and_ends_below_five() -> None:
    [flood] = floods_of(slots_of(10, 11, 5, 7, 4, 10, 9), DAY_LONG)
    assert (flood.since, flood.until) == (NOON + SLOT, NOON + 4 * SLOT)
    assert (flood.raised, flood.peak, flood.length) == (23, 11, 3 * SLOT)
    assert floods_of(slots_of(*[10] * 144), DAY_LONG) == ()


def test_a_flood_that_lasts_ends_with_the_period() -> None:
    period = period_of(NOON, NOON + SLOT)
    [flood] = floods_of(slots_of(100, period=period), period)
    assert (flood.until, flood.length) == (NOON + SLOT, SLOT)


@given(all_figures())
@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
def test_floods_lie_apart_and_within_the_period(figures: Figures) -> None:
    floods = floods_of(figures.slots, figures.period)
    for one, other in pairwise(floods):
        assert one.until < other.since
    for flood in floods:
        assert figures.period.since <= flood.since < flood.until <= figures.period.until
        assert flood.raised >= flood.peak > FLOOD_ABOVE
        assert flood.raised >= CALM_BELOW * (flood.length // SLOT)
    in_floods = sum(flood.raised for flood in floods)
    crowded = sum(number for number in figures.slots.values() if number > FLOOD_ABOVE)
    assert crowded <= in_floods <= figures.raised


@given(all_figures())
@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
def test_days_add_up(figures: Figures) -> None:
    assert sum(by_day(figures.slots).values()) == figures.raised
    assert list(by_day(figures.slots)) == sorted(by_day(figures.slots))


@given(all_figures())
@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
def test_each_day_has_as_many_stale_alarms_as_spells_that_cover_it(figures: Figures) -> None:
    days = stale_by_day(figures.stale, figures.period)
    assert next(iter(days)) == figures.period.since.date()
    assert list(days)[-1] == (figures.period.until - timedelta.resolution).date()
    for day, count in days.items():
        assert count == sum(one.count for one in figures.stale if one.first <= day <= one.last)


def test_what_was_stale_before_the_period_does_not_count() -> None:
    before = Stale(first=date(2026, 11, 1), last=date(2026, 11, 22), count=3)
    into = Stale(first=date(2026, 11, 1), last=date(2026, 11, 23), count=2)
    assert stale_by_day([before, into], period_of(NOON, NOON + DAY)) == {
        date(2026, 11, 23): 2,
        date(2026, 11, 24): 0,
    }
