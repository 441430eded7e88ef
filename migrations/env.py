"""Alembic's way to a database: on the connection that `store.schema` hands in.

For `alembic revision --autogenerate -x url=…` in a checkout it connects by itself.
"""

from alembic import context
from sqlalchemy import Connection, create_engine

from alarmbridge.store.tables import metadata


def run(connection: Connection) -> None:
    """Apply what is missing, each revision in a transaction of its own."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transaction_per_migration=True,
        # Alembic takes SQLite for a database without transactional DDL; it has it.
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


handed_in = context.config.attributes.get("connection")
if handed_in is not None:
    run(handed_in)
else:
    url = context.get_x_argument(as_dictionary=True)["url"]
    with create_engine(url).connect() as own:
        run(own)
