"""`deliveries`: what is owed to sinks, and owing it once more."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from alarmbridge.cli.options import (
    AsJson,
    ConfigFile,
    Limit,
    login_name,
    opened,
    settings_of,
    wait_for,
)
from alarmbridge.cli.output import local, show_json, show_table
from alarmbridge.core.delivery import DeliveryState
from alarmbridge.core.errors import AlarmbridgeError, ConfigError
from alarmbridge.store.deliveries import ListedDelivery, list_deliveries
from alarmbridge.store.operator_actions import REPLAY, note
from alarmbridge.store.page import Page
from alarmbridge.store.replay import replay as replay_these
from alarmbridge.store.replay import replay_dead
from alarmbridge.web.listed import delivery_as_json

app = typer.Typer(help="What is owed to sinks, and what became of it.", no_args_is_help=True)


@app.command("list")
def list_them(
    config: ConfigFile = None,
    sink: Annotated[str | None, typer.Option(metavar="NAME", help="Owed to this sink.")] = None,
    state: Annotated[DeliveryState | None, typer.Option(help="In this state.")] = None,
    device: Annotated[str | None, typer.Option(metavar="NAME", help="About this device.")] = None,
    alarm: Annotated[
        str | None, typer.Option(metavar="ID", help="About this alarm; `alarms --json` shows ids.")
    ] = None,
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """List deliveries, the newest first.

    Each with the reason for its state, or the far end's answer.
    """

    async def load() -> Page[ListedDelivery]:
        async with opened(config) as archive, archive.read() as tx:
            return await list_deliveries(
                tx, sink=sink, state=state, device=device, alarm=alarm, limit=limit
            )

    found = wait_for(load())
    if as_json:
        for delivery in found.items:
            show_json(delivery_as_json(delivery))
        return
    show_table(
        ("ID", "SINK", "STATE", "TRIES", "OWED SINCE", "DEVICE", "EVENT", "TEXT", "WHY"),
        [
            (
                str(delivery.id),
                delivery.sink,
                delivery.state.value,
                str(delivery.attempts),
                local(delivery.created_at),
                delivery.device or "alarmbridge",
                delivery.kind,
                delivery.description,
                delivery.reason or delivery.answer,
            )
            for delivery in found.items
        ],
        empty="No such deliveries.",
        more=found.next is not None,
    )


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
                    await note(tx, REPLAY, who=who, now=now, target=" ".join(map(str, ids)))
                    return await replay_these(tx, ids, now=now)
            while True:
                async with archive.begin() as tx:
                    more = await replay_dead(tx, sink=sink, now=now)
                    if more:
                        target = f"{more} dead" + (f" of {sink}" if sink else "")
                        await note(tx, REPLAY, who=who, now=now, target=target)
                owed += more
                if not more:
                    return owed

    owed = wait_for(work())
    print(f"Deliveries owed once more: {owed}.")
    if ids and owed < len(set(ids)):
        raise AlarmbridgeError(
            "The others are none that are dead or delivered; see: deliveries list."
        )
