"""What a far end's HTTP answer means: accepted, refused for good, gone, or worth another try."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from alarmbridge.core.errors import SinkError

LONGEST_WAIT = timedelta(hours=1)
"""However long a far end asks us to wait, we ask again by then."""

_PERMANENT = frozenset({400, 413, 422})
_GONE = 410
_HINTS = {
    401: "; check the credentials",
    403: "; check the credentials",
    404: "; check the url",
}
_LONGEST_NUMBER = 9


def judge(*, far_end: str, status: int, retry_after: str | None, now: datetime) -> SinkError | None:
    """Say why an answer does not accept, or None when it does (docs/design.md, "Delivery").

    far_end: what may be shown of it. retry_after: the header as it came.
    """
    if 200 <= status < 300:  # noqa: PLR2004 - HTTP's own classes
        return None
    if 300 <= status < 400:  # noqa: PLR2004 - HTTP's own classes
        return SinkError(f"{far_end} redirects elsewhere ({status}); configure the url it leads to")
    return SinkError(
        f"{far_end} answered {status}{_phrase(status)}{_HINTS.get(status, '')}",
        permanent=status in _PERMANENT,
        gone=status == _GONE,
        retry_after=parse_retry_after(retry_after, now=now),
    )


def parse_retry_after(text: str | None, *, now: datetime) -> timedelta | None:
    """Read seconds or an HTTP date (RFC 9110, 10.2.3), within 0 to 1 h; None for anything else."""
    stripped = (text or "").strip()
    digits = stripped.removeprefix("-")
    if digits.isascii() and digits.isdigit():
        # Python refuses to read a number of thousands of digits at all.
        wait = timedelta(seconds=int(digits)) if len(digits) <= _LONGEST_NUMBER else LONGEST_WAIT
        wait = wait if digits == stripped else -wait
    else:
        date = _parse_date(stripped)
        if date is None:
            return None
        wait = date - now
    return min(max(wait, timedelta(0)), LONGEST_WAIT)


def _parse_date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date


def _phrase(status: int) -> str:
    # Not the far end's own phrase: it could hold anything, what we sent included.
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""
