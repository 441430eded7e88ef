"""`simulate`: a farm of Mediants for whoever wants to try something against it."""

import asyncio
import json
from typing import Annotated, Literal

import typer

from alarmbridge.cli.options import wait_for
from alarmbridge.core.errors import AlarmbridgeError, ConfigError
from alarmbridge.simulator.control import Control
from alarmbridge.simulator.farm import Farm
from alarmbridge.simulator.habits import draw_habits
from alarmbridge.simulator.script import SCRIPTS

_LAST_PORT = 65535


def simulate(
    devices: Annotated[
        int, typer.Option(metavar="N", min=1, max=10000, help="How many devices.")
    ] = 3,
    port: Annotated[
        int,
        typer.Option(
            metavar="PORT", min=0, max=_LAST_PORT, help="The first device's port; 0: any free ones."
        ),
    ] = 8441,
    control_port: Annotated[
        int,
        typer.Option(
            metavar="PORT", min=0, max=_LAST_PORT, help="The control surface's port; 0: a free one."
        ),
    ] = 8440,
    script: Annotated[
        str, typer.Option(metavar="NAME", help=f"One of: {', '.join(SCRIPTS)}.")
    ] = "lively",
    alarms: Annotated[
        int, typer.Option(metavar="N", min=1, help="With the script storm: how many alarms.")
    ] = 100,
    seed: Annotated[
        int, typer.Option(metavar="N", help="Everything that is drawn follows from it.")
    ] = 0,
    habits: Annotated[
        Literal["guide", "drawn"], typer.Option(help="As the guide says, or drawn for each.")
    ] = "guide",
    addressing: Annotated[
        Literal["ports", "addresses"],
        typer.Option(help="A port for each device, or a loopback address for each (Linux)."),
    ] = "ports",
    username: Annotated[str, typer.Option(metavar="TEXT", help="Of every device.")] = "monitor",
    password: Annotated[str, typer.Option(metavar="TEXT", help="Of every device.")] = "alarmbridge",  # noqa: S107 - a simulated device guards nothing
) -> None:
    """Play Mediants until Ctrl-C.

    They answer on this machine alone; printed is a configuration for them.
    """
    if script not in SCRIPTS:
        raise ConfigError([f"--script: there is no {script!r}; there are: {', '.join(SCRIPTS)}"])
    if addressing == "ports" and port + devices - 1 > _LAST_PORT:
        raise ConfigError([f"--port: from {port} on there are no ports for {devices} devices"])

    extra = {"alarms": alarms} if script == "storm" else {}

    async def work() -> None:
        farm = Farm(
            devices,
            seed=seed,
            habits=draw_habits if habits == "drawn" else None,
            username=username,
            password=password,
            addressing=addressing,
            port=port,
        )
        try:
            async with farm, Control(farm, port=control_port) as control:
                _print_configuration(farm, username, password, control.url)
                await farm.play(SCRIPTS[script](list(farm.devices), seed=seed, **extra))
                await asyncio.Event().wait()
        except OSError as error:
            raise AlarmbridgeError(
                f"simulate cannot listen: {error.strerror}; give others by --port and"
                " --control-port, or 0 for free ones."
            ) from error

    try:
        wait_for(work())
    except KeyboardInterrupt:
        print("\n# ended")


def _print_configuration(farm: Farm, username: str, password: str, control: str) -> None:
    print(f"# control surface: {control}/control/devices")
    # JSON's quotes are YAML's too, whatever there is in a password.
    login = f"username: {json.dumps(username)}, password: {json.dumps(password)}"
    print(f"defaults: {{{login}}}")
    print("devices:")
    for name in farm.devices:
        print(f'  - {{name: {name}, url: "{farm.url(name)}"}}', flush=True)
