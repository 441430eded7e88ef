"""When certificates end: which of them are to be alarms."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from alarmbridge.core.bridge import CERTIFICATE_EXPIRED, CERTIFICATE_EXPIRING

NAMES = (CERTIFICATE_EXPIRING, CERTIFICATE_EXPIRED)


def ending_certificates(
    ends: Mapping[str, datetime], *, within: timedelta, now: datetime
) -> dict[tuple[str, str], str]:
    """Say which alarms of `NAMES` are to stand, by name and subject, with their words.

    ends: by what each certificate is of, such as `TLS context 0 (default)`. The words do not
    count the days, or they would be others every day.
    """
    wanted: dict[tuple[str, str], str] = {}
    for subject, end in ends.items():
        day = end.strftime("%Y-%m-%d %H:%M UTC")
        if end <= now:
            wanted[CERTIFICATE_EXPIRED, subject] = f"The certificate of {subject} ended {day}."
        elif end - now <= within:
            wanted[CERTIFICATE_EXPIRING, subject] = f"The certificate of {subject} ends {day}."
    return wanted
