"""When certificates end."""

from datetime import timedelta

import pytest
from core_cases import NOW

from alarmbridge.core.bridge import CERTIFICATE_EXPIRED, CERTIFICATE_EXPIRING
from alarmbridge.core.expiry import Ending, ending_certificates, words_of_ends

DAY = timedelta(days=1)


def ending(left: timedelta) -> Ending:
    return Ending("TLS context 0", "TLS context 0 (default)", NOW + left)


@pytest.mark.parametrize(
    ("left", "name"),
    [
        (31 * DAY, None),
        (30 * DAY, CERTIFICATE_EXPIRING),
        (timedelta(seconds=1), CERTIFICATE_EXPIRING),
        (timedelta(0), CERTIFICATE_EXPIRED),
        (-400 * DAY, CERTIFICATE_EXPIRED),
    ],
)
def test_a_certificate_is_an_alarm_by_how_long_it_is_good(
    left: timedelta, name: str | None
) -> None:
    wanted = ending_certificates([ending(left)], within=30 * DAY, now=NOW)
    assert list(wanted) == ([(name, "TLS context 0")] if name else [])


def test_its_words_are_the_same_every_day() -> None:
    ends = [ending(9 * DAY)]
    today = ending_certificates(ends, within=30 * DAY, now=NOW)
    assert today == ending_certificates(ends, within=30 * DAY, now=NOW + DAY)


def test_the_end_of_its_alarm_says_what_holds_then() -> None:
    good, over = (words_of_ends([ending(left)], now=NOW) for left in (90 * DAY, -DAY))
    for name in (CERTIFICATE_EXPIRING, CERTIFICATE_EXPIRED):
        for found, verb in ((good, "is good until"), (over, "ended")):
            words = found[name, "TLS context 0"]
            assert words.startswith(f"The certificate of TLS context 0 (default) {verb} 20")
