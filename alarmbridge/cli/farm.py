"""`simulate`: a farm of Mediants for whoever wants to try something against it."""

import asyncio
from typing import Annotated, Literal

import typer

from alarmbridge.cli.options import wait_for
from alarmbridge.core.errors import AlarmbridgeError
from alarmbridge.simulator.control import Control
from alarmbridge.simulator.farm import Farm
from alarmbridge.simulator.habits import draw_habits
from alarmbridge.simulator.script import SCRIPTS


def simulate(
    devices: Annotated[int, typer.Option(min=1, max=10000, help="How many devices.")] = 3,
    port: Annotated[int, typer.Option(help="The first device's port; 0: any free ones.")] = 8441,
    control_port: Annotated[int, typer.Option(help="The control surface's port.")] = 8440,
    script: Annotated[str, typer.Option(help=f"One of: {', '.join(SCRIPTS)}.")] = "lively",
    seed: Annotated[int, typer.Option(help="Everything that is drawn follows from it.")] = 0,
    habits: Annotated[
        Literal["guide", "drawn"], typer.Option(help="As the guide says, or drawn for each.")
    ] = "guide",
    addressing: Annotated[
        Literal["ports", "addresses"],
        typer.Option(help="A port for each device, or a loopback address for each (Linux)."),
    ] = "ports",
    username: str = "monitor",
    password: str = "alarmbridge",  # noqa: S107 - a simulated device guards nothing
) -> None:
    """Play Mediants on this machine until Ctrl-C, and print a configuration for them."""
    if script not in SCRIPTS:
        raise typer.BadParameter(f"there is no script {script!r}", param_hint="--script")

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
                await farm.play(SCRIPTS[script](list(farm.devices), seed=seed))
                await asyncio.Event().wait()
        except OSError as error:
            raise AlarmbridgeError(f"simulate cannot listen: {error.strerror}") from error

    try:
        wait_for(work())
    except KeyboardInterrupt:
        print("\n# ended")


def _print_configuration(farm: Farm, username: str, password: str, control: str) -> None:
    print(f"# control surface: {control}/control/devices")
    print(f"defaults: {{username: {username}, password: {password}}}")
    print("devices:")
    for name in farm.devices:
        print(f'  - {{name: {name}, url: "{farm.url(name)}"}}', flush=True)
