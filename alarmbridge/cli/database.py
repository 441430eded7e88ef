"""`db`: the archive's schema and size."""

from datetime import UTC, datetime

import typer

from alarmbridge.cli.options import ConfigFile, opened, settings_of, wait_for
from alarmbridge.store.retention import prune_all
from alarmbridge.store.schema import current, head
from alarmbridge.store.schema import upgrade as upgrade_schema

app = typer.Typer(help="The archive's schema and size.", no_args_is_help=True)


@app.command()
def upgrade(config: ConfigFile = None) -> None:
    """Bring the database to this program's schema."""
    revision = wait_for(upgrade_schema(settings_of(config).database.location))
    print(f"The schema is at revision {revision}.")


@app.command("current")
def show_current(config: ConfigFile = None) -> None:
    """Show the database's schema revision, and this program's."""
    revision = wait_for(current(settings_of(config).database.location))
    print(f"database: {revision or 'no schema yet'}\nalarmbridge: {head()}")


@app.command("prune")
def prune_now(config: ConfigFile = None) -> None:
    """Delete what is older than the configured retention, now."""
    keep = settings_of(config).database.retention

    async def work() -> int:
        async with opened(config) as archive:
            return await prune_all(archive, datetime.now(UTC) - keep)

    print(f"Alarms deleted, with their events and deliveries: {wait_for(work())}.")
