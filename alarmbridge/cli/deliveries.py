"""`deliveries`: what is owed to sinks, and owing it once more."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from alarmbridge.cli.answers import Wanted
from alarmbridge.cli.listing import After, All, Every, Watch, manner_of, show
from alarmbridge.cli.options import (
    AsJson,
    ConfigFile,
    Limit,
    login_name,
    opened,
    settings_of,
    wait_for,
)
from alarmbridge.cli.source import CaFile, TokenFile, Url, asked
from alarmbridge.cli.views import DELIVERY_VIEW
from alarmbridge.core.delivery import DeliveryState
from alarmbridge.core.errors import AlarmbridgeError, ConfigError
from alarmbridge.store.operator_actions import tell_again, tell_dead_again

app = typer.Typer(help="What is owed to sinks, and what became of it.", no_args_is_help=True)


@app.command("list")
def list_them(
    config: ConfigFile = None,
    url: Url = None,
    token_file: TokenFile = None,
    ca_file: CaFile = None,
    sink: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Owed to this sink; repeatable.")
    ] = None,
    state: Annotated[
        list[DeliveryState] | None, typer.Option(help="In this state; repeatable.")
    ] = None,
    device: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="About this device; repeatable.")
    ] = None,
    alarm: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID", help="About this alarm, as `alarms --json` shows it; repeatable."
        ),
    ] = None,
    limit: Limit = 100,
    after: After = None,
    whole: All = False,
    as_json: AsJson = False,
    watch: Watch = False,
    every: Every = None,
) -> None:
    """List deliveries, the newest first.

    Each with the reason for its state, or the far end's answer.
    """
    wanted = Wanted(sink=sink, state=state, device=device, alarm=alarm, limit=limit, after=after)
    manner = manner_of(as_json=as_json, whole=whole, watch=watch, every=every)
    show(DELIVERY_VIEW, wanted, manner, asked(config, url, token_file, ca_file))


@app.command("replay")
def replay(
    ids: Annotated[
        list[int] | None, typer.Argument(metavar="ID", help="Deliveries, dead or delivered.")
    ] = None,
    config: ConfigFile = None,
    dead: Annotated[bool, typer.Option("--dead", help="Every dead delivery.")] = False,
    sink: Annotated[
        str | None, typer.Option(metavar="NAME", help="With --dead: of this sink only.")
    ] = None,
) -> None:
    """Owe deliveries once more.

    A running daemon sends them within a second or two.
    """
    if bool(ids) == dead or (sink and not dead):
        raise ConfigError(["deliveries replay: give ids, or --dead with or without --sink"])

    if sink and sink not in {one.name for one in settings_of(config).sinks}:
        raise ConfigError([f"there is no sink {sink!r}"])

    who = login_name()

    async def work() -> int:
        now, owed = datetime.now(UTC), 0
        async with opened(config) as archive:
            if ids:
                async with archive.begin() as tx:
                    return len(await tell_again(tx, ids, who=who, now=now))
            more = 1
            while more:
                async with archive.begin() as tx:
                    more = await tell_dead_again(tx, sink=sink, who=who, now=now)
                owed += more
        return owed

    owed = wait_for(work())
    print(f"Deliveries owed once more: {owed}.")
    if ids and owed < len(set(ids)):
        raise AlarmbridgeError(
            "The others are none that are dead or delivered; see: deliveries list."
        )
