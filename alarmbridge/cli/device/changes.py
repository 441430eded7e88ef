"""`save`, `reset`, `upgrade`, `web`: each says what it will do first."""

from typing import Annotated

import typer

from alarmbridge.cli.device.door import Source, Yes, ask, confirm, do
from alarmbridge.cli.device.transfer import send
from alarmbridge.cli.options import AsJson, ConfigFile, login_name
from alarmbridge.cli.output import show_json
from alarmbridge.mediant.mediant import Mediant
from alarmbridge.mediant.orders import PrivilegeLevel
from alarmbridge.mediant.resources import AuthToken


def save(
    context: typer.Context, yes: Yes = False, config: ConfigFile = None, as_json: AsJson = False
) -> None:
    """Have the device save its configuration, so that it outlives a reset."""
    confirm(context, "its configuration will be saved.", yes=yes)
    do(
        context,
        config,
        lambda mediant: mediant.maintenance.save_configuration(),
        otherwise="Saved.",
        as_json=as_json,
    )


def reset(
    context: typer.Context,
    save_first: Annotated[
        bool, typer.Option("--save/--no-save", help="Save the configuration before.")
    ] = True,
    graceful: Annotated[
        int,
        typer.Option(
            metavar="SECONDS",
            min=0,
            help="0 at once, 1 when all calls have ended, else after so many seconds.",
        ),
    ] = 0,
    yes: Yes = False,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Reset the device."""
    when = {0: "at once, which ends its calls", 1: "when all of its calls have ended"}.get(
        graceful, f"after {graceful} s, which ends the calls that are left"
    )
    kept = "saved before" if save_first else "lost where it was not saved"
    confirm(context, f"it will reset {when}; its configuration is {kept}.", yes=yes)
    do(
        context,
        config,
        lambda mediant: mediant.maintenance.reset(
            save_configuration=save_first, graceful_timeout=graceful
        ),
        otherwise="It resets.",
        as_json=as_json,
    )


def upgrade(
    context: typer.Context,
    file: Source,
    hitless: Annotated[
        bool, typer.Option("--hitless", help="By a switchover of an HA pair, calls go on.")
    ] = False,
    yes: Yes = False,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Load software (a .cmp file), upon which the device resets or switches over."""
    end = "switch over to it, calls going on" if hitless else "reset, which ends its calls"
    confirm(context, f"it will load {file.name} and {end}.", yes=yes)
    send(
        context,
        config,
        file,
        lambda to, upload, moved: to.load_software(upload, hitless=hitless, progress=moved),
        as_json=as_json,
    )


def web(
    context: typer.Context,
    level: PrivilegeLevel = PrivilegeLevel.MONITOR,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Print a link to the device's own web pages that opens them for ten seconds."""
    user = login_name() or "alarmbridge"
    token, url = ask(context, config, lambda mediant: _link(mediant, user, level))
    if as_json:
        show_json({"url": url, "description": token.description})
    else:
        print(url)


async def _link(mediant: Mediant, user: str, level: PrivilegeLevel) -> tuple[AuthToken, str]:
    token = await mediant.maintenance.create_auth_token(user, level)
    return token, mediant.line.web_page(token.value)
