"""`device NAME …`: what one configured device says, and what it is told to do."""

from typing import Annotated

import typer

from alarmbridge.cli.device import changes, files, ini, shows, tls

app = typer.Typer(
    help="What one configured device says, and what it is told to do.",
    no_args_is_help=True,
    subcommand_metavar="COMMAND [ARGS]...",
)


@app.callback()
def device(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A device, as it is configured.")],
) -> None:
    """What one configured device says, and what it is told to do."""
    context.obj = name


app.command("status")(shows.status)
app.command("alarms")(shows.alarms)
app.command("history")(shows.history)
app.command("pm")(shows.pm)
app.command("save")(changes.save)
app.command("reset")(changes.reset)
app.command("upgrade")(changes.upgrade)
app.command("web")(changes.web)
app.add_typer(ini.app, name="ini")
app.add_typer(files.cli, name="cli")
app.add_typer(files.files, name="files")
app.add_typer(files.license_, name="license")
app.add_typer(tls.app, name="tls")
