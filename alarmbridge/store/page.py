"""Pages of long lists: where one ends, and where the next goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from alarmbridge.core.errors import StoreError

T = TypeVar("T")

MOST = 1000
"""Rows of the largest page."""


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


def page_of(items: Sequence[T], places: Sequence[str], *, limit: int) -> Page[T]:
    """Make a page of one item more than asked for, which only tells that there are more.

    places: each item's cursor.
    """
    size = size_of(limit)
    more = len(items) > size
    return Page(tuple(items[:size]), places[size - 1] if more else None)


def read_row_id(text: str) -> int | None:
    """Read a row's number as people and cursors write it; None for what can be none."""
    fits = text.isascii() and text.isdigit() and len(text) < 19  # noqa: PLR2004 - fits 64 bits
    return int(text) if fits else None


def parse_number(cursor: str) -> int:
    """Read the cursor of a list in the order of numbers."""
    number = read_row_id(cursor)
    if number is None:
        raise BadCursor(f"{cursor!r} is no cursor of this list; start without one.")
    return number


def moment_place(at: datetime, row_id: str) -> str:
    """Write the cursor of a list in the order of time; ids part what is of one moment.

    With a Z: a plus that somebody does not encode in his URL would come as a blank.
    """
    return f"{at.astimezone(UTC).isoformat().replace('+00:00', 'Z')}~{row_id}"


def parse_moment(cursor: str) -> tuple[datetime, str]:
    """Read what `moment_place` wrote."""
    text, _, row_id = cursor.partition("~")
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not row_id or "\0" in cursor:
        raise BadCursor(f"{cursor!r} is no cursor of this list; start without one.")
    return at, row_id
