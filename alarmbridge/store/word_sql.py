"""What SQLite and PostgreSQL say differently about words: FTS5 here, tsvector and GIN there."""

from typing import Any

from sqlalchemy import BigInteger, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType


class AsWords(FunctionElement[str]):
    """Words, parted by blanks, as the database keeps them."""

    inherit_cache = True
    type = Text()


class Has(FunctionElement[Any]):
    """Whether the index finds the words of a question: in FTS5's language, in PostgreSQL's."""

    inherit_cache = True
    # As a Boolean it would be compared with 1 where the database has none, which FTS5 cannot.
    type = NullType()


class Reads(FunctionElement[Any]):
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


@compiles(AsWords, "sqlite")
def _plain(element: AsWords, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.clauses, **kw)


@compiles(AsWords, "postgresql")
def _vector(element: AsWords, compiler: SQLCompiler, **kw: Any) -> str:
    return f"CAST(CAST({compiler.process(element.clauses, **kw)} AS TEXT) AS TSVECTOR)"


@compiles(Has, "sqlite")
def _match(element: Has, compiler: SQLCompiler, **kw: Any) -> str:
    question, _ = element.clauses
    return f"alarm_words MATCH {compiler.process(question, **kw)}"


@compiles(Has, "postgresql")
def _query(element: Has, compiler: SQLCompiler, **kw: Any) -> str:
    _, question = element.clauses
    said = compiler.process(question, **kw)
    return f"alarm_words.words @@ CAST(CAST({said} AS TEXT) AS TSQUERY)"


@compiles(Reads, "sqlite")
def _condition(element: Reads, compiler: SQLCompiler, **kw: Any) -> str:
    condition, _, _ = element.clauses
    return compiler.process(condition, **kw)


@compiles(Reads, "postgresql")
def _reading(element: Reads, compiler: SQLCompiler, **kw: Any) -> str:
    _, words, question = element.clauses
    said = compiler.process(question, **kw)
    return f"{compiler.process(words, **kw)} @@ CAST(CAST({said} AS TEXT) AS TSQUERY)"
