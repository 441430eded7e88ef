"""The command line: which commands there are, and what an error comes to."""

import io
import os
import sys
from collections.abc import Sequence

import typer

from alarmbridge import __version__
from alarmbridge.cli import (
    alarm,
    archive,
    catalogue,
    check,
    daemon,
    database,
    deliveries,
    device,
    farm,
    report,
    silences,
    sinks,
)
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
app.command("report")(report.report)
app.command("catalogue")(catalogue.catalogue)
app.command("explain")(alarm.explain)
app.command("ack")(alarm.ack)
app.add_typer(sinks.app, name="sinks")
app.add_typer(deliveries.app, name="deliveries")
app.add_typer(silences.app, name="silences")
app.add_typer(database.app, name="db")
app.add_typer(device.app, name="device")


@app.callback(invoke_without_command=True)
def version(
    show: bool = typer.Option(False, "--version", help="Show the version and exit."),
) -> None:
    """Follows the alarms of AudioCodes Mediant devices and tells every raise and clear."""
    if show:
        print(f"alarmbridge {__version__}")
        raise typer.Exit


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command, the one that was typed when none is given; raises SystemExit."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that cannot show a device's letters is no reason to fail.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        try:
            app(args=arguments, prog_name="alarmbridge")
        finally:
            # Here and not when the interpreter ends, where nobody can say what went wrong.
            sys.stdout.flush()
    except ConfigError as error:
        for mistake in error.mistakes:
            print(mistake, file=sys.stderr)
        sys.exit(MISUSED)
    except AlarmbridgeError as error:
        print(f"alarmbridge: {error}", file=sys.stderr)
        sys.exit(FAILED)
    except OSError as error:
        # Whoever read our output may have had enough (`alarmbridge events | head`).
        if not isinstance(error, BrokenPipeError):
            print(f"alarmbridge: {error.strerror or error}", file=sys.stderr)
        # What is still held back has to go somewhere, or the interpreter complains at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
