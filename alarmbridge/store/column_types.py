"""Column types that mean the same on both databases."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Integer, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

RowId = BigInteger().with_variant(Integer(), "sqlite")
"""A number that the database gives out; SQLite does so for INTEGER alone."""


class Instant(TypeDecorator[datetime]):
    """A moment in UTC to the microsecond: aware in, aware out.

    PostgreSQL has a type for it. SQLite gets `2026-11-23T21:04:05.123456Z`: of one width, so that
    its order as text is the order in time, and readable by people and by SQLite's own functions.
    The two processors are overridden whole, because every alarm passes ten of these.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type of each database."""
        kind: TypeEngine[Any] = Text() if dialect.name == "sqlite" else DateTime(timezone=True)
        return dialect.type_descriptor(kind)

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """Write: refuse what has no zone, otherwise its meaning would hang on the host."""
        return _to_text if dialect.name == "sqlite" else _to_utc

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        """Read back as aware UTC."""
        return _from_text if dialect.name == "sqlite" else _to_utc


def _to_utc(value: datetime | None) -> datetime | None:
    if value is None or value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no zone; the archive keeps aware instants only")
    return value.astimezone(UTC)


def _to_text(value: datetime | None) -> str | None:
    moment = _to_utc(value)
    return None if moment is None else f"{moment.isoformat('T', 'microseconds')[:26]}Z"


def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
