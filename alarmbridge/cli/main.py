"""The command line: which commands there are, and what an error comes to."""

import sys

import typer

from alarmbridge import __version__
from alarmbridge.cli import archive, check, daemon, database, deliveries, farm
from alarmbridge.core.errors import AlarmbridgeError, ConfigError

FAILED, MISUSED = 1, 2

app = typer.Typer(
    name="alarmbridge",
    help="Follows the alarms of AudioCodes Mediant devices and tells every raise and clear.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("run")(daemon.run)
app.command("demo")(daemon.demo)
app.command("simulate")(farm.simulate)
app.command("check")(check.check)
app.command("alarms")(archive.alarms)
app.command("events")(archive.events)
app.command("devices")(archive.devices)
app.add_typer(deliveries.app, name="deliveries")
app.add_typer(database.app, name="db")


@app.callback(invoke_without_command=True)
def version(
    show: bool = typer.Option(False, "--version", help="Show the version and exit."),
) -> None:
    """Follows the alarms of AudioCodes Mediant devices and tells every raise and clear."""
    if show:
        print(f"alarmbridge {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command that was typed."""
    try:
        app()
    except ConfigError as error:
        for mistake in error.mistakes:
            print(mistake, file=sys.stderr)
        sys.exit(MISUSED)
    except AlarmbridgeError as error:
        print(f"alarmbridge: {error}", file=sys.stderr)
        sys.exit(FAILED)
    except BrokenPipeError:
        # Whoever read our output has had enough (`alarmbridge events | head`).
        sys.stderr.close()
        sys.exit(FAILED)
