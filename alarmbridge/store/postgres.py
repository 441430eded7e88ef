"""An archive in PostgreSQL, through asyncpg."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy import Executable
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from alarmbridge.store.database_url import shown
from alarmbridge.store.failures import Translated
from alarmbridge.store.transaction import Answer, Parameters

CONNECTIONS = 8
_CONNECT_TIMEOUT = 10.0
_STATEMENT_TIMEOUT = 60.0
_IDLE_TIMEOUT = 60.0


class PostgresArchive:
    """A bounded pool. Writers see what is committed, readers one moment.

    Writers that touch deliveries of one alarm take turns by the lock of its row; see `heads`.
    """

    def __init__(self, url: URL) -> None:
        self._translated = Translated(shown(url))
        self._engine = postgres_engine(url)
        self._readers = self._engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    @asynccontextmanager
    async def begin(self, *, urgent: bool = False) -> AsyncGenerator["PostgresTransaction"]:  # noqa: ARG002 - nobody waits for a turn
        """Open a transaction that writes."""
        connection = await self._connect(self._engine)
        try:
            yield PostgresTransaction(connection, self._translated)
            with self._translated:
                await connection.commit()
        finally:
            with self._translated:
                await connection.close()

    @asynccontextmanager
    async def read(self) -> AsyncGenerator["PostgresTransaction"]:
        """Open a transaction that sees one moment and cannot write."""
        connection = await self._connect(self._readers)
        try:
            yield PostgresTransaction(connection, self._translated)
        finally:
            with self._translated:
                await connection.close()

    async def tidy(self) -> None:
        """Nothing: autovacuum does it."""

    async def dispose(self) -> None:
        """Close every connection."""
        await self._engine.dispose()

    async def _connect(self, engine: AsyncEngine) -> AsyncConnection:
        with self._translated:
            return await engine.connect()


class PostgresTransaction:
    """A transaction on a connection of its own."""

    def __init__(self, connection: AsyncConnection, translated: Translated) -> None:
        self._connection = connection
        self._translated = translated

    async def execute(self, statement: Executable, parameters: Parameters | None = None) -> Answer:
        """Run a statement; the first begins the transaction."""
        with self._translated:
            result = await self._connection.execute(statement, parameters)
            rows = result.all() if result.returns_rows else ()
            return Answer(rows, result.rowcount)


def postgres_engine(url: URL, *, in_haste: bool = True) -> AsyncEngine:
    """Make an engine. libpq's `sslmode` is understood, since every example of a URL has it.

    in_haste: a statement that takes longer than any of the program's own is given up.
    """
    query = dict(url.query)
    sslmode = query.pop("sslmode", None)
    return create_async_engine(
        url.set(query=query),
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=30,
        hide_parameters=True,
        connect_args={
            "timeout": _CONNECT_TIMEOUT,
            "command_timeout": _STATEMENT_TIMEOUT if in_haste else None,
            **({"ssl": sslmode} if sslmode else {}),
            # jit off: it takes longer to compile asyncpg's look at the types than to run it.
            # A program that hangs, or has gone with its machine, would hold its rows until then,
            # and all streams of events.
            "server_settings": {
                "application_name": "alarmbridge",
                "jit": "off",
                "idle_in_transaction_session_timeout": f"{_IDLE_TIMEOUT:.0f}s",
            },
        },
    )
