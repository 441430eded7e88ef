"""The URL of a database: which one is meant, and how it is shown."""

from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from alarmbridge.core.errors import StoreError

_FORMS = "use sqlite:///path/to/file or postgresql://user:password@host/name"


def parse_url(url: str) -> URL:
    """Read a database's URL, with or without a driver's name; raises StoreError for others."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Not shown: what cannot be parsed cannot be stripped of its password either.
        raise StoreError(f"database.url cannot be read; {_FORMS}") from None
    backend = parsed.drivername.partition("+")[0]
    if backend == "sqlite" and parsed.database and parsed.database != ":memory:":
        return parsed.set(drivername="sqlite", query={})
    if backend in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+asyncpg")
    raise StoreError(f"database.url {shown(parsed)} is not supported; {_FORMS}")


def path_of(url: URL) -> Path | None:
    """Name the file of an SQLite URL; None for PostgreSQL."""
    return Path(url.database or "") if url.drivername == "sqlite" else None


def shown(url: URL) -> str:
    """Write a URL for people: without password or driver."""
    plain = url.set(drivername=url.drivername.partition("+")[0], query={})
    return plain.render_as_string(hide_password=True)
