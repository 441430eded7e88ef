"""`check`: whether a configuration is right, and with `--probe` whether the devices answer."""

import asyncio
import time
from dataclasses import dataclass
from typing import Annotated

import typer

from alarmbridge.cli.options import ConfigFile, settings_of, wait_for
from alarmbridge.cli.output import show_table
from alarmbridge.core.errors import DeviceError
from alarmbridge.mediant.client import AlarmsClient, Table
from alarmbridge.mediant.network import HttpNetwork
from alarmbridge.mediant.paging import fetch_table
from alarmbridge.settings.models import DeviceSettings
from alarmbridge.translation import access_of

_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class _Probed:
    name: str
    product: str | None = None
    version: str | None = None
    active_alarms: int | None = None
    error: str | None = None


def check(
    config: ConfigFile = None,
    probe: Annotated[
        bool, typer.Option("--probe", help="Log in to each device and show what it is.")
    ] = False,
) -> None:
    """Check the configuration; every mistake in it is shown at once."""
    settings = settings_of(config)
    for warning in settings.warnings():
        print(f"warning: {warning}")
    counts = f"devices: {len(settings.devices)}, sinks: {len(settings.sinks)}"
    print(f"The configuration is right; {counts}.")
    if not probe:
        return
    probed = wait_for(_probe_all(settings.devices))
    show_table(
        ("DEVICE", "PRODUCT", "VERSION", "ACTIVE ALARMS", "ERROR"),
        [
            (
                one.name,
                one.product,
                one.version,
                None if one.active_alarms is None else str(one.active_alarms),
                one.error,
            )
            for one in probed
        ],
        empty="No devices.",
    )
    if any(one.error for one in probed):
        raise typer.Exit(1)


async def _probe_all(devices: tuple[DeviceSettings, ...]) -> list[_Probed]:
    network = HttpNetwork(time.monotonic)
    seats = asyncio.Semaphore(_AT_ONCE)

    async def probe(device: DeviceSettings) -> _Probed:
        async with seats:
            return await _probe(device, network)

    try:
        return await asyncio.gather(*(probe(device) for device in devices))
    finally:
        await network.aclose()


async def _probe(device: DeviceSettings, network: HttpNetwork) -> _Probed:
    client = AlarmsClient(device.name, network.open_line(access_of(device)))
    try:
        status = await client.fetch_status()
        listing = await fetch_table(client, Table.ACTIVE)
    except DeviceError as error:
        return _Probed(device.name, error=str(error))
    return _Probed(device.name, status.product, status.version, len(listing.rows))
