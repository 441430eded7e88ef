from datetime import timedelta

import pytest

from alarmbridge.core.spans import in_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.5, "0 s"),
        (5, "5 s"),
        (90, "90 s"),
        (5400, "90 min"),
        (7200, "2 h"),
        (3 * 86_400, "3 d"),
        (3 * 86_400 + 7.5, "3 d"),
        (61.5, "1 min"),
    ],
)
def test_a_length_of_time_is_said_in_one_unit(seconds: float, words: str) -> None:
    assert in_words(timedelta(seconds=seconds)) == words
