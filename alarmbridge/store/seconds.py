"""Seconds: moments as whole numbers, for the database to count with."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _Seconds(FunctionElement[int]):
    """Whole seconds since 1970."""

    inherit_cache = True
    type = BigInteger()


class _Larger(FunctionElement[int]):
    """The larger of two numbers."""

    inherit_cache = True
    type = BigInteger()


@compiles(_Seconds, "sqlite")
def _of_text(element: _Seconds, compiler: SQLCompiler, **kw: Any) -> str:
    # To the second, for SQLite would round what is written after it.
    return f"unixepoch(substr({compiler.process(element.clauses, **kw)}, 1, 19))"


@compiles(_Seconds, "postgresql")
def _of_moment(element: _Seconds, compiler: SQLCompiler, **kw: Any) -> str:
    moment = compiler.process(element.clauses, **kw)
    return f"CAST(FLOOR(EXTRACT(EPOCH FROM {moment})) AS BIGINT)"


@compiles(_Larger, "sqlite")
def _max(element: _Larger, compiler: SQLCompiler, **kw: Any) -> str:
    return f"max({compiler.process(element.clauses, **kw)})"


@compiles(_Larger, "postgresql")
def _greatest(element: _Larger, compiler: SQLCompiler, **kw: Any) -> str:
    return f"GREATEST({compiler.process(element.clauses, **kw)})"


def seconds_of(moment: ColumnElement[Any]) -> ColumnElement[int]:
    """Give the whole seconds from 1970 to a moment; of none, none."""
    return _Seconds(moment)


def larger(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[int]:
    """Give the larger of two numbers; neither may be missing, or databases disagree."""
    return _Larger(one, other)
