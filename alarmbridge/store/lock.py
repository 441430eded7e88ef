"""The lock of an SQLite database: one daemon to a file."""

import fcntl
import os
from pathlib import Path
from types import TracebackType

from alarmbridge.core.errors import StoreError
from alarmbridge.store.database_url import parse_url, path_of


class DatabaseLock:
    """Held from its making until `release`, or until the process ends however it may end."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    def release(self) -> None:
        """Let another daemon have the database. The file stays: removing it would race."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> "DatabaseLock":
        """Hold it for a block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Release it."""
        self.release()


def lock_database(url: str) -> DatabaseLock:
    """Lock a database against a second daemon; raises StoreError that says who has it.

    PostgreSQL needs none: daemons share it.
    """
    path = path_of(parse_url(url))
    return DatabaseLock(None if path is None else _lock(path.with_name(f"{path.name}.lock")))


def _lock(path: Path) -> int:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StoreError(
            f"The lock {path} cannot be opened ({error.strerror}); create its directory and let"
            " alarmbridge write to it, or change database.url."
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.read(descriptor, 100).decode("ascii", "replace").strip()
        os.close(descriptor)
        raise StoreError(
            f"Another alarmbridge ({holder or 'unknown'}) works on this database, as {path} says;"
            " stop it first, or give this one a database of its own."
        ) from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"process {os.getpid()}\n".encode("ascii"), 0)
    return descriptor
