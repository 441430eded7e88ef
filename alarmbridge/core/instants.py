"""Instants as people write them: with an offset, or as local time where a zone is known."""

import re
from datetime import UTC, datetime, timedelta, tzinfo

_WRITTEN = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_YEARS = range(1970, 3000)
_OUTSIDE = f"must lie between the years {_YEARS[0]} and {_YEARS[-1]}"


def parse_instant(text: str, zone: tzinfo | None = None) -> datetime:
    """Read `2026-11-23T21:04:05Z` (RFC 3339) and give it in UTC; raises ValueError.

    zone: where a time without an offset is local time; None refuses it. A local time that the
    clock skips there or shows twice is refused as well, since it names no one moment.
    """
    try:
        # Checked first: fromisoformat reads far more than what is promised.
        written = text.upper() if re.fullmatch(_WRITTEN, text.upper()) else ""
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise ValueError(f"must be a time such as {_EXAMPLES[zone is None]}") from None
    if moment.year not in _YEARS:
        raise ValueError(_OUTSIDE)
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    if zone is None:
        raise ValueError("needs its offset from UTC, such as Z or +02:00, at its end")
    return _place(moment, zone)


def end_of(start: datetime, length: timedelta) -> datetime:
    """Count an end from a start in UTC; raises ValueError for one that could not be written."""
    end = start + length
    if end.year not in _YEARS:
        raise ValueError(f"makes an end that {_OUTSIDE}")
    return end


_EXAMPLES = {True: "2026-11-23T21:04:05Z", False: "2026-11-23 21:04 or 2026-11-23T21:04:05Z"}


def _place(local: datetime, zone: tzinfo) -> datetime:
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first.astimezone(zone).replace(tzinfo=None) != local:
        raise ValueError("does not come there: the clock is put forward over it")
    if first != second:
        raise ValueError("comes twice there, for the clock is put back; add its offset from UTC")
    return first
