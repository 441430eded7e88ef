"""Registration: the archive learns which devices are configured, and which are no longer."""

import logging
from collections.abc import Sequence
from datetime import datetime

from alarmbridge.core.payload import DeviceFacts
from alarmbridge.core.removal import remove_device
from alarmbridge.runtime.recorder import Recorder, Sighted
from alarmbridge.store.archive import Archive
from alarmbridge.store.devices import (
    DeviceEntry,
    DeviceRecord,
    list_devices,
    list_removed,
    mark_removed,
    register_devices,
)
from alarmbridge.store.holds import review_configured

_log = logging.getLogger(__name__)


async def register(
    archive: Archive, recorder: Recorder, entries: Sequence[DeviceEntry], *, now: datetime
) -> None:
    """Enter the configured devices, and close what stands at those that are gone.

    What silences of the configuration hold is judged anew, since that may have changed.

    A kill at any commit is made good at the next start: a device is marked last, and what is
    closed already is not closed again.
    """
    names = {entry.name for entry in entries}
    async with archive.begin() as tx:
        await register_devices(tx, entries, now=now)
        await review_configured(tx, now=now)
        gone = set(await list_removed(tx, names))
        removed = [record for record in await list_devices(tx) if record.name in gone]
    for record in removed:
        held = await recorder.load(record.name)
        decision = remove_device(held, now=now)
        # Nobody is blind for what nobody looks at: its blind spells end here as well.
        await recorder.record(held, decision, facts=_facts_of(record), sight=Sighted())
        async with archive.begin() as tx:
            await mark_removed(tx, record.name, now=now)
        _log.info("%s: is configured no longer; its alarms were closed", record.name)


def _facts_of(record: DeviceRecord) -> DeviceFacts:
    return DeviceFacts(
        name=record.name,
        url=record.url,
        tags=record.tags,
        product=record.product,
        serial_number=record.serial_number,
        version=record.version,
    )
