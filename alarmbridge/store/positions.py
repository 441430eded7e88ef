"""Positions of events: which have been seen, and who may still write one before them."""

from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Text, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from alarmbridge.store.tables import PENDING, deliveries, delivery_remarks, operator_actions
from alarmbridge.store.transaction import QUICK, Transaction

_LATEST = 50


class _Writers(ColumnElement[str | None]):
    """Who holds the lock that writing an event takes, by his virtual transaction."""

    inherit_cache = True
    type = cast("TypeEngine[str | None]", Text())


@compiles(_Writers)
def _nobody(_: _Writers, __: SQLCompiler, **___: Any) -> str:
    return "NULL"


@compiles(_Writers, "postgresql")
def _by_locks(_: _Writers, __: SQLCompiler, **___: Any) -> str:
    return (
        "(SELECT string_agg(virtualtransaction, ' ') FROM pg_locks "
        "WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
        "AND relation = 'events'::regclass)"
    )


_WRITERS = select(_Writers().label("writers")).execution_options(**QUICK)


async def list_writers(tx: Transaction) -> frozenset[str]:
    """Name the transactions that may hold positions which cannot be seen yet.

    PostgreSQL gives positions out before a transaction ends, and in no order of the ends. Whoever
    inserts an event holds a lock of its table from before that until after it can be seen. In
    SQLite one writes after the other, and there is nobody.

    What is to be compared with this must have been read in a transaction before; what is to be
    relied on because nobody is left, in one after.
    """
    return frozenset(((await tx.execute(_WRITERS)).rows[0].writers or "").split())


@dataclass(frozen=True, slots=True)
class Marks:
    """What moves when somebody did something, or deliveries got on. action: the latest's id."""

    action: int
    others: tuple[object, ...]


_RECENT = (
    select(operator_actions.c.id).order_by(operator_actions.c.id.desc()).limit(_LATEST).subquery()
)
_WAITING = deliveries.c.state == PENDING
_MARKS = select(
    select(func.coalesce(func.max(operator_actions.c.id), 0)).scalar_subquery().label("action"),
    # The sum, because one that was written earlier may be seen later.
    select(func.sum(_RECENT.c.id)).scalar_subquery(),
    select(func.max(delivery_remarks.c.id)).scalar_subquery(),
    select(func.min(deliveries.c.id)).where(_WAITING).scalar_subquery(),
    select(func.max(deliveries.c.id)).where(_WAITING).scalar_subquery(),
).execution_options(**QUICK)


async def read_marks(tx: Transaction) -> Marks:
    """Read what a page goes by to look again; it costs the same however much there is.

    Deliveries are seen by their remarks, and by the first and the last that wait.
    """
    action, *others = tuple((await tx.execute(_MARKS)).rows[0])
    return Marks(action, tuple(others))
