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
        if one.at <= now:
            wanted[CERTIFICATE_EXPIRED, one.subject] = _in_words(one, "ended")
        elif one.at - now <= within:
            wanted[CERTIFICATE_EXPIRING, one.subject] = _in_words(one, "ends")
    return wanted


def words_of_ends(endings: Iterable[Ending], *, now: datetime) -> dict[tuple[str, str], str]:
    """Say what the end of an alarm of `NAMES` is to say, by name and subject: what holds now.

    A certificate may have been renewed, or have ended, which is another alarm.
    """
    return {
        (name, one.subject): _in_words(one, "ended" if one.at <= now else "is good until")
        for one in endings
        for name in NAMES
    }


def _in_words(one: Ending, verb: str) -> str:
    return f"The certificate of {one.called} {verb} {one.at:%Y-%m-%d %H:%M UTC}."
