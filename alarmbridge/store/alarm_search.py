"""Alarms by their words, those first that were entered last."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, literal, select

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.search_words import wanted_words
from alarmbridge.store.alarm_filter import (
    AlarmFilter,
    conditions_of,
    load_alarms,
    load_meant,
    of_meant,
)
from alarmbridge.store.alarm_words import alarm_words
from alarmbridge.store.page import Cursors, Page, page_of, size_of
from alarmbridge.store.tables import alarm_texts, alarms
from alarmbridge.store.transaction import Transaction
from alarmbridge.store.word_facets import wanted_facets
from alarmbridge.store.word_question import groups_of, has_words, read_words
from alarmbridge.store.word_sql import NewestWhereUnordered, Sorted

_CURSORS = Cursors("alarms by their words")

# Of more devices each alarm that is found is asked, not the index of words.
_MOST_TOKENS = 120

# So many of the newest alarms are read first, where the index would gather all its finds.
_LOOK = 20_000

# So many finds of the index are checked first against what it does not know.
_SOME = 3000

_DATES = select(
    select(func.min(alarms.c.dated_at)).scalar_subquery().label("first"),
    select(func.max(alarms.c.dated_at)).scalar_subquery().label("last"),
)


async def search_alarms(
    tx: Transaction, wanted: AlarmFilter, text: str, *, limit: int, after: str | None
) -> Page[Alarm]:
    """List the alarms that have all these words and fit; raises BadCursor.

    SQLite's index gives the newest alarms with a word one by one. PostgreSQL's has no order, and of
    words that begin somehow both gather all first. So the newest alarms are read themselves: that
    is enough where the words are common, and where they are rare there is little to gather.
    """
    behind = [] if after is None else [alarm_words.c.rowid < _CURSORS.read_number(after)]
    words = wanted_words(text)
    meant = await load_meant(tx, wanted)
    if not words or (meant is not None and not meant):
        return Page(())
    few = meant is not None and len(meant) <= _MOST_TOKENS
    facets = wanted_facets(
        severities=wanted.all_severities,
        states=wanted.states,
        devices=[device.name for device in meant or ()] if few else (),
        span=await _span(tx, wanted),
    )
    groups = groups_of(words, facets)
    exact = conditions_of(replace(wanted, states=()), alarms)
    if meant is not None and not few:
        exact.append(of_meant(wanted, alarms.c.device_id))
    size = size_of(limit) + 1
    begins = any(word.begins for word in words)
    newest = select(alarm_words).where(*behind).order_by(alarm_words.c.rowid.desc())
    look = newest.limit(_LOOK if begins else NewestWhereUnordered(literal(_LOOK))).subquery()
    found = select(look.c.rowid).where(read_words(groups, look.c.words))
    rows = await _hits(tx, found, look.c.rowid, exact, size)
    if len(rows) < size:
        rows = await _ask_index(tx, has_words(groups), behind, exact, size)
    found_alarms = await load_alarms(tx, [row.alarm_id for row in rows])
    return page_of(found_alarms, [str(row.rowid) for row in rows], _CURSORS, limit=limit)


async def _ask_index(
    tx: Transaction,
    has: ColumnElement[bool],
    behind: Sequence[ColumnElement[bool]],
    exact: Sequence[ColumnElement[bool]],
    size: int,
) -> Sequence[Row[Any]]:
    """Load the newest that the index finds; of conditions that it does not know, a few finds first.

    Because those are mostly enough, and each find that is checked costs a look at its alarm.
    """
    found = select(alarm_words.c.rowid).where(has, *behind)
    place = Sorted(alarm_words.c.rowid)
    if exact:
        # With the place among its columns, or PostgreSQL would not see that it is sorted, and
        # check all before it sorts them again.
        newest = found.add_columns(place.label("place")).order_by(place.desc())
        some = newest.limit(_SOME).subquery()
        rows = await _hits(tx, select(some.c.rowid), some.c.place, exact, size)
        if len(rows) == size:
            return rows
    return await _hits(tx, found, place, exact, size)


async def _hits(
    tx: Transaction,
    found: Select[Any],
    place: ColumnElement[int],
    exact: Sequence[ColumnElement[bool]],
    size: int,
) -> Sequence[Row[Any]]:
    """Load the newest of what was found.

    found: selects the rowids. place: what they are sorted by.
    """
    (number,) = found.selected_columns
    statement = (
        found.add_columns(alarm_texts.c.alarm_id)
        .join(alarm_texts, alarm_texts.c.number == number)
        .order_by(place.desc())
        .limit(size)
    )
    if exact:
        statement = statement.join(alarms, alarms.c.id == alarm_texts.c.alarm_id).where(*exact)
    return (await tx.execute(statement)).rows


async def _span(tx: Transaction, wanted: AlarmFilter) -> tuple[datetime, datetime] | None:
    """Bound the time that is asked for by what there is; None where none is."""
    first, last = wanted.raised_after, wanted.raised_before
    if first is None and last is None:
        return None
    found = (await tx.execute(_DATES)).rows[0]
    if found.first is None:
        return None
    return max(first or found.first, found.first), min(last or found.last, found.last)
