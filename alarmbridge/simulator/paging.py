"""Pages: the part of a table that limit, after and before ask for (guide 8.1, 8.2)."""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from alarmbridge.simulator.habits import Habits
from alarmbridge.simulator.tables import Row, scramble, unscramble

NO_MORE = "-1"
_LONGEST_NUMBER = 18


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, and the cursors to what follows and precedes them; no rows is the empty page."""

    rows: Sequence[Row]
    after: str = NO_MORE
    before: str = NO_MORE


@dataclass(frozen=True, slots=True)
class Refusal:
    """The HTTP status that a device gives instead of a page: 400 or 404."""

    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pager:
    """Turns the pages of one table as it is now.

    view: its rows in order; rank: where an id belongs in that order; salt: of opaque cursors.
    """

    view: Sequence[Row]
    rank: Callable[[int], int]
    habits: Habits
    salt: int

    def page(self, query: Mapping[str, str]) -> Page | Refusal:
        """Answer a query; `after` wins over `before`, and a limit that is not above 0 is a 400."""
        limit = self.habits.default_limit
        if "limit" in query:
            wanted = _number(query["limit"])
            if not wanted:
                return Refusal(400)
            limit = wanted
        if "after" in query:
            start = self._seek(query["after"], past=True)
        elif "before" in query:
            stop = self._seek(query["before"], past=False)
            if isinstance(stop, Refusal):
                return stop
            start = max(0, stop - min(limit, self.habits.page_cap))
            return self._cut(start, stop)
        else:
            start = 0
        return start if isinstance(start, Refusal) else self._cut(start, self._stop(start, limit))

    def _stop(self, start: int, limit: int) -> int:
        size = min(limit, self.habits.page_cap)
        if self.habits.short_pages and start < len(self.view):
            size = 1 + scramble(self.view[start].id, self.salt) % size
        return min(start + size, len(self.view))

    def _cut(self, start: int, stop: int) -> Page:
        if start >= stop:
            return Page(())
        more = stop < len(self.view) or self.habits.end_mark == "no_content"
        return Page(
            self.view[start:stop],
            after=self._mark(stop - 1, stop) if more else NO_MORE,
            before=self._mark(start, start) if start else NO_MORE,
        )

    def _mark(self, index: int, position: int) -> str:
        match self.habits.cursor:
            case "id":
                return str(self.view[index].id)
            case "position":
                return str(position)
            case "opaque":
                return f"c{scramble(self.view[index].id, self.salt):016x}"

    def _seek(self, cursor: str, *, past: bool) -> int | Refusal:
        """Find the index that a cursor means: of the row it names, or of the one past it."""
        if cursor == NO_MORE:
            return len(self.view) if past else 0
        number = self._read(cursor)
        if number is None:
            return Refusal(400)
        if self.habits.cursor == "position":
            return min(number, len(self.view))
        index = bisect_left(self.view, self.rank(number), key=lambda row: self.rank(row.id))
        if index < len(self.view) and self.view[index].id == number:
            return index + 1 if past else index
        return self._lost(index, past=past)

    def _read(self, cursor: str) -> int | None:
        if self.habits.cursor != "opaque":
            return _number(cursor)
        try:
            return unscramble(int(cursor.removeprefix("c"), 16), self.salt)
        except ValueError:
            return None

    def _lost(self, index: int, *, past: bool) -> int | Refusal:
        match self.habits.lost_cursor:
            case "not_found":
                return Refusal(404)
            case "bad_request":
                return Refusal(400)
            case "no_content":
                return len(self.view) if past else 0
            case "restart":
                return 0 if past else len(self.view)
            case "next":
                return index


def _number(text: str) -> int | None:
    if len(text) > _LONGEST_NUMBER or not (text.isascii() and text.isdecimal()):
        return None
    return int(text)
