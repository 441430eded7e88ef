"""Pages of long lists: where one ends, and where the next goes on."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Generic, TypeVar

from alarmbridge.core.errors import StoreError

T = TypeVar("T")

MOST = 1000
"""Rows of the largest page."""

_CHECK = 6


class BadCursor(StoreError):
    """What was given as a cursor is none that a page of this list ended with."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items, newest first. next: the cursor for those after them, None at the end."""

    items: tuple[T, ...]
    next: str | None = None


def size_of(limit: int) -> int:
    """Bound how many items a page may have."""
    return max(1, min(limit, MOST))


@dataclass(frozen=True, slots=True)
class Cursors:
    """Writes and reads the cursors of one list in one order: where a page ended, and a check.

    By the check a list knows its own. What was cut, lengthened or mistyped, and what another list
    gave, is refused. mark: the list and its order, in words that no other has.
    """

    mark: str

    def write(self, place: str) -> str:
        """Write a place as a cursor, which needs no escaping in a URL."""
        check = sha256(f"{self.mark}\n{place}".encode()).hexdigest()[:_CHECK]
        return urlsafe_b64encode(f"{place}{check}".encode()).decode().rstrip("=")

    def read(self, cursor: str) -> str:
        """Read what `write` wrote; raises BadCursor for anything else."""
        try:
            written = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        except ValueError:
            raise _refusal_of(cursor) from None
        place = written[:-_CHECK]
        # Compared as a whole, because base64 has several ways to write the same.
        if self.write(place) != cursor:
            raise _refusal_of(cursor)
        return place

    def read_number(self, cursor: str) -> int:
        """Read the cursor of a list in the order of numbers; raises BadCursor."""
        number = read_row_id(self.read(cursor))
        if number is None:
            raise _refusal_of(cursor)
        return number

    def read_moment(self, cursor: str) -> tuple[datetime, str]:
        """Read the cursor of a list in the order of time, see `moment_place`; raises BadCursor."""
        text, _, row_id = self.read(cursor).partition("~")
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            raise _refusal_of(cursor) from None
        if at.tzinfo is None:
            raise _refusal_of(cursor)
        return at, row_id


def page_of(items: Sequence[T], places: Sequence[str], cursors: Cursors, *, limit: int) -> Page[T]:
    """Make a page of one item more than asked for, which only tells that there are more.

    places: where each item stands. cursors: of the list.
    """
    size = size_of(limit)
    more = len(items) > size
    return Page(tuple(items[:size]), cursors.write(places[size - 1]) if more else None)


def moment_place(at: datetime, row_id: str) -> str:
    """Say where a row stands in the order of time; ids part what is of one moment."""
    return f"{at.astimezone(UTC).isoformat()}~{row_id}"


def read_row_id(text: str) -> int | None:
    """Read a row's number as people and cursors write it; None for what can be none."""
    fits = text.isascii() and text.isdigit() and len(text) < 19  # noqa: PLR2004 - fits 64 bits
    return int(text) if fits else None


def _refusal_of(cursor: str) -> BadCursor:
    return BadCursor(f"{cursor!r} is no cursor of this list; start without one.")
