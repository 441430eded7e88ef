"""Failures: every way in which a driver fails, in plain words and without what was stored."""

import errno
import sqlite3

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from alarmbridge.core.errors import StaleClaim, StoreError
from alarmbridge.store.failures import Translated

STATEMENT, VALUES = "INSERT INTO deliveries (credential) VALUES (?)", {"credential": "canary"}


class DriverError(Exception):
    """What asyncpg raises: with a code of SQL's own, or None where the line broke."""

    def __init__(self, sqlstate: str | None, words: str = "") -> None:
        super().__init__(words)
        self.sqlstate = sqlstate


def sqlite_error(code: int, words: str) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(words)
    error.sqlite_errorcode = code
    return error


def wrapped(error: Exception, *, lost: bool = False) -> DBAPIError:
    return OperationalError(STATEMENT, VALUES, error, connection_invalidated=lost)


def said(error: BaseException) -> str:
    """What is said of a failure, after the archive's name."""
    with pytest.raises(StoreError) as caught, Translated("sqlite:///a.db"):
        raise error
    assert caught.value.__cause__ is error
    assert "canary" not in str(caught.value)
    return str(caught.value).removeprefix("The archive sqlite:///a.db failed: ")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            wrapped(sqlite_error(sqlite3.SQLITE_FULL, "database or disk is full")),
            "the disk is full; free some space (database or disk is full)",
        ),
        # Its extended codes say more than is needed: SQLITE_IOERR_WRITE.
        (
            sqlite_error(sqlite3.SQLITE_IOERR | 3 << 8, "disk I/O error"),
            "the disk fails or is full; check it and its file system (disk I/O error)",
        ),
        (sqlite3.ProgrammingError("Cannot operate"), "Cannot operate"),
        (
            wrapped(DriverError("28P01", "no such user\nDETAIL: canary")),
            "it refused the user or the password; check database.url (no such user)",
        ),
        (wrapped(DriverError("99999", "odd")), "odd"),
        (
            wrapped(DriverError("40P01")),
            "it broke off the transaction in favour of another; it will be tried again (DriverErr",
        ),
        (wrapped(DriverError(None, "reset"), lost=True), "the connection is lost (reset)"),
        (wrapped(DriverError(None)), "DriverError"),
        (PoolTimeout("QueuePool limit"), "all its connections have been busy for too long"),
        (TimeoutError(), "it did not answer in time"),
        (OSError(errno.ENOSPC, "No space left"), "the disk is full ([Errno 28] No space left)"),
        (ConnectionRefusedError("refused"), "it cannot be reached (refused)"),
        (
            UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
            "a text that is no Unicode cannot be stored",
        ),
    ],
)
def test_each_failure_is_told_in_plain_words(error: Exception, words: str) -> None:
    assert said(error).startswith(words)


def test_what_is_no_failure_of_the_database_passes() -> None:
    for error in (ZeroDivisionError("a bug"), KeyboardInterrupt()):
        with pytest.raises(type(error)) as caught, Translated("sqlite:///a.db"):
            raise error
        assert caught.value is error


def test_what_is_translated_already_passes_as_it_is() -> None:
    error = StaleClaim("another writer")
    with pytest.raises(StaleClaim) as caught, Translated("sqlite:///a.db"):
        raise error
    assert caught.value is error
