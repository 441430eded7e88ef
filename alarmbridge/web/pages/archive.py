"""`/archive`: every alarm there is or was, by all that can be asked for."""

from aiohttp import web

from alarmbridge.core.alarm import Origin, State
from alarmbridge.core.severity import Severity
from alarmbridge.web.alarm_questions import AlarmListQuery
from alarmbridge.web.pages.forms import query_of
from alarmbridge.web.pages.page import Desk
from alarmbridge.web.questions import read_filled


class ArchivePage:
    """The page of the archive."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.RouteDef]:
        """List what this answers."""
        return [web.get("/archive", self._show)]

    async def _show(self, request: web.Request) -> web.Response:
        person = self._desk.guard.require(request)
        question = read_filled(request, AlarmListQuery)
        async with self._desk.archive.read() as tx:
            page = await question.load(tx)
        older = query_of(question, after=page.next) if page.next else None
        return self._desk.renderer.page(
            request,
            "archive.html",
            person=person,
            question=question,
            severities=list(Severity),
            states=list(State),
            origins=list(Origin),
            alarms=page.items,
            older=older,
            exported=query_of(question.model_copy(update={"limit": 100})),
        )
