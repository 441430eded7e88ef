from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alarmbridge.sinks.answers import LONGEST_WAIT, judge, parse_retry_after

NOW = datetime(2026, 11, 23, 21, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("42", 42),
        (" 7 ", 7),
        ("-5", 0),
        ("3601", 3600),
        ("315360000", 3600),
        ("9" * 5000, 3600),
        ("-" + "9" * 5000, 0),
        ("Mon, 23 Nov 2026 21:05:05 GMT", 60),
        ("Monday, 23-Nov-26 21:05:05 GMT", 60),
        ("Mon Nov 23 21:05:05 2026", 60),
        ("Mon, 23 Nov 2026 22:05:05 +0100", 60),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0),
        ("Sun, 06 Nov 2094 08:49:37 GMT", 3600),
    ],
)
def test_seconds_and_dates_are_read_and_kept_within_an_hour(text: str, seconds: int) -> None:
    assert parse_retry_after(text, now=NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", [None, "", "soon", "1.5", "1e3", "+5", "--5", "٤٢", "Mon, 99 Foo 2026", "0x10", "NaN"]
)
def test_garbage_is_ignored(text: str | None) -> None:
    assert parse_retry_after(text, now=NOW) is None


@settings(deadline=None)
@given(st.text() | st.from_regex(r"[A-Z][a-z]{2}, [0-9]{1,3} [A-Z][a-z]{2} [0-9]{1,6} .*"))
def test_no_text_breaks_the_parser_or_its_bounds(text: str) -> None:
    wait = parse_retry_after(text, now=NOW)
    assert wait is None or timedelta(0) <= wait <= LONGEST_WAIT


@settings(deadline=None)
@given(st.integers(min_value=-(10**9), max_value=10**9))
def test_a_date_says_how_long_to_wait(seconds: int) -> None:
    at = NOW + timedelta(seconds=seconds)
    expected = min(max(at - NOW, timedelta(0)), LONGEST_WAIT)
    assert parse_retry_after(format_datetime(at, usegmt=True), now=NOW) == expected


@settings(deadline=None)
@given(st.integers(min_value=100, max_value=999))
def test_only_2xx_accepts_and_no_status_breaks_the_words(status: int) -> None:
    error = judge(far_end="https://x", status=status, retry_after=None, now=NOW)
    assert (error is None) == (200 <= status < 300)
    assert error is None or str(status) in error.reason
