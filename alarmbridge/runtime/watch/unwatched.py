"""Ends what stands for something that is watched no longer: nobody would ever end it."""

from collections.abc import Collection, Mapping
from datetime import datetime

from alarmbridge.core import expiry, thresholds
from alarmbridge.core.bridge import HA_NOT_OPERATIONAL, HA_SWITCHOVER, keep_own
from alarmbridge.core.payload import DeviceFacts
from alarmbridge.runtime.recorder import Recorder
from alarmbridge.store.alarms import active_bridge_alarms
from alarmbridge.store.archive import Archive

STATUS = (HA_SWITCHOVER, HA_NOT_OPERATIONAL)
_ALL = frozenset((*STATUS, *expiry.NAMES, *thresholds.NAMES))


async def end_unwatched(
    archive: Archive,
    recorder: Recorder,
    watched: Mapping[str, Collection[str]],
    *,
    facts: Mapping[str, DeviceFacts],
    now: datetime,
) -> None:
    """Clear alarms of what is not switched on any more.

    watched: by configured device, the names of the alarms that something still looks after.
    """
    async with archive.read() as tx:
        standing = await active_bridge_alarms(tx)
    unwatched = {device: _ALL.difference(names) for device, names in watched.items()}
    for device in sorted(
        {one.device for one in standing if one.name in unwatched.get(one.device, ())}
    ):
        held = await recorder.load(device)
        decision = keep_own(
            held, {}, names=unwatched[device], now=now, cleared="It is watched no longer."
        )
        await recorder.record(held, decision, facts=facts[device])
