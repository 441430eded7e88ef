from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarmbridge.core.device_time import parse_device_time
from alarmbridge.core.reading import Reading, Row
from alarmbridge.core.severity import Severity
from alarmbridge.mediant.direction import (
    direction_by_dates,
    direction_by_numbers,
    direction_by_place,
)


def rows(ids: str) -> list[Row]:
    return [Row(one, "text") for one in ids]


def dated(dates: Mapping[str, str | None]) -> dict[str, Reading]:
    return {
        one: Reading(
            id=one,
            description="text",
            severity=Severity.MINOR,
            date=parse_device_time(date) if date else None,
        )
        for one, date in dates.items()
    }


@pytest.mark.parametrize(
    ("listed", "known", "newest_last"),
    [
        ("abc", "ab", True),
        ("abc", "bc", False),
        ("abc", "b", None),
        ("abc", "ac", None),
        ("abc", "abc", None),
        ("abc", "", None),
        ("", "", None),
    ],
)
def test_new_rows_stand_at_the_new_end(listed: str, known: str, newest_last: bool | None) -> None:
    assert direction_by_place(rows(listed), dict.fromkeys(known, "text")) is newest_last


def test_a_known_id_with_another_text_is_a_new_row() -> None:
    assert direction_by_place(rows("ab"), {"a": "text", "b": "another text"}) is True


@pytest.mark.parametrize(
    ("seconds", "newest_last"),
    [([1, 2, 3], True), ([3, 2, 1], False), ([1, 2, 0, 3], True), ([1, 1], None), ([1], None)],
)
def test_dates_tell_by_the_majority(seconds: list[int], newest_last: bool | None) -> None:
    ids = "abcd"[: len(seconds)]
    dates = {one: f"2026-01-01T00:00:0{second}Z" for one, second in zip(ids, seconds, strict=True)}
    assert direction_by_dates(rows(ids), dated(dates)) is newest_last


def test_rows_without_a_date_or_unread_say_nothing() -> None:
    dates = {"a": "2026-01-01T00:00:00Z", "b": None, "d": "2026-01-01T00:00:09Z", "c": "soon"}
    assert direction_by_dates(rows("abcde"), dated(dates)) is True


@pytest.mark.parametrize(
    ("ids", "newest_last"),
    [(["1", "5", "12"], True), (["12", "5", "1"], False), (["a", "b"], None), (["7"], None)],
)
def test_numbers_make_a_guess(ids: list[str], newest_last: bool | None) -> None:
    assert direction_by_numbers([Row(one, "text") for one in ids]) is newest_last


@given(st.lists(st.integers(0, 9), max_size=6))
def test_the_other_way_round_says_the_opposite(seconds: list[int]) -> None:
    ids = "abcdef"[: len(seconds)]
    dates = {one: f"2026-01-01T00:00:0{second}Z" for one, second in zip(ids, seconds, strict=True)}
    forth = direction_by_dates(rows(ids), dated(dates))
    back = direction_by_dates(rows(ids[::-1]), dated(dates))
    assert back is (None if forth is None else not forth)
