"""Silences, as the archive keeps them."""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, Text, bindparam, cast, insert, select, update

from alarmbridge.core.filters import Match
from alarmbridge.core.holds import SILENCE
from alarmbridge.core.match_json import match_as_json, parse_match
from alarmbridge.core.silence import Place, Silence
from alarmbridge.store.column_types import Instant
from alarmbridge.store.holds import release_held
from alarmbridge.store.page import BadCursor, Cursors, Page, moment_place, page_of, size_of
from alarmbridge.store.tables import silences
from alarmbridge.store.transaction import QUICK, Transaction

_CURSORS = Cursors("silences")
# The match as it is written, so that one that was read before need not be read again.
_SELECT = select(
    silences.c.id,
    cast(silences.c.match, Text).label("written"),
    silences.c.starts_at,
    silences.c.ends_at,
    silences.c.comment,
    silences.c.author,
    silences.c.created_at,
)
# Those that stand have no bound: whoever is shown them must not miss one.
_STANDING = _SELECT.where(silences.c.ends_at > bindparam("now", type_=Instant)).order_by(
    silences.c.id.desc()
)
_ENDED = _SELECT.where(
    silences.c.ends_at > bindparam("since", type_=Instant),
    silences.c.ends_at <= bindparam("now", type_=Instant),
).order_by(silences.c.ends_at.desc(), silences.c.id.desc())
# In no order: for one by id, SQLite would go through all that ever were instead of the index.
_AROUND = _SELECT.where(
    silences.c.ends_at > bindparam("since", type_=Instant),
    silences.c.starts_at <= bindparam("now", type_=Instant),
).execution_options(**QUICK)
_ONE = _SELECT.where(silences.c.id == bindparam("number")).execution_options(**QUICK)
_ADD = insert(silences).returning(silences.c.id).execution_options(**QUICK)
_EXPIRE = (
    update(silences)
    .where(silences.c.id == bindparam("number"), silences.c.ends_at > bindparam("now"))
    .values(ends_at=bindparam("now"))
    .execution_options(**QUICK)
)


async def add_silence(
    tx: Transaction,
    *,
    match: Match,
    starts_at: datetime,
    ends_at: datetime,
    comment: str = "",
    author: str = "",
    now: datetime,
) -> Silence:
    """Add a silence; it holds from the next look of each lane on."""
    row = {
        "match": match_as_json(match),
        "starts_at": starts_at,
        "ends_at": ends_at,
        "comment": comment,
        "author": author,
        "created_at": now,
    }
    number = (await tx.execute(_ADD, row)).rows[0].id
    return Silence(
        id=str(number),
        match=match,
        starts_at=starts_at,
        ends_at=ends_at,
        comment=comment,
        author=author,
        created_at=now,
    )


async def silences_around(
    tx: Transaction, now: datetime, *, since: datetime
) -> tuple[Silence, ...]:
    """Load the silences that are in force at some moment from since to now, by id."""
    rows = (await tx.execute(_AROUND, {"since": since, "now": now})).rows
    return tuple(_silence_of(row) for row in sorted(rows, key=attrgetter("id")))


async def fetch_silence(tx: Transaction, number: int) -> Silence | None:
    """Load one silence; None when there is none of that number."""
    rows = (await tx.execute(_ONE, {"number": number})).rows
    return _silence_of(rows[0]) if rows else None


async def list_silences(
    tx: Transaction,
    *,
    now: datetime,
    configured: Sequence[Silence] = (),
    include_ended: bool = False,
    limit: int = 100,
    after: str | None = None,
) -> Page[Silence]:
    """List silences, the latest added first; raises BadCursor.

    configured: those of the configuration, in order of starts and ids; they come before the others.
    include_ended: also those that are over.
    """
    first, number = (configured, None) if after is None else _behind(configured, after)
    size = size_of(limit) + 1
    statement = _SELECT.order_by(silences.c.id.desc()).limit(size)
    if not include_ended:
        statement = statement.where(silences.c.ends_at > now)
    if number is not None:
        statement = statement.where(silences.c.id < number)
    rows = (await tx.execute(statement)).rows
    found = [*first, *map(_silence_of, rows)][:size]
    return page_of(found, [_place(one) for one in found], _CURSORS, limit=limit)


def _place(one: Silence) -> str:
    return one.id if one.place is Place.ARCHIVE else moment_place(one.starts_at, one.id)


def _behind(configured: Sequence[Silence], after: str) -> tuple[Sequence[Silence], int | None]:
    """Say which of the configuration come behind a page, and behind which number it goes on."""
    try:
        return (), _CURSORS.read_number(after)
    except BadCursor:
        place = _CURSORS.read_moment(after)
    return [one for one in configured if (one.starts_at, one.id) > place], None


async def silences_shown(
    tx: Transaction, now: datetime, *, since: datetime, limit: int
) -> tuple[Silence, ...]:
    """Load all silences in force or to come, the latest added first, and behind them the ended.

    since: of those that ended later than this, at most `limit`, the last that ended first.
    """
    standing = (await tx.execute(_STANDING, {"now": now})).rows
    ended = (await tx.execute(_ENDED.limit(limit), {"since": since, "now": now})).rows
    return tuple(_silence_of(row) for row in (*standing, *ended))


async def expire_silence(tx: Transaction, number: int, *, now: datetime) -> bool:
    """End a silence now, and release what waits for it; False when it is over or not there."""
    if not (await tx.execute(_EXPIRE, {"number": number, "now": now})).count:
        return False
    await release_held(tx, f"{SILENCE}{number}", now=now)
    return True


def _silence_of(row: Row[Any]) -> Silence:
    return Silence(
        id=str(row.id),
        match=_read_match(row.written),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        comment=row.comment,
        author=row.author,
        created_at=row.created_at,
    )


@lru_cache(maxsize=1024)
def _read_match(written: str) -> Match:
    return parse_match(json.loads(written))
