"""Exports: every alarm that is asked for, in batches, however many there are."""

from collections.abc import AsyncIterator

from alarmbridge.core.alarm import Alarm
from alarmbridge.store.alarm_filter import AlarmFilter
from alarmbridge.store.alarm_lists import list_alarms
from alarmbridge.store.archive import Archive
from alarmbridge.store.page import MOST


async def export_alarms(
    archive: Archive, wanted: AlarmFilter, *, size: int = MOST
) -> AsyncIterator[tuple[Alarm, ...]]:
    """Give the alarms of a list page by page, in its order.

    Each page is a transaction of its own: one that lasted as long as a slow reader would keep the
    database from tidying up behind it. What is raised meanwhile stands before the first page.
    """
    after: str | None = None
    while True:
        async with archive.read() as tx:
            page = await list_alarms(tx, wanted, limit=size, after=after)
        if page.items:
            yield page.items
        after = page.next
        if after is None:
            return
