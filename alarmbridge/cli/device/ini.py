"""`ini`: the configuration of a device, as it is and as it was."""

from typing import Annotated

import typer

from alarmbridge.cli.device.door import Force, Source, Target, Yes, ask, confirm
from alarmbridge.cli.device.transfer import fetch, send
from alarmbridge.cli.options import AsJson, ConfigFile, Limit, opened, wait_for
from alarmbridge.cli.output import local, show_json, show_table
from alarmbridge.core.errors import AlarmbridgeError
from alarmbridge.core.ini import mask_secrets, read_ini
from alarmbridge.core.ini_diff import differences
from alarmbridge.mediant.files import check_ini
from alarmbridge.mediant.paths import FILES
from alarmbridge.store.configurations import (
    ConfigurationRecord,
    list_configurations,
    load_configuration,
)
from alarmbridge.store.page import Page
from alarmbridge.store.transaction import Transaction
from alarmbridge.telemetry.logs import printable

app = typer.Typer(help="The configuration as an INI file.", no_args_is_help=True)


@app.command("get")
def get(
    context: typer.Context,
    file: Target = None,
    force: Force = False,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Fetch the configuration; it holds secrets."""
    fetch(context, config, f"{FILES}/ini", file, check=check_ini, force=force, as_json=as_json)


@app.command("put")
def put(
    context: typer.Context,
    file: Source,
    incremental: Annotated[
        bool, typer.Option("--incremental", help="A part, without a reset.")
    ] = False,
    yes: Yes = False,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Load a configuration: the whole of it, upon which the device resets, or a part."""
    what = (
        f"what {file.name} says will be changed in its configuration."
        if incremental
        else f"its whole configuration will become {file.name}, and it will reset."
    )
    confirm(context, what, yes=yes)
    send(
        context,
        config,
        file,
        lambda to, upload, moved: to.put_ini(upload, incremental=incremental, progress=moved),
        as_json=as_json,
    )


@app.command("log")
def log(
    context: typer.Context,
    limit: Limit = 100,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """List the configurations that the archive has of the device, the latest first."""

    async def read() -> Page[ConfigurationRecord]:
        async with opened(config) as archive, archive.read() as tx:
            return await list_configurations(tx, str(context.obj), limit=limit)

    page = wait_for(read())
    if as_json:
        for one in page.items:
            times = {"taken_at": one.taken_at.isoformat(), "checked_at": one.checked_at.isoformat()}
            show_json({"id": one.id, **times, "reason": one.reason})
        return
    show_table(
        ("ID", "TAKEN", "UNCHANGED UNTIL", "WHY"),
        [
            (str(one.id), local(one.taken_at), local(one.checked_at), one.reason)
            for one in page.items
        ],
        empty="None; `watch: {configuration: true}` has them kept.",
        more=page.next is not None,
    )


@app.command("diff")
def diff(
    context: typer.Context,
    before: Annotated[
        int | None, typer.Option("--from", metavar="ID", help="Else the one before the latest.")
    ] = None,
    after: Annotated[
        int | None, typer.Option("--to", metavar="ID", help="Else the latest that is kept.")
    ] = None,
    now: Annotated[
        bool, typer.Option("--now", help="What the device has now, against the latest.")
    ] = False,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Show what changed in the configuration, of those that the archive has; secrets are masked."""
    name = str(context.obj)
    current = ask(context, config, lambda mediant: mediant.inspector.fetch_ini()) if now else None

    async def read() -> tuple[str, str]:
        async with opened(config) as archive, archive.read() as tx:
            kept = [one.id for one in (await list_configurations(tx, name, limit=2)).items]
            if current is not None:
                first = before or (kept[0] if kept else None)
                return await _load(tx, name, first), mask_secrets(read_ini(current))
            last = after or (kept[0] if kept else None)
            first = before or (kept[1] if len(kept) > 1 else None)
            return await _load(tx, name, first), await _load(tx, name, last)

    changes = differences(*wait_for(read()))
    if as_json:
        for line in changes:
            show_json({"change": line})
        return
    print("\n".join(map(printable, changes)) or "Nothing changed.")


async def _load(tx: Transaction, device: str, number: int | None) -> str:
    text = await load_configuration(tx, device, number) if number is not None else None
    if text is None:
        which = f"no configuration {number}" if number is not None else "too few configurations"
        raise AlarmbridgeError(f"the archive has {which} of {device}; see `ini log`")
    # Once more: what stored it may have known fewer secrets than this program does.
    return mask_secrets(text)
