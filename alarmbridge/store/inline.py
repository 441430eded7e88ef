"""An SQLite archive without any thread, for a simulation that owns time and kills at will."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Engine

from alarmbridge.store.sqlite import SqliteArchive, SqliteTransaction

Seam = Callable[[str], Awaitable[None]]

BEFORE_COMMIT = "before commit"
AFTER_COMMIT = "after commit"

T = TypeVar("T")


class InlineArchive(SqliteArchive):
    """The same archive, its statements and waits in the loop's own thread.

    seam: awaited at BEFORE_COMMIT and AFTER_COMMIT; a simulation sleeps or kills there.
    Nothing is forced to the disk, since a kill loses no page cache.
    """

    def __init__(self, path: Path, *, seam: Seam | None = None) -> None:
        super().__init__(path, busy_timeout=timedelta(0), synchronous="OFF")
        self._seam = seam
        self._made: list[SqliteTransaction] = []

    def transaction(self, engine: Engine) -> SqliteTransaction:
        """Make a transaction, and remember it while it is open."""
        self._made = [one for one in self._made if one.is_open]
        self._made.append(super().transaction(engine))
        return self._made[-1]

    async def commit(self, transaction: SqliteTransaction) -> None:
        """Cross the two seams, the commit between them."""
        await self._cross(BEFORE_COMMIT)
        await super().commit(transaction)
        await self._cross(AFTER_COMMIT)

    async def run(self, work: Callable[[], T], stop: Callable[[], object] | None = None) -> T:  # noqa: ARG002 - nothing to break off
        """Do work here and now."""
        return work()

    def abandon(self) -> None:
        """Let go of the file as a killed process does: open transactions never happened.

        For a simulation that has dropped the tasks in them. The next life may use this archive
        or another; this one has its statements compiled.
        """
        for transaction in self._made:
            transaction.sever()
        self._made.clear()
        self.open_doors()
        self._writers.dispose()
        self._readers.dispose()

    async def _cross(self, seam: str) -> None:
        if self._seam is not None:
            await self._seam(seam)
