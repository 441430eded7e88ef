"""When certificates end: which of them are to be alarms."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from alarmbridge.core.bridge import CERTIFICATE_EXPIRED, CERTIFICATE_EXPIRING

NAMES = (CERTIFICATE_EXPIRING, CERTIFICATE_EXPIRED)


@dataclass(frozen=True, slots=True)
class Ending:
    """When a certificate ends. subject: of what, `TLS context 0`; called: with its name too."""

    subject: str
    called: str
    at: datetime


def ending_certificates(
    endings: Iterable[Ending], *, within: timedelta, now: datetime
) -> dict[tuple[str, str], str]:
    """Say which alarms of `NAMES` are to stand, by name and subject, with their words.

    The words do not count the days, or they would be others every day.
    """
    wanted: dict[tuple[str, str], str] = {}
    for one in endings:
        day = one.at.strftime("%Y-%m-%d %H:%M UTC")
        if one.at <= now:
            wanted[CERTIFICATE_EXPIRED, one.subject] = (
                f"The certificate of {one.called} ended {day}."
            )
        elif one.at - now <= within:
            wanted[CERTIFICATE_EXPIRING, one.subject] = (
                f"The certificate of {one.called} ends {day}."
            )
    return wanted
