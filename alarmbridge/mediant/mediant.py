"""One device with all that its API offers: the front door for programs of others.

`open_mediant(Access(name="ams", url="https://10.1.2.3", username="…", password="…"))` is an
asynchronous context: what it gives has the alarms and the status, what else can be looked into,
and what changes the device.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from alarmbridge.mediant.access import Access
from alarmbridge.mediant.client import AlarmsClient
from alarmbridge.mediant.http_full import FullHttpTransport
from alarmbridge.mediant.inspector import Inspector
from alarmbridge.mediant.maintenance import Maintenance
from alarmbridge.mediant.network import HttpNetwork


@dataclass(frozen=True, slots=True)
class Mediant:
    """A device: its alarms and status, what else can be read, and what changes it.

    line: what all three go through, for files of any size.
    """

    alarms: AlarmsClient
    inspector: Inspector
    maintenance: Maintenance
    line: FullHttpTransport


@asynccontextmanager
async def open_mediant(access: Access) -> AsyncIterator[Mediant]:
    """Open a device, without asking it anything yet; raises ConfigError."""
    network = HttpNetwork(time.monotonic)
    try:
        line = network.open_full_line(access)
        yield Mediant(
            AlarmsClient(access.name, line),
            Inspector(access.name, line),
            Maintenance(access.name, line),
            line,
        )
    finally:
        await network.aclose()
