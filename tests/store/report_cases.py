"""Alarms of a period put into the archive as rows, many of them in a line."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import insert, select

from alarmbridge.core.report_figures import Figures, period_of
from alarmbridge.store.archive import Archive
from alarmbridge.store.devices import DeviceEntry, register_devices
from alarmbridge.store.report import load_figures
from alarmbridge.store.report_scope import ReportFilter
from alarmbridge.store.tables import alarms, devices

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NOW = NOON + timedelta(hours=1)
WEEK = timedelta(days=7)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

_NUMBERS = count(1)


def row(after: timedelta = 0 * SECOND, stood: timedelta | None = None, **other: Any) -> Any:
    """Make an alarm of sbc-1 that was seen so long after noon, and stood so long.

    device_id: 2 for sbc-2, 0 for the bridge itself.
    """
    seen_at = NOON + after
    number = f"{next(_NUMBERS):08}"
    said = {
        "id": number,
        "identity": number,
        "device_id": 1,
        "origin": "device",
        "state": "active" if stood is None else "cleared",
        "severity": "minor",
        "description": "Trunk is down",
        "source": "Board#1",
        "oid": "1.10",
        "name": "acTrunk",
        "raised_at": None,
        "dated_at": seen_at,
        "cleared_at": None,
        "seen_at": seen_at,
        "recorded_at": seen_at,
        "closed_at": None if stood is None else seen_at + stood,
        "transient": False,
        "revision": 0,
        "stale": False,
        "acknowledged_at": None,
    }
    return said | other


async def put(archive: Archive, *rows: Any) -> None:
    """Have two devices, sbc-1 and sbc-2, and these alarms."""
    entries = [
        DeviceEntry(name=f"sbc-{number}", url=f"https://{number}", tags={"site": site})
        for number, site in ((1, "ams"), (2, "ber"))
    ]
    async with archive.begin() as tx:
        await register_devices(tx, entries, now=NOON)
        found = (await tx.execute(select(devices.c.id, devices.c.name))).rows
        ids = {one.name.removeprefix("sbc-"): one.id for one in found}
        # The bridge itself is the device without a name.
        placed = [one | {"device_id": ids[str(one["device_id"] or "")]} for one in rows]
        if placed:
            await tx.execute(insert(alarms), placed)


async def figures_of(
    archive: Archive,
    wanted: ReportFilter | None = None,
    *,
    since: datetime = NOW - WEEK,
    until: datetime = NOW,
) -> Figures:
    async with archive.read() as tx:
        return await load_figures(
            tx, period_of(since, until), now=NOW, wanted=wanted or ReportFilter()
        )


def every(length: timedelta, number: int) -> Iterable[timedelta]:
    """Give so many moments after noon, each so long after the one before."""
    return (length * place for place in range(number))
