"""The calendar: asked again and again it says what is in force, and does no work for it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from time import process_time

from hypothesis import given, settings
from hypothesis import strategies as st
from recurrence_cases import BERLIN, DAY, HOUR, MINUTE, utc

from alarmbridge.core.filters import Match
from alarmbridge.core.silence import Silence
from alarmbridge.recurrence import Calendar, Window
from alarmbridge.recurrence.cron import parse_cron

NOW = utc("2026-06-01T02:30")


class Counted:
    """A rule that counts how often it is asked."""

    def __init__(self, cron: str) -> None:
        self._rule = parse_cron(cron, UTC)
        self.asked = 0

    def between(self, since: datetime, until: datetime) -> Sequence[datetime]:
        self.asked += 1
        return self._rule.between(since, until)

    def after(self, moment: datetime) -> datetime | None:
        return self._rule.after(moment)


def window(name: str = "nightly", cron: str = "0 2 * * *", duration: timedelta = HOUR) -> Window:
    return Window(name=name, match=Match(), rule=parse_cron(cron, BERLIN), duration=duration)


def static(name: str, starts_at: datetime, ends_at: datetime) -> Silence:
    return Silence(
        id=f"config/silences/{name}", match=Match(), starts_at=starts_at, ends_at=ends_at
    )


def test_an_empty_calendar_silences_nothing() -> None:
    calendar = Calendar()
    assert (calendar.around(NOW, NOW), calendar.at(NOW), calendar.coming(NOW)) == ((), (), ())


def test_what_is_in_force_is_there_static_or_recurring() -> None:
    night = window(cron="0 4 * * *")
    calendar = Calendar([static("a", NOW - DAY, NOW + DAY), static("b", NOW, NOW)], [night])
    assert [one.id for one in calendar.at(NOW)] == [
        "config/silences/a",
        "config/maintenance/nightly/2026-06-01T02:00:00Z",
    ]
    assert {one.id for one in calendar.at(NOW)} <= {one.id for one in calendar.around(NOW, NOW)}


def test_a_past_moment_is_answered_as_well_as_this_one() -> None:
    # The daemon was down during the window, and reads of an alarm only after it.
    calendar = Calendar([], [window()])
    assert calendar.at(NOW) == ()
    past = utc("2026-05-20T00:10")
    assert [one.id for one in calendar.at(past)] == [
        "config/maintenance/nightly/2026-05-20T00:00:00Z"
    ]
    known = calendar.around(NOW, past)
    assert len([one for one in known if one.ends_at > past]) >= 12
    assert calendar.at(NOW) == ()


def test_a_clock_that_is_put_back_is_followed() -> None:
    calendar = Calendar([], [window()])
    for now, number in ((NOW, 0), (utc("2026-06-09T00:00"), 1), (utc("2026-06-01T00:59"), 1)):
        assert len(calendar.at(now)) == number


def test_within_the_hour_no_rule_is_asked_again() -> None:
    rule = Counted("0 2 * * *")
    calendar = Calendar([], [Window(name="a", match=Match(), rule=rule, duration=HOUR)])
    for second in range(0, 3600, 5):
        now = NOW + timedelta(seconds=second)
        calendar.around(now, now - MINUTE)
    assert rule.asked == 1
    calendar.around(NOW + HOUR + MINUTE, NOW + HOUR)
    assert rule.asked == 2


def test_who_looks_far_back_and_who_does_not_do_not_undo_each_other() -> None:
    rule = Counted("0 2 * * *")
    calendar = Calendar([], [Window(name="a", match=Match(), rule=rule, duration=HOUR)])
    for _ in range(100):
        calendar.around(NOW, NOW)
        calendar.around(NOW, NOW - 3 * DAY)
    assert rule.asked == 2


def test_to_ask_when_nothing_changes_costs_microseconds() -> None:
    calendar = Calendar(
        [static(str(n), NOW, NOW + DAY) for n in range(10)],
        [window(f"w{n}") for n in range(50)],
    )
    calendar.around(NOW, NOW)
    before = process_time()
    for _ in range(1000):
        calendar.around(NOW, NOW)
    # A thousandth of that is usual; the machine may be busy.
    assert process_time() - before < 0.1


def test_what_comes_is_what_is_in_force_and_the_next_of_each_window() -> None:
    calendar = Calendar(
        [static("over", NOW - DAY, NOW), static("later", NOW + DAY, NOW + 2 * DAY)],
        [window(cron="0 4 * * *"), window("weekly", "0 4 * * SUN")],
    )
    assert [one.id for one in calendar.coming(NOW)] == [
        "config/maintenance/nightly/2026-06-01T02:00:00Z",
        "config/maintenance/nightly/2026-06-02T02:00:00Z",
        "config/silences/later",
        "config/maintenance/weekly/2026-06-07T02:00:00Z",
    ]


ASKED = st.lists(
    st.tuples(
        st.datetimes(datetime(2026, 3, 20), datetime(2026, 4, 5), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis wants it so
        st.timedeltas(timedelta(0), timedelta(days=9)),
    ),
    max_size=6,
)


@settings(max_examples=25, deadline=None)
@given(ASKED, st.integers(1, 60 * 30))
def test_in_whatever_order_it_is_asked_it_says_the_same(
    asked: list[tuple[datetime, timedelta]], length: int
) -> None:
    windows = [window(duration=length * MINUTE), window("often", "*/30 * * * *", 20 * MINUTE)]
    silences = [static("a", utc("2026-03-25"), utc("2026-03-28"))]
    calendar = Calendar(silences, windows)
    for now, back in asked:
        known = calendar.around(now, now - back)
        for moment in (now, now - back):
            fresh = Calendar(silences, windows)
            holding = {one.id for one in known if one.holds(moment)}
            assert holding == {one.id for one in fresh.at(moment)}
            assert holding == {one.id for one in calendar.at(moment)}
