from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarmbridge.core.noise import Rate
from alarmbridge.core.rate import Window

RATE = Rate(number=3, per=timedelta(seconds=10))


def test_there_is_room_for_so_many_and_then_for_none() -> None:
    window = Window(RATE)
    assert (window.room(0), window.wait(0)) == (3, 0.0)
    for at in (0, 1, 2):
        window.note(at)
    assert (window.room(4), window.wait(4)) == (0, 6.0)
    assert (window.room(10), window.wait(10)) == (1, 0.0)


@given(st.lists(st.floats(min_value=0, max_value=5, allow_nan=False), max_size=60))
def test_no_stretch_of_that_length_ever_sees_more(gaps: list[float]) -> None:
    window, sent, now = Window(RATE), list[float](), 0.0
    for gap in gaps:
        now += gap
        if window.room(now):
            window.note(now)
            sent.append(now)
    for start in sent:
        assert sum(start <= at < start + 10 for at in sent) <= 3


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (Rate(number=30, per=timedelta(minutes=1)), "30/1m"),
        (Rate(number=5, per=timedelta(seconds=10)), "5/10s"),
        (Rate(number=1, per=timedelta(hours=36)), "1/36h"),
        (Rate(number=9, per=timedelta(days=2)), "9/2d"),
    ],
)
def test_a_rate_is_written_as_in_the_configuration(rate: Rate, words: str) -> None:
    assert str(rate) == words
