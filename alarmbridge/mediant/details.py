"""The details that a sync has to read, one request each, and only those."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from alarmbridge.core.reading import Known, Reading, Row
from alarmbridge.mediant.client import AlarmsClient
from alarmbridge.mediant.direction import (
    direction_by_dates,
    direction_by_numbers,
    direction_by_place,
)

Found = tuple[dict[str, Reading], frozenset[str]]
"""What was read, by id, and the ids whose own URL says that they are there no longer."""


@dataclass(frozen=True, slots=True)
class ActiveDetails:
    """The active rows that may still stand, and what was read of them.

    gone: ids that were listed, but whose own URL says that they are active no longer. Those that
    were known stay among the rows: list and URL have to agree on a clear, or the next read will.
    asked: how many requests it took. left: how many rows that bring news are unread.
    """

    rows: tuple[Row, ...]
    details: dict[str, Reading]
    gone: frozenset[str]
    asked: int
    left: int


@dataclass(frozen=True, slots=True)
class HistoryDetails:
    """The history rows that still stand, oldest first, and what was read of them.

    newest_last: how the device lists them, None when this read did not show it.
    left: how many rows that bring news are unread.
    """

    rows: tuple[Row, ...]
    details: dict[str, Reading]
    newest_last: bool | None
    left: int


async def read_active(
    client: AlarmsClient, known: Known, rows: Sequence[Row], *, budget: int
) -> ActiveDetails:
    """Read the rows that bring news and, when the sync verifies, the others while it lasts."""
    news = [row.id for row in rows if known.active.get(row.id) != row.description]
    new = set(news)
    others = [row.id for row in rows if row.id not in new] if known.verify else []
    asked = (news + others)[:budget]
    details, gone = await read_each(client.fetch_active, asked)
    standing = tuple(row for row in rows if row.id not in gone or row.id in known.active)
    return ActiveDetails(standing, details, gone, len(asked), max(0, len(news) - budget))


async def read_history(
    client: AlarmsClient, known: Known, rows: Sequence[Row], *, budget: int
) -> HistoryDetails:
    """Read the rows that bring news, oldest first, and put all rows into that order."""
    news = [row for row in rows if known.history.get(row.id) != row.description]
    learnt, (details, gone) = await _learn_direction(
        client, known, rows, pressed=len(news) > budget > 0
    )
    supposed = _first_told(learnt, known.newest_last, direction_by_numbers(rows))
    ordered = _oldest_first(news, newest_last=supposed)
    unread = [row.id for row in ordered if row.id not in details and row.id not in gone]
    more, more_gone = await read_each(client.fetch_history, unread[: max(0, budget - len(details))])
    details, gone = details | more, gone | more_gone
    if learnt is None and known.newest_last is None:
        learnt = direction_by_dates(rows, details)
        supposed = _first_told(learnt, supposed)
    standing = [row for row in rows if row.id not in gone]
    oldest_first = _oldest_first(standing, newest_last=supposed)
    new = {row.id for row in news}
    left = sum(row.id in new and row.id not in details for row in standing)
    told = _before_the_first_unread([row for row in oldest_first if row.id in new], details)
    return HistoryDetails(tuple(oldest_first), told, learnt, left)


async def read_each(fetch: Callable[[str], Awaitable[Reading | None]], ids: Iterable[str]) -> Found:
    """Read alarms at once, as far as the transport lets."""
    tasks = {alarm_id: asyncio.ensure_future(fetch(alarm_id)) for alarm_id in ids}
    try:
        found = dict(zip(tasks, await asyncio.gather(*tasks.values()), strict=True))
    finally:
        # One failure fails the read, so the rest must not go on asking behind its back.
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
    details = {alarm_id: reading for alarm_id, reading in found.items() if reading is not None}
    return details, frozenset(found.keys() - details.keys())


async def _learn_direction(
    client: AlarmsClient, known: Known, rows: Sequence[Row], *, pressed: bool
) -> tuple[bool | None, Found]:
    """Find out which way the history runs, as far as that can be told before it is read.

    pressed: not all news can be read now, so that it matters where to begin. Then, and where
    place and memory contradict each other, the dates of the two ends decide.
    """
    placed = direction_by_place(rows, known.history)
    contradicted = placed is not None and known.newest_last not in {None, placed}
    undecided = placed is None and known.newest_last is None
    if not contradicted and not (undecided and pressed):
        return placed, ({}, frozenset())
    ends = dict.fromkeys([rows[0].id, rows[-1].id])
    found = await read_each(client.fetch_history, ends)
    return direction_by_dates(rows, found[0]), found


def _first_told(*directions: bool | None) -> bool:
    return next((one for one in directions if one is not None), True)


def _oldest_first(rows: Sequence[Row], *, newest_last: bool) -> list[Row]:
    return list(rows) if newest_last else list(reversed(rows))


def _before_the_first_unread(
    oldest_first: Sequence[Row], details: dict[str, Reading]
) -> dict[str, Reading]:
    """Keep the details that leave no row out before them, because history is told in order."""
    kept: dict[str, Reading] = {}
    for row in oldest_first:
        if row.id not in details:
            break
        kept[row.id] = details[row.id]
    return kept
