"""Full-text search: the words of each alarm, kept beside it.

SQLite has them in an FTS5 table, PostgreSQL in a table with an index of its own (GIN); in both it
is called alarm_words, its rowid is the number of the alarm in alarm_texts. That rises as alarms
are entered, so that the newest of a million hits are found without sorting them. What lists are
filtered by most stands among the words as well (`_severity…`), since a common word and a rare
severity are then one question to the index.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Column,
    ColumnElement,
    MetaData,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType

from alarmbridge.core.alarm import Alarm, State
from alarmbridge.core.search_words import WantedWord, words_of
from alarmbridge.core.severity import Severity
from alarmbridge.store.tables import alarm_texts
from alarmbridge.store.transaction import QUICK, Transaction

# No word of a text begins so.
_SEVERITY, _STATE, _DEVICE = "_severity", "_state", "_device"
_HOUR, _DAY, _MONTH = "_hour%Y%m%d%H", "_day%Y%m%d", "_month%Y%m"

# Up to so many days or months a span of time is spelled out for the index.
_MOST_DAYS, _MOST_MONTHS = timedelta(days=62), 1000
_TO_LAST_HOUR = timedelta(hours=23)

# Not among the others: no two databases have it as the same kind of table.
alarm_words = Table(
    "alarm_words",
    MetaData(),
    Column("rowid", BigInteger, primary_key=True),
    Column("words", Text),
)


class _AsWords(FunctionElement[str]):
    """Words, parted by blanks, as the database keeps them."""

    inherit_cache = True
    type = Text()


class _Has(FunctionElement[Any]):
    """Whether the index finds the words of a question: in FTS5's language, in PostgreSQL's."""

    inherit_cache = True
    # As a Boolean it would be compared with 1 where the database has none, which FTS5 cannot.
    type = NullType()


class _Reads(FunctionElement[Any]):
    """Whether words have those of a question, by reading them: as a condition, or as a query."""

    inherit_cache = True
    type = NullType()


class NewestWhereUnordered(FunctionElement[int]):
    """A number where the index of words gives its finds in no order (PostgreSQL), 0 elsewhere."""

    inherit_cache = True
    type = BigInteger()


class Sorted(FunctionElement[int]):
    """A rowid to sort by, on PostgreSQL not by a walk through all of them.

    It would choose that, and take half a minute, where it takes a rare word for a common one.
    """

    inherit_cache = True
    type = BigInteger()


@compiles(NewestWhereUnordered, "sqlite")
def _none(_element: NewestWhereUnordered, _compiler: SQLCompiler, **_options: Any) -> str:
    return "0"


@compiles(NewestWhereUnordered, "postgresql")
@compiles(Sorted, "sqlite")
def _as_it_is(element: FunctionElement[int], compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.clauses, **kw)


@compiles(Sorted, "postgresql")
def _computed(element: Sorted, compiler: SQLCompiler, **kw: Any) -> str:
    return f"{compiler.process(element.clauses, **kw)} + 0"


@compiles(_AsWords, "sqlite")
def _plain(element: _AsWords, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.clauses, **kw)


@compiles(_AsWords, "postgresql")
def _vector(element: _AsWords, compiler: SQLCompiler, **kw: Any) -> str:
    return f"CAST(CAST({compiler.process(element.clauses, **kw)} AS TEXT) AS TSVECTOR)"


@compiles(_Has, "sqlite")
def _match(element: _Has, compiler: SQLCompiler, **kw: Any) -> str:
    question, _ = element.clauses
    return f"alarm_words MATCH {compiler.process(question, **kw)}"


@compiles(_Has, "postgresql")
def _query(element: _Has, compiler: SQLCompiler, **kw: Any) -> str:
    _, question = element.clauses
    said = compiler.process(question, **kw)
    return f"alarm_words.words @@ CAST(CAST({said} AS TEXT) AS TSQUERY)"


@compiles(_Reads, "sqlite")
def _condition(element: _Reads, compiler: SQLCompiler, **kw: Any) -> str:
    condition, _, _ = element.clauses
    return compiler.process(condition, **kw)


@compiles(_Reads, "postgresql")
def _reading(element: _Reads, compiler: SQLCompiler, **kw: Any) -> str:
    _, words, question = element.clauses
    said = compiler.process(question, **kw)
    return f"{compiler.process(words, **kw)} @@ CAST(CAST({said} AS TEXT) AS TSQUERY)"


_NUMBER = select(alarm_texts.c.number).where(alarm_texts.c.alarm_id == bindparam("of_alarm"))
_ENTER = insert(alarm_texts).values(alarm_id=bindparam("of_alarm")).execution_options(**QUICK)
_ADD = (
    insert(alarm_words)
    .from_select(
        ["rowid", "words"],
        select(alarm_texts.c.number, _AsWords(bindparam("said", type_=Text))).where(
            alarm_texts.c.alarm_id == bindparam("of_alarm")
        ),
    )
    .execution_options(**QUICK)
)
_CHANGE = (
    update(alarm_words)
    .where(alarm_words.c.rowid == _NUMBER.scalar_subquery())
    .values(words=_AsWords(bindparam("said", type_=Text)))
    .execution_options(**QUICK)
)
_LEAVING: BindParameter[str] = bindparam("alarm_ids", expanding=True)
_FORGET = (
    delete(alarm_words).where(
        alarm_words.c.rowid.in_(
            select(alarm_texts.c.number).where(alarm_texts.c.alarm_id.in_(_LEAVING))
        )
    ),
    delete(alarm_texts).where(alarm_texts.c.alarm_id.in_(_LEAVING)),
)


async def enter_words(tx: Transaction, alarms: Sequence[Alarm]) -> None:
    """Make alarms that are new be found by their words."""
    rows = [_row(alarm) for alarm in alarms]
    if rows:
        await tx.execute(_ENTER, [{"of_alarm": row["of_alarm"]} for row in rows])
        await tx.execute(_ADD, rows)


async def change_words(tx: Transaction, alarms: Sequence[Alarm]) -> None:
    """Make alarms be found by what they say now."""
    rows = [_row(alarm) for alarm in alarms]
    if rows:
        await tx.execute(_CHANGE, rows)


async def forget_words(tx: Transaction, alarm_ids: list[str]) -> None:
    """Forget the words of alarms that leave."""
    for statement in _FORGET:
        await tx.execute(statement, {"alarm_ids": alarm_ids})


Groups = Sequence[Sequence[WantedWord]]
"""What words an alarm must have: one of each group."""


def groups_of(
    words: Iterable[WantedWord],
    *,
    severities: Iterable[Severity] = (),
    states: Iterable[State] = (),
    devices: Iterable[str] = (),
    span: tuple[datetime, datetime] | None = None,
) -> Groups:
    """Say which alarms are meant by what words they have: all of these, and one of each kind.

    span: only alarms that are dated within; some shortly before and after it may be meant too.
    """
    one_of = (
        [_SEVERITY + one for one in severities],
        [_STATE + one for one in states],
        [device_word(name) for name in devices],
        _of_span(*span) if span else [],
    )
    facets = [[WantedWord(word, begins=False) for word in sorted(group)] for group in one_of]
    return [*([word] for word in words), *(group for group in facets if group)]


def has_words(groups: Groups) -> ColumnElement[bool]:
    """Ask the index which rows of alarm_words have the words."""
    fts = _all_of(groups, lambda one: f'"{one.word}"' + "*" * one.begins, " OR ", " AND ")
    return _Has(literal(fts, Text), literal(_tsquery(groups), Text))


def read_words(groups: Groups, words: ColumnElement[str]) -> ColumnElement[bool]:
    """Read words, as alarm_words has them, for those of the groups."""
    text = literal(" ") + words + literal(" ")
    condition = and_(
        *(
            or_(*(func.instr(text, f" {one.word}{' ' * (not one.begins)}") > 0 for one in group))
            for group in groups
        )
    )
    return _Reads(condition, words, literal(_tsquery(groups), Text))


def device_word(name: str) -> str:
    """Give the word that all alarms of a device have."""
    # A name may have anything in it, and a word may not.
    return _DEVICE + hashlib.sha256(name.encode()).hexdigest()[:16]


def _tsquery(groups: Groups) -> str:
    return _all_of(groups, lambda one: f"'{one.word}'" + ":*" * one.begins, " | ", " & ")


def _all_of(groups: Groups, write: Callable[[WantedWord], str], either: str, both: str) -> str:
    return both.join(f"({either.join(map(write, group))})" for group in groups)


def _row(alarm: Alarm) -> dict[str, str]:
    words = words_of(
        (
            alarm.device,
            alarm.description,
            alarm.clear_description,
            alarm.source,
            alarm.name,
            alarm.oid,
            alarm.event_type,
            alarm.probable_cause,
        )
    )
    dated = (alarm.raised_at or alarm.seen_at).astimezone(UTC)
    facets = (
        _SEVERITY + alarm.severity,
        _STATE + alarm.state,
        device_word(alarm.device),
        *(f"{dated:{form}}" for form in (_HOUR, _DAY, _MONTH)),
    )
    return {"of_alarm": alarm.id, "said": " ".join((*words, *facets))}


def _of_span(first: datetime, last: datetime) -> list[str]:
    """Spell out a span of time: whole days, and the hours before and after them, or its months.

    [] where it has too many.
    """
    start, end = (at.astimezone(UTC) for at in (first, last))
    if end - start <= _MOST_DAYS:
        return list(_hours_and_days(start, end)) or ["_none"]
    begins = start.year * 12 + start.month - 1
    months = range(begins, end.year * 12 + end.month)
    if len(months) > _MOST_MONTHS:
        return []
    return [f"{date(month // 12, month % 12 + 1, 1):{_MONTH}}" for month in months]


def _hours_and_days(start: datetime, end: datetime) -> Iterator[str]:
    at = start.replace(minute=0, second=0, microsecond=0)
    while at <= end:
        whole = at.hour == 0 and at + _TO_LAST_HOUR <= end
        yield f"{at:{_DAY if whole else _HOUR}}"
        at += timedelta(days=1) if whole else timedelta(hours=1)
