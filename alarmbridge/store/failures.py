"""Failures of a database's driver, in plain words."""

import errno
import sqlite3
from types import TracebackType

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from alarmbridge.core.errors import StoreError

_SQLITE = {
    sqlite3.SQLITE_BUSY: "another program has been holding it; see who with `fuser`, then retry",
    sqlite3.SQLITE_LOCKED: "another program has been holding it; see who with `fuser`, then retry",
    sqlite3.SQLITE_READONLY: "it cannot be written; check owner and mode of file and directory",
    sqlite3.SQLITE_CANTOPEN: "the file cannot be opened; check that its directory exists and is"
    " writable",
    sqlite3.SQLITE_FULL: "the disk is full; free some space",
    sqlite3.SQLITE_IOERR: "the disk fails or is full; check it and its file system",
    sqlite3.SQLITE_CORRUPT: "the file is damaged; keep it, and restore from a backup",
    sqlite3.SQLITE_NOTADB: "the file is no SQLite database; check database.url",
}

_POSTGRES = {
    "08": "the connection is lost",
    "25006": "it is read-only; is this the standby?",
    "28": "it refused the user or the password; check database.url",
    "3D000": "there is no such database; create it first",
    "40": "it broke off the transaction in favour of another; it will be tried again",
    "42P01": "a table is missing; run `alarmbridge db upgrade`",
    "42501": "the user may not do this; check its rights",
    "53": "it is out of disk, memory or connections",
    "57": "it is shutting down or starting, or broke off the statement",
}


class Translated:
    """A context in which every failure of the driver becomes a StoreError that keeps its cause.

    database: as shown to people, without a password.
    """

    __slots__ = ("_database",)

    def __init__(self, database: str) -> None:
        self._database = database

    def __enter__(self) -> None:
        """Nothing is needed beforehand."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Raise the StoreError, if there is one to raise."""
        if error is None or isinstance(error, StoreError):
            return
        words = _explain(error)
        if words is not None:
            raise StoreError(f"The archive {self._database} failed: {words}") from error


def _explain(error: BaseException) -> str | None:
    """Say what happened; None when it is not the database's failure."""
    cause: object = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)
        known = _SQLITE.get(code & 0xFF) if code is not None else None
        return _sentence(known, cause)
    state = getattr(cause, "sqlstate", None)
    if isinstance(state, str):
        known = next((_POSTGRES[key] for key in (state, state[:2]) if key in _POSTGRES), None)
        return _sentence(known, cause)
    if isinstance(error, DBAPIError):
        return _sentence("the connection is lost" if error.connection_invalidated else None, cause)
    return _explain_other(error)


def _explain_other(error: BaseException) -> str | None:
    if isinstance(error, PoolTimeout):
        return "all its connections have been busy for too long"
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    if isinstance(error, OSError):
        known = "the disk is full" if error.errno == errno.ENOSPC else "it cannot be reached"
        return _sentence(known, error)
    if isinstance(error, UnicodeError):
        return _sentence("a text that is no Unicode cannot be stored", error)
    return None


def _sentence(known: str | None, cause: object) -> str:
    # Only the first line of what the driver says: the next ones repeat statement and values.
    said = str(cause).strip().partition("\n")[0].rpartition("'>: ")[2] or type(cause).__name__
    return f"{known} ({said})" if known else said
