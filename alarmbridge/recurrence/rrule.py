"""Rules written as RFC 5545 writes them: RRULE, with DTSTART before it or apart."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice
from typing import Any

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule, weekday

_FREQUENCIES = {"DAILY": DAILY, "WEEKLY": WEEKLY, "MONTHLY": MONTHLY, "YEARLY": YEARLY}
_WEEKDAYS = {day: weekday(at) for at, day in enumerate(("MO", "TU", "WE", "TH", "FR", "SA", "SU"))}
_NUMBERS = {
    "INTERVAL": range(1, 1001),
    "COUNT": range(1, 100_001),
    "BYSECOND": range(60),
    "BYMINUTE": range(60),
    "BYHOUR": range(24),
    "BYMONTHDAY": range(1, 32),
    "BYYEARDAY": range(1, 367),
    "BYWEEKNO": range(1, 54),
    "BYMONTH": range(1, 13),
    "BYSETPOS": range(1, 367),
}
_SINGLE = {"INTERVAL", "COUNT"}
_FROM_THE_END = {"BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS"}
_KEYS = ("FREQ", "UNTIL", *_NUMBERS, "BYDAY", "WKST")
# What RFC 5545 (3.3.10) says a frequency must not have; dateutil would make something of it.
_NOT_WITH = {
    "BYWEEKNO": {"DAILY", "WEEKLY", "MONTHLY"},
    "BYYEARDAY": {"DAILY", "WEEKLY", "MONTHLY"},
    "BYMONTHDAY": {"WEEKLY"},
}
_MOST_A_DAY = 48
_LONGEST = 1000
_DAY = timedelta(days=1)

_DTSTART = re.compile(r"DTSTART(?:;TZID=([^:;]+))?:(\S+)", re.IGNORECASE)
_MOMENT = re.compile(r"[0-9]{8}T[0-9]{6}(Z?)")
_BYDAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_NUMBER = re.compile(r"[+-]?[0-9]{1,6}")

# A rule without a start must come to the same from any: these two differ in all that it could
# take from one but the time of day, which is midnight then.
_ANCHORS = (datetime(2001, 1, 1), datetime(2002, 3, 5))  # noqa: DTZ001 - on the wall clock
_COMPARED_SINCE = datetime(2003, 1, 1)  # noqa: DTZ001 - on the wall clock
_COMPARED_MOST = 500


class RRule:
    """One rule in one zone, from its start on."""

    def __init__(self, rule: rrule, zone: tzinfo) -> None:
        self._rule = rule
        self._zone = zone

    def between(self, since: datetime, until: datetime) -> list[datetime]:
        """List when it begins, in UTC and order; both bounds are part of it."""
        # A day more: what is moved out of a skipped hour passes what begins after it.
        first, last = self._local(since) - _DAY, self._local(until) + _DAY
        starts = {self._place(local) for local in self._rule.between(first, last, inc=True)}
        return sorted(start for start in starts if since <= start <= until)

    def after(self, moment: datetime) -> datetime | None:
        """Say when it begins next after a moment."""
        for local in self._rule.xafter(self._local(moment) - _DAY, inc=True):
            start = self._place(local)
            if start > moment:
                return next(one for one in self.between(moment, start) if one > moment)
        return None

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(self._zone).replace(tzinfo=None)

    def _place(self, local: datetime) -> datetime:
        # fold 0 is what RFC 5545 (3.3.5) asks for, in a skipped hour as in one that comes twice.
        return local.replace(tzinfo=self._zone, fold=0).astimezone(UTC)


def parse_rrule(text: str, zone: tzinfo, start: datetime | None = None) -> RRule:
    """Read `FREQ=WEEKLY;BYDAY=SU;BYHOUR=2`; raises ValueError.

    start: DTSTART, unless that is written before the rule. What the rule leaves open follows
    from it. Without one the rule must leave nothing open but the time of day: midnight.
    """
    written, rule = _split(text, zone)
    if written is not None and start is not None:
        raise ValueError("has a DTSTART, and there is a start as well; give one of them")
    parts = _read_parts(rule, zone)
    begin = written or start
    if begin is None:
        return RRule(_without_start(parts), zone)
    local = begin.astimezone(zone).replace(tzinfo=None, microsecond=0)
    return RRule(_from(local, parts), zone)


def _split(text: str, zone: tzinfo) -> tuple[datetime | None, str]:
    """Part DTSTART, if there is one, from the rule."""
    lines = text.split()
    start = None
    if lines and lines[0].upper().startswith("DTSTART"):
        start = _read_start(lines.pop(0), zone)
    if len(lines) != 1 or len(text) > _LONGEST:
        raise ValueError("must be one rule such as FREQ=WEEKLY;BYDAY=SU;BYHOUR=2")
    return start, lines[0].upper().removeprefix("RRULE:")


def _read_start(line: str, zone: tzinfo) -> datetime:
    written = re.fullmatch(_DTSTART, line)
    local = _read_moment(written[2], zone) if written else None
    if written is None or local is None:
        raise ValueError("has a DTSTART that is none; write DTSTART:20261123T020000")
    if written[1] is not None and written[1] != str(zone):
        raise ValueError(f"has a DTSTART in the zone {written[1]}, not in timezone ({zone})")
    return local.replace(tzinfo=zone)


def _read_moment(text: str, zone: tzinfo) -> datetime | None:
    """Read `20261123T020000`, with a Z as the wall clock shows it then; None if it is no moment."""
    written = re.fullmatch(_MOMENT, text.upper())
    if written is None:
        return None
    try:
        moment = datetime.fromisoformat(text.upper())
        return moment.astimezone(zone).replace(tzinfo=None) if written[1] else moment
    except (ValueError, OverflowError):
        return None


def _read_parts(rule: str, zone: tzinfo) -> dict[str, Any]:
    """Read a rule's parts as the arguments of `dateutil`'s."""
    said: dict[str, str] = {}
    for part in rule.split(";"):
        key, _, value = part.partition("=")
        if key not in _KEYS:
            raise ValueError(f"has no part {key[:20]!r}; there are: {', '.join(_KEYS)}")
        if key in said:
            raise ValueError(f"has {key} twice")
        said[key] = value
    _check_together(said)
    parts: dict[str, Any] = {"freq": _FREQUENCIES[said.pop("FREQ")], "wkst": _WEEKDAYS["MO"]}
    for key, value in said.items():
        if key in _NUMBERS:
            numbers = _read_numbers(key, value)
            parts[key.lower()] = numbers[0] if key in _SINGLE else numbers
        elif key == "UNTIL":
            parts["until"] = _read_moment(value, zone)
            if parts["until"] is None:
                raise ValueError("has an UNTIL that is no moment; write UNTIL=20261123T020000Z")
        elif key == "WKST":
            parts["wkst"] = _WEEKDAYS.get(value)
            if parts["wkst"] is None:
                raise ValueError(f"has a WKST that is none of {', '.join(_WEEKDAYS)}")
        else:
            parts["byweekday"] = _read_days(value)
    _check_times(parts)
    return parts


def _check_together(said: Mapping[str, str]) -> None:
    frequency = said.get("FREQ")
    if frequency not in _FREQUENCIES:
        known = ", ".join(_FREQUENCIES)
        raise ValueError(f"needs a FREQ, one of {known}; cron says what comes more often")
    if "COUNT" in said and "UNTIL" in said:
        raise ValueError("has a COUNT and an UNTIL; RFC 5545 allows one of them")
    for key, frequencies in _NOT_WITH.items():
        if key in said and frequency in frequencies:
            raise ValueError(f"has a {key}, which RFC 5545 does not allow with FREQ={frequency}")
    if frequency in ("DAILY", "WEEKLY") and re.search(r"[0-9]", said.get("BYDAY", "")):
        raise ValueError("has a number in BYDAY, which needs FREQ=MONTHLY or YEARLY")


def _read_numbers(key: str, value: str) -> list[int]:
    texts = value.split(",")
    numbers = [int(text) for text in texts if re.fullmatch(_NUMBER, text)]
    known = _NUMBERS[key]
    signed = [abs(number) if key in _FROM_THE_END else number for number in numbers]
    if len(numbers) < len(texts) or not all(number in known for number in signed):
        raise ValueError(f"has a {key} that is not from {known[0]} to {known[-1]}")
    if key in _SINGLE and len(numbers) > 1:
        raise ValueError(f"has several values of {key}")
    return sorted(set(numbers))


def _read_days(value: str) -> list[weekday]:
    days = []
    for text in value.split(","):
        written = re.fullmatch(_BYDAY, text)
        number = int(written[1] or 0) if written else 0
        if written is None or (written[1] and not 1 <= abs(number) <= 53):  # noqa: PLR2004 - weeks of a year
            raise ValueError("has a BYDAY that is not such as SU, 1SU or -1SU")
        days.append(_WEEKDAYS[written[2]](number) if number else _WEEKDAYS[written[2]])
    return days


def _check_times(parts: Mapping[str, Any]) -> None:
    times = 1
    for key in ("byhour", "byminute", "bysecond"):
        times *= len(parts.get(key, (0,)))
    if times > _MOST_A_DAY:
        raise ValueError(f"comes more than {_MOST_A_DAY} times a day; cron says what does")


def _from(start: datetime, parts: Mapping[str, Any]) -> rrule:
    rule = rrule(**parts, dtstart=start, cache=True)
    if next(iter(rule), None) is None:
        raise ValueError("never comes")
    return rule


def _without_start(parts: Mapping[str, Any]) -> rrule:
    rules = [_from(anchor, parts) for anchor in _ANCHORS]
    first, second = (
        list(islice(rule.xafter(_COMPARED_SINCE, inc=True), _COMPARED_MOST)) for rule in rules
    )
    if "count" in parts or parts.get("interval", 1) > 1 or first != second:
        raise ValueError("needs a start, from which follows what it does not say itself")
    return rules[0]
