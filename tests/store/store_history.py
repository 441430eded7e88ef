"""Archives as older revisions left them, with rows in every table."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from alarmbridge.store.schema import _config

Rows = dict[str, list[dict[str, Any]]]


def revisions() -> list[str]:
    """Name all revisions there are, the first one first."""
    scripts = ScriptDirectory.from_config(_config()).walk_revisions()
    return [script.revision for script in scripts][::-1]


def make_older(revision: str) -> Callable[[Connection], None]:
    """Bring an empty database to a revision, and fill it with what each one before it knew."""

    def work(connection: Connection) -> None:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        for one in revisions()[: revisions().index(revision) + 1]:
            written = (Path(__file__).parent / "revisions" / f"{one}.sql").read_text()
            for statement in written.removesuffix(";\n").split(";\n"):
                connection.exec_driver_sql(statement)
        connection.commit()

    return work


def read_all(connection: Connection) -> Rows:
    """Read every table but what is found by words, each value as the database has it."""
    found = {}
    for table in sorted({*inspect(connection).get_table_names()} - {"alembic_version"}):
        if table.startswith("alarm_words"):
            continue
        rows = connection.execute(text(f"SELECT * FROM {table}")).mappings()  # noqa: S608 - a table's name
        found[table] = sorted(map(dict, rows), key=lambda row: repr(list(row.values())))
    return found
