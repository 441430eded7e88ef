"""`/api/v1/deliveries`: what is owed to sinks, what became of it, and owing it once more."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from pydantic import Field

from alarmbridge.core.delivery import DeliveryState
from alarmbridge.store.archive import Archive
from alarmbridge.store.deliveries import ListedDelivery, fetch_delivery, list_deliveries
from alarmbridge.store.operator_actions import tell_again
from alarmbridge.store.page import Page as StoredPage
from alarmbridge.store.page import read_row_id
from alarmbridge.store.transaction import Transaction
from alarmbridge.web.listed import delivery_as_json
from alarmbridge.web.operations import API, Asked, Operation
from alarmbridge.web.parameters import Paged, Texts
from alarmbridge.web.problems import RequestRefused
from alarmbridge.web.questions import Question
from alarmbridge.web.shapes import DeliveryShape, Page

_NONE = "There is no such delivery."
_UNDER_WAY = "It is neither dead nor delivered, so there is nothing to be told once more."


class DeliveryListQuery(Paged):
    """Asks for a page of deliveries."""

    sink: Annotated[Texts, Field(description="Owed to a sink of this name.")] = ()
    state: Annotated[tuple[DeliveryState, ...], Field(description="In one of these states.")] = ()
    device: Annotated[Texts, Field(description="About a device of this name.")] = ()
    alarm: Annotated[Texts, Field(description="About an alarm of this id.")] = ()

    async def load(self, tx: Transaction) -> StoredPage[ListedDelivery]:
        """Load it; raises BadCursor."""
        return await list_deliveries(
            tx,
            sinks=self.sink,
            states=self.state,
            devices=self.device,
            alarms=self.alarm,
            limit=self.limit,
            after=self.after,
        )


class Deliveries:
    """The archive's deliveries. now: the clock. wake: called when something may go."""

    topic = "deliveries"

    def __init__(
        self, *, archive: Archive, now: Callable[[], datetime], wake: Callable[[], None]
    ) -> None:
        self._archive = archive
        self._now = now
        self._wake = wake

    def operations(self) -> list[Operation]:
        """List what can be asked."""
        return [
            Operation(
                path=f"{API}/deliveries",
                handler=self._list,
                name="list_deliveries",
                summary="List deliveries",
                query=DeliveryListQuery,
                answer=Page[DeliveryShape],
            ),
            Operation(
                method="POST",
                path=f"{API}/deliveries/{{id}}/replay",
                handler=self._replay,
                name="replay_delivery",
                summary="Tell a sink once more",
                about="What is dead or delivered is owed again from now, whatever the rules of its "
                "sink say; the sink is told under the same id.",
                parts={"id": "The delivery's number."},
                answer=DeliveryShape,
                problems={HTTPStatus.NOT_FOUND: _NONE, HTTPStatus.CONFLICT: _UNDER_WAY},
            ),
        ]

    async def _list(self, asked: Asked[DeliveryListQuery, None]) -> object:
        async with self._archive.read() as tx:
            page = await asked.query.load(tx)
        return {"items": [delivery_as_json(one) for one in page.items], "next": page.next}

    async def _replay(self, asked: Asked[Question, None]) -> object:
        return delivery_as_json(
            await replay_one(
                self._archive, asked.part(), who=asked.person.name, now=self._now(), wake=self._wake
            )
        )


async def replay_one(
    archive: Archive, text: str, *, who: str, now: datetime, wake: Callable[[], None]
) -> ListedDelivery:
    """Owe a delivery once more, and return it as it is then; raises RequestRefused.

    text: its number, as somebody wrote it.
    """
    number = read_row_id(text)
    if number is None:
        raise RequestRefused(HTTPStatus.NOT_FOUND, _NONE)
    async with archive.begin() as tx:
        owed = await tell_again(tx, [number], who=who, now=now)
        delivery = await fetch_delivery(tx, number)
    if delivery is None:
        raise RequestRefused(HTTPStatus.NOT_FOUND, _NONE)
    if not owed:
        raise RequestRefused(HTTPStatus.CONFLICT, _UNDER_WAY)
    wake()
    return delivery
