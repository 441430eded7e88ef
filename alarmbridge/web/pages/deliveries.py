"""`/deliveries`: what sinks could not be told, what waits, and telling it once more."""

from aiohttp import web

from alarmbridge.core.delivery import DeliveryState
from alarmbridge.store.deliveries import count_deliveries
from alarmbridge.web.deliveries import DeliveryListQuery, replay_one
from alarmbridge.web.pages.forms import back_to, query_of, read_form
from alarmbridge.web.pages.page import Desk
from alarmbridge.web.questions import read_filled


class DeliveriesPage:
    """The page of deliveries; without a question it shows the dead ones."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.RouteDef]:
        """List what this answers."""
        return [
            web.get("/deliveries", self._show),
            web.post("/deliveries/{id}/replay", self._replay),
        ]

    async def _show(self, request: web.Request) -> web.Response:
        person = self._desk.guard.require(request)
        question = read_filled(request, DeliveryListQuery)
        if "state" not in request.query:
            question = question.model_copy(update={"state": (DeliveryState.DEAD,)})
        async with self._desk.archive.read() as tx:
            counts = await count_deliveries(tx)
            page = await question.load(tx)
        # What was asked for as any state stays so: without a word it would be the dead again.
        state = {} if question.state else {"state": ""}
        older = query_of(question, after=page.next, **state) if page.next else None
        return self._desk.renderer.page(
            request,
            "deliveries.html",
            person=person,
            question=question,
            states=list(DeliveryState),
            counts=sorted(counts.items()),
            deliveries=page.items,
            older=older,
        )

    async def _replay(self, request: web.Request) -> web.Response:
        person, form = self._desk.guard.require(request), await read_form(request)
        await replay_one(
            self._desk.archive,
            request.match_info["id"],
            who=person.name,
            now=self._desk.now(),
            wake=self._desk.wake,
        )
        return back_to(request, form.get("back", ""), "/deliveries")
