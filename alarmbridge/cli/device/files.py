"""`cli`, `files`, `license`: files from a device and for it."""

import sys
from io import BytesIO
from pathlib import Path
from typing import Annotated

import typer

from alarmbridge.cli.device.door import (
    Force,
    Source,
    Target,
    Yes,
    ask,
    confirm,
    do,
    show_all,
)
from alarmbridge.cli.device.transfer import fetch, read, send
from alarmbridge.cli.options import AsJson, ConfigFile
from alarmbridge.cli.output import show_json, show_table, show_text
from alarmbridge.mediant.files import check_script
from alarmbridge.mediant.orders import AdditionalFile
from alarmbridge.mediant.paths import FILES
from alarmbridge.mediant.transport import Upload
from alarmbridge.telemetry.logs import printable

cli = typer.Typer(help="CLI scripts.", no_args_is_help=True)
files = typer.Typer(help="The files a device takes; alone it shows them.")
license_ = typer.Typer(help="The license; alone it shows it.")


@cli.command("get")
def cli_get(
    context: typer.Context,
    file: Target = None,
    force: Force = False,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Fetch the configuration as a CLI script; it holds secrets."""
    path = f"{FILES}/cliScript"
    fetch(context, config, path, file, check=check_script, force=force, as_json=as_json)


@cli.command("put")
def cli_put(
    context: typer.Context,
    file: Source,
    yes: Yes = False,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Load the whole configuration as a CLI script, upon which the device resets."""
    confirm(context, f"its configuration will become {file.name}, and it will reset.", yes=yes)
    send(
        context,
        config,
        file,
        lambda to, upload, moved: to.put_cli_script(upload, progress=moved),
        as_json=as_json,
    )


@cli.command("run")
def cli_run(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A script; - is standard input.")],
    yes: Yes = False,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Run a CLI script and print what it shows; asks first unless it only shows things."""
    script = sys.stdin.buffer.read() if str(file) == "-" else read(file)
    if not _only_shows(script):
        confirm(context, f"{file.name} may change its configuration.", yes=yes)
    upload = Upload("cli.txt" if str(file) == "-" else file.name, len(script), BytesIO(script).read)
    found = ask(context, config, lambda mediant: mediant.maintenance.run_cli_script(upload))
    if as_json:
        show_json({"description": found.description, "output": found.output})
        return
    print("\n".join(map(printable, found.output.splitlines())) or found.description)


@files.callback(invoke_without_command=True)
def files_show(context: typer.Context, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Show which files the device has and takes."""
    if context.invoked_subcommand is not None:
        return
    found = ask(context, config, lambda mediant: mediant.inspector.list_files())
    if as_json:
        show_all(found)
        return
    rows = [(one.id, one.description) for one in found]
    show_table(("FILE", "DESCRIPTION"), rows, empty="It lists no files.")


@files.command("put")
def files_put(
    context: typer.Context,
    kind: AdditionalFile,
    file: Source,
    yes: Yes = False,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Load one of the additional files: tones, tables, prompts, packages."""
    confirm(context, f"its {kind.value} will be {file.name}.", yes=yes)
    send(
        context,
        config,
        file,
        lambda to, upload, moved: to.put_file(kind, upload, progress=moved),
        as_json=as_json,
    )


@license_.callback(invoke_without_command=True)
def license_show(
    context: typer.Context, config: ConfigFile = None, as_json: AsJson = False
) -> None:
    """Show the license, without its key."""
    if context.invoked_subcommand is not None:
        return
    found = ask(context, config, lambda mediant: mediant.inspector.fetch_license())
    if as_json:
        show_json(
            {
                "version": found.version,
                "serial_number": found.serial_number,
                "description": found.description,
            }
        )
        return
    print(f"License of {found.serial_number or 'no serial number'}, version {found.version or '-'}")
    show_text(found.description or "It says nothing of itself.")


@license_.command("put")
def license_put(
    context: typer.Context,
    file: Source,
    serial_number: Annotated[
        str | None,
        typer.Option(
            metavar="NUMBER", help="FILE holds one key alone, for the device of this number."
        ),
    ] = None,
    yes: Yes = False,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Load a file of license keys, of which the device takes its own, and resets."""
    confirm(context, f"its license will come from {file.name}, and it will reset.", yes=yes)
    if serial_number is None:
        send(
            context,
            config,
            file,
            lambda to, upload, moved: to.put_license_file(upload, progress=moved),
            as_json=as_json,
        )
        return
    key = read(file).decode("ascii", "replace").strip()
    do(
        context,
        config,
        lambda mediant: mediant.maintenance.put_license_key(key, serial_number=serial_number),
        otherwise="Loaded.",
        as_json=as_json,
    )


def _only_shows(script: bytes) -> bool:
    """Whether a script has nothing but `show` commands, comments and blank lines."""
    lines = (line.strip().lower() for line in script.decode(errors="replace").splitlines())
    return all(not line or line.startswith(("#", "!", "show ")) for line in lines)
