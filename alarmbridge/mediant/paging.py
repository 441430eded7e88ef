"""A table, page by page, whatever a device makes of its cursors (docs/design.md, "Lists")."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from alarmbridge.core.errors import BadAnswer
from alarmbridge.core.reading import Row
from alarmbridge.mediant.client import AlarmsClient, Refusal, Table
from alarmbridge.mediant.parse import Page

LIMIT = 100
"""Rows asked for at once; the device may give fewer."""

MAX_ROWS = 4096
MAX_PAGES = 1100
"""Requests for one listing, with all its new starts."""

_NEW_STARTS = 3


@dataclass(frozen=True, slots=True)
class Listing:
    """What a table listed, in the device's order.

    complete: read to an end that the device marked, or to where the caller had enough.
    torn_reason: why rows may be missing or too many; None when nothing speaks for it.
    """

    rows: tuple[Row, ...]
    complete: bool
    torn_reason: str | None = None


Enough = Callable[[Sequence[Row]], bool]
"""Given a whole page, whether the rest of the table need not be read."""


async def fetch_table(
    client: AlarmsClient, table: Table, *, stop_when: Enough | None = None
) -> Listing:
    """List a table from its top to its end.

    A cursor that got lost, because its alarm has gone, makes the walk start over from the top.
    After some starts the last walk's rows are returned as torn. Raises BadAnswer when there are
    none, when the cursor runs in circles, and beyond the bounds.
    """
    walk = _Walk(client, table, stop_when)
    end = await walk.run()
    for _ in range(_NEW_STARTS):
        if isinstance(end, Listing):
            return end
        end = await walk.run()
    if isinstance(end, Listing):
        return end
    if end.circling or not end.rows:
        raise BadAnswer(f"{client.name}: its {table} table cannot be listed: {end.reason}")
    return Listing(end.rows, complete=False, torn_reason=end.reason)


@dataclass(frozen=True, slots=True)
class _Lost:
    """A walk that lost its way. circling: it met nothing new, so it might go on for ever."""

    reason: str
    rows: tuple[Row, ...]
    circling: bool = False


class _Walk:
    """Walks a table from its top, as often as it is told to; its bounds hold for all walks."""

    def __init__(self, client: AlarmsClient, table: Table, stop_when: Enough | None) -> None:
        self._client = client
        self._table = table
        self._stop_when = stop_when
        self._limit: int | None = LIMIT
        self._pages_left = MAX_PAGES
        self._rows: dict[str, Row] = {}
        self._torn_reason: str | None = None

    async def run(self) -> Listing | _Lost:
        self._rows, self._torn_reason = {}, None
        cursors: set[str] = set()
        page = await self._first_page()
        while True:
            lost = self._take(page)
            if lost is not None:
                return lost
            if page.rows and self._stop_when is not None and self._stop_when(page.rows):
                return self._listing(complete=True)
            if page.after is None:
                return await self._end(page)
            if page.after in cursors:
                return self._lost("its cursor runs in circles", circling=True)
            cursors.add(page.after)
            following = await self._ask(page.after)
            if isinstance(following, Refusal):
                return self._lost(f"its cursor got lost (HTTP {following.status})")
            page = following

    async def _first_page(self) -> Page:
        page = await self._ask(None)
        if isinstance(page, Refusal) and self._limit is not None:
            self._limit = None
            page = await self._ask(None)
        if isinstance(page, Refusal):
            raise BadAnswer(page.reason)
        return page

    async def _ask(self, after: str | None) -> Page | Refusal:
        if not self._pages_left:
            raise BadAnswer(f"{self._client.name}: its {self._table} table has no end")
        self._pages_left -= 1
        return await self._client.fetch_page(self._table, after=after, limit=self._limit)

    def _take(self, page: Page) -> _Lost | None:
        """Add a page's rows, unless some are from an earlier page: then the table has moved."""
        fresh = {row.id: row for row in page.rows}
        repeated = sum(alarm_id in self._rows for alarm_id in fresh)
        if repeated:
            circling = repeated == len(fresh)
            return self._lost("its pages show the same alarms again", circling=circling)
        if len(fresh) < len(page.rows):
            self._torn_reason = "one page shows an alarm twice"
        self._rows |= fresh
        if len(self._rows) > MAX_ROWS:
            raise BadAnswer(f"{self._client.name}: its {self._table} table has no end")
        return None

    async def _end(self, page: Page) -> Listing | _Lost:
        if page.rows or not self._rows:
            return self._listing(complete=page.has_cursor or not page.rows)
        # Nothing after a cursor is the end, or what becomes of a cursor whose alarm has gone;
        # the alarm before it tells which.
        last = next(reversed(self._rows))
        fetch = {
            Table.ACTIVE: self._client.fetch_active,
            Table.HISTORY: self._client.fetch_history,
        }
        if await fetch[self._table](last) is None:
            return self._lost("its cursor got lost (the alarm before it has gone)")
        return self._listing(complete=True)

    def _listing(self, *, complete: bool) -> Listing:
        torn = self._torn_reason
        return Listing(tuple(self._rows.values()), complete and torn is None, torn)

    def _lost(self, reason: str, *, circling: bool = False) -> _Lost:
        return _Lost(reason, tuple(self._rows.values()), circling)
