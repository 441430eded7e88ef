"""`/api/v1/events`: what happened, as it was told."""

import json
from typing import Annotated

from pydantic import Field

from alarmbridge.store.archive import Archive
from alarmbridge.store.events import StoredEvent, list_events
from alarmbridge.store.page import Page as StoredPage
from alarmbridge.store.transaction import Transaction
from alarmbridge.web.operations import API, Asked, Operation
from alarmbridge.web.parameters import Paged, Texts
from alarmbridge.web.shapes import EventShape, EventType, Page


class EventListQuery(Paged):
    """Asks for a page of events."""

    device: Annotated[Texts, Field(description="Of a device of this name.")] = ()
    alarm: Annotated[Texts, Field(description="Of an alarm of this id.")] = ()
    type: Annotated[tuple[EventType, ...], Field(description="Of one of these types.")] = ()

    async def load(self, tx: Transaction) -> StoredPage[StoredEvent]:
        """Load it; raises BadCursor."""
        return await list_events(
            tx,
            devices=self.device,
            alarms=self.alarm,
            kinds=[one.partition(".")[2] for one in self.type],
            limit=self.limit,
            after=self.after,
        )


class Events:
    """The archive's events."""

    topic = "events"

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def operations(self) -> list[Operation]:
        """List what can be asked."""
        return [
            Operation(
                path=f"{API}/events",
                handler=self._list,
                name="list_events",
                summary="List events",
                about="Each to the letter as it was told to sinks.",
                query=EventListQuery,
                answer=Page[EventShape],
            )
        ]

    async def _list(self, asked: Asked[EventListQuery, None]) -> object:
        async with self._archive.read() as tx:
            page = await asked.query.load(tx)
        return {"items": [json.loads(one.body) for one in page.items], "next": page.next}
