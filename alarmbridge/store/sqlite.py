"""An archive in one SQLite file.

Decision: no aiosqlite. Because SQLAlchemy's use of it hops four times between threads for every
statement (350 µs of CPU, measured) where the statement itself takes 15. Here a transaction hops
for what may wait: BEGIN IMMEDIATE (for another program's lock), COMMIT (for the disk), and every
statement that is not marked quick. Consequence: a quick statement holds the loop for some 20 µs,
and for a disk's access when its pages are cold.
"""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, nullcontext, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine, Executable, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.pool import QueuePool

from alarmbridge.core.errors import StoreError
from alarmbridge.store.failures import Translated
from alarmbridge.store.transaction import Answer, Parameters

BUSY_TIMEOUT = timedelta(seconds=5)
READERS = 4

T = TypeVar("T")


class SqliteArchive:
    """One writer at a time, readers beside it on connections of their own (WAL)."""

    def __init__(
        self, path: Path, *, busy_timeout: timedelta = BUSY_TIMEOUT, synchronous: str = "FULL"
    ) -> None:
        self._translated = Translated(f"sqlite:///{path}")
        make = partial(sqlite_engine, path, busy_timeout=busy_timeout, synchronous=synchronous)
        self._writers = make(begin="BEGIN IMMEDIATE", size=1)
        self._readers = make(begin="BEGIN", size=READERS)
        self.open_doors()
        self._threads = ThreadPoolExecutor(READERS + 1, thread_name_prefix="archive")

    def open_doors(self) -> None:
        """Let everybody in anew: nobody holds a turn or a seat, nobody waits for one."""
        self._turn, self._queue = asyncio.Lock(), asyncio.Lock()
        self._seats = asyncio.Semaphore(READERS)

    @asynccontextmanager
    async def begin(self, *, urgent: bool = False) -> AsyncGenerator["SqliteTransaction"]:
        """Open a transaction that writes; it waits for its turn.

        Only the first of the queue waits for the turn itself, beside those who are urgent, so
        that an urgent one waits for one of the queue at the most, and none for ever.
        """
        async with nullcontext() if urgent else self._queue, self._turn:
            transaction = self.transaction(self._writers)
            try:
                await self.run(transaction.open)
                yield transaction
                await self.commit(transaction)
            finally:
                transaction.close()

    @asynccontextmanager
    async def read(self) -> AsyncGenerator["SqliteTransaction"]:
        """Open a transaction that sees one moment and cannot write."""
        async with self._seats:
            transaction = self.transaction(self._readers)
            try:
                transaction.open()
                yield transaction
            finally:
                transaction.close()

    def transaction(self, engine: Engine) -> "SqliteTransaction":
        """Make a transaction that is not open yet."""
        return SqliteTransaction(engine, self._translated, self.run)

    async def commit(self, transaction: "SqliteTransaction") -> None:
        """End a transaction for good."""
        await self.run(transaction.commit)

    async def run(self, work: Callable[[], T], stop: Callable[[], object] | None = None) -> T:
        """Do work in a thread. stop: what breaks it off when the caller is cancelled."""
        running = asyncio.get_running_loop().run_in_executor(self._threads, work)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            if stop is not None:
                stop()
            # The connection must not be touched again before the thread has let go of it.
            while not running.done():
                with suppress(asyncio.CancelledError):
                    await asyncio.wait([running])
            raise

    async def tidy(self) -> None:
        """Shorten the write-ahead log, and let SQLite look after its statistics."""
        async with self._queue, self._turn:
            await self.run(self._tidy)

    async def dispose(self) -> None:
        """Close every connection."""
        self._writers.dispose()
        self._readers.dispose()
        self._threads.shutdown(wait=False)

    def _tidy(self) -> None:
        with self._translated, self._writers.connect() as connection:
            raw = _driver_of(connection)
            raw.execute("PRAGMA optimize").fetchall()
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


class SqliteTransaction:
    """A transaction on a connection of its own. `run` does what may wait."""

    def __init__(self, engine: Engine, translated: Translated, run: Callable[..., Any]) -> None:
        self._engine = engine
        self._translated = translated
        self._run = run
        self._connection: Connection | None = None

    def open(self) -> None:
        """Connect and begin."""
        with self._translated:
            self._connection = self._engine.connect()
            self._connection.begin()

    async def execute(self, statement: Executable, parameters: Parameters | None = None) -> Answer:
        """Run a statement: a quick one here and now, any other in a thread."""
        if statement.get_execution_options().get("quick"):
            return self._execute(statement, parameters)
        work = partial(self._execute, statement, parameters)
        answer: Answer = await self._run(work, self._interrupt)
        return answer

    def commit(self) -> None:
        """Commit."""
        with self._translated:
            self._open_connection().commit()

    def close(self) -> None:
        """Give the connection back; what was not committed is rolled back."""
        if self._connection is not None:
            with self._translated:
                self._connection.close()
            self._connection = None

    @property
    def is_open(self) -> bool:
        """Whether it has begun and not ended."""
        return self._connection is not None

    def sever(self) -> None:
        """Drop the connection as a killed process would: nothing that was open has happened."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None

    def _execute(self, statement: Executable, parameters: Parameters | None) -> Answer:
        with self._translated:
            result = self._open_connection().execute(statement, parameters)
            rows = result.all() if result.returns_rows else ()
            return Answer(rows, result.rowcount)

    def _interrupt(self) -> None:
        _driver_of(self._open_connection()).interrupt()

    def _open_connection(self) -> Connection:
        if self._connection is None:
            raise StoreError("The archive's transaction is not open; begin one first.")
        return self._connection


def _driver_of(connection: Connection) -> sqlite3.Connection:
    return cast("sqlite3.Connection", connection.connection.driver_connection)


def sqlite_engine(
    path: Path, *, begin: str, size: int, busy_timeout: timedelta, synchronous: str
) -> Engine:
    """Make an engine whose transactions start with the statement `begin`, and end as told.

    The driver's own idea of transactions is switched off (isolation_level None), since it begins
    them late, without the write lock, and not at all before DDL.
    """
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=0,
        hide_parameters=True,
        connect_args={
            "isolation_level": None,
            "check_same_thread": False,
            "timeout": busy_timeout.total_seconds(),
        },
    )

    def prepare(raw: sqlite3.Connection, _record: object) -> None:
        mode = raw.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        if mode != "wal":
            raise StoreError(
                f"The archive sqlite:///{path} cannot keep a write-ahead log on this file system;"
                " put it on a local disk."
            )
        raw.execute(f"PRAGMA synchronous = {synchronous}")
        raw.execute("PRAGMA foreign_keys = ON")
        raw.execute("PRAGMA cache_size = -32768")
        raw.execute("PRAGMA journal_size_limit = 67108864")
        raw.execute(f"PRAGMA query_only = {'OFF' if 'IMMEDIATE' in begin else 'ON'}")

    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", start)
    return engine
