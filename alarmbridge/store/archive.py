"""The archive's door: transactions for whoever reads or writes, whichever database is behind."""

from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Protocol

from alarmbridge.store.database_url import parse_url, path_of
from alarmbridge.store.postgres import PostgresArchive
from alarmbridge.store.sqlite import BUSY_TIMEOUT, SqliteArchive
from alarmbridge.store.transaction import Transaction


class Archive(Protocol):
    """A database with the schema of `tables`. Every failure of it is a StoreError."""

    def begin(self, *, urgent: bool = False) -> AbstractAsyncContextManager[Transaction]:
        """Open a transaction that writes: committed at the end, rolled back on any error.

        urgent: before others that wait, where writers take turns.
        """
        ...

    def read(self) -> AbstractAsyncContextManager[Transaction]:
        """Open a transaction that sees one moment and cannot write."""
        ...

    async def tidy(self) -> None:
        """Do the database's own housekeeping; now and then, by the janitor."""
        ...

    async def dispose(self) -> None:
        """Close every connection."""
        ...


def open_archive(url: str, *, busy_timeout: timedelta = BUSY_TIMEOUT) -> Archive:
    """Make an archive from `sqlite:///path` or `postgresql://…`; nothing is connected yet.

    busy_timeout: how long to wait for another program that holds an SQLite file or a row.
    """
    parsed = parse_url(url)
    path = path_of(parsed)
    if path is not None:
        return SqliteArchive(path, busy_timeout=busy_timeout)
    return PostgresArchive(parsed)
