"""Answers out of the archive's own database, beside a running daemon or without one."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from alarmbridge.cli.answers import (
    ALARMS,
    DELIVERIES,
    DEVICES,
    Document,
    Kind,
    Listing,
    Wanted,
    as_typed,
)
from alarmbridge.cli.messages import Messages
from alarmbridge.core.errors import StoreError
from alarmbridge.core.payload import listed_alarm_as_json
from alarmbridge.core.report_json import report_as_json
from alarmbridge.store.archive import Archive
from alarmbridge.store.page import BadCursor
from alarmbridge.store.transaction import Transaction
from alarmbridge.web.alarm_questions import AlarmListQuery
from alarmbridge.web.deliveries import DeliveryListQuery
from alarmbridge.web.devices import DeviceListQuery
from alarmbridge.web.events import EventListQuery
from alarmbridge.web.listed import delivery_as_json, device_state_as_json
from alarmbridge.web.news import News
from alarmbridge.web.problems import BadRequest
from alarmbridge.web.report import ReportQuestion, Reports
from alarmbridge.web.told import Wanted as WantedEvents

_PATIENCE = 5.0


class FileAnswers:
    """What an archive holds. patience: seconds until it must be known where news begin."""

    def __init__(self, archive: Archive, *, patience: float = _PATIENCE) -> None:
        self._archive = archive
        self._patience = patience

    async def ask(self, kind: Kind, wanted: Wanted) -> Listing:
        """Load a page."""
        asking = {ALARMS: _alarms, DEVICES: _devices, DELIVERIES: _deliveries}.get(kind, _events)
        try:
            async with self._archive.read() as tx:
                return await asking(tx, wanted)
        except BadCursor as error:
            raise StoreError(f"--after: {error}") from None

    async def follow(self, wanted: Wanted) -> AsyncIterator[Document]:
        """Look for new events once a second, as the daemon does for its stream."""
        query = wanted.read(EventListQuery)
        news = News(self._archive, wake=lambda: None)
        fitting = WantedEvents(query.type, query.device)
        with news.listen():
            position = await self._begin(news)
            messages = Messages()
            while True:
                await news.look()
                while (batch := await news.after(position)) is not None:
                    for _, document in messages.feed(batch.after(position, fitting)):
                        yield document
                    position = batch.end
                await asyncio.sleep(news.pause)

    async def _begin(self, news: News) -> int:
        """Look until it is known up to where the archive goes; raises StoreError."""
        try:
            async with asyncio.timeout(self._patience):
                await news.look()
                while not news.known:
                    await asyncio.sleep(news.pause)
                    await news.look()
        except TimeoutError:
            raise StoreError("The archive cannot be followed now; try again.") from None
        return news.position

    async def report(self, wanted: Wanted) -> Document:
        """Count it."""
        reports = Reports(archive=self._archive, now=lambda: datetime.now(UTC))
        try:
            return report_as_json(await reports.make(wanted.read(ReportQuestion)))
        except BadRequest as error:
            raise as_typed(error) from None


async def _alarms(tx: Transaction, wanted: Wanted) -> Listing:
    page = await wanted.read(AlarmListQuery).load(tx)
    return Listing(tuple(map(listed_alarm_as_json, page.items)), page.next)


async def _events(tx: Transaction, wanted: Wanted) -> Listing:
    page = await wanted.read(EventListQuery).load(tx)
    return Listing(tuple(json.loads(event.body) for event in page.items), page.next)


async def _devices(tx: Transaction, wanted: Wanted) -> Listing:
    page = await wanted.read(DeviceListQuery).load(tx)
    return Listing(tuple(map(device_state_as_json, page.items)), page.next)


async def _deliveries(tx: Transaction, wanted: Wanted) -> Listing:
    page = await wanted.read(DeliveryListQuery).load(tx)
    return Listing(tuple(map(delivery_as_json, page.items)), page.next)
