"""`/alarms/{id}`: one alarm's story, and what operators do about it."""

from aiohttp import web

from alarmbridge.core.operator import OperatorAction
from alarmbridge.core.silence import LONGEST_COMMENT
from alarmbridge.core.units import is_of_redundant
from alarmbridge.core.wording import known_of
from alarmbridge.web.alarm_story import act_on, find_alarm, tell_story
from alarmbridge.web.pages.forms import back_to, comment_of, read_form
from alarmbridge.web.pages.page import Desk
from alarmbridge.web.pages.timeline import timeline_of


class AlarmPage:
    """The page of one alarm."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.RouteDef]:
        """List what this answers."""
        return [
            web.get("/alarms/{id}", self._show),
            web.post("/alarms/{id}/{action:ack|unack|comment|close}", self._act),
        ]

    async def _show(self, request: web.Request) -> web.Response:
        person = self._desk.guard.require(request)
        async with self._desk.archive.read() as tx:
            alarm = await find_alarm(tx, request.match_info["id"])
            story = await tell_story(tx, alarm)
        return self._desk.renderer.page(
            request,
            "alarm.html",
            person=person,
            alarm=alarm,
            known=known_of(alarm),
            web_page=alarm.device in self._desk.web_pages,
            redundant=is_of_redundant(alarm.source),
            story=story,
            timeline=timeline_of(story),
        )

    async def _act(self, request: web.Request) -> web.Response:
        person, form = self._desk.guard.require(request), await read_form(request)
        alarm_id, action = request.match_info["id"], OperatorAction(request.match_info["action"])
        comment = comment_of(form, LONGEST_COMMENT)
        if action is not OperatorAction.COMMENT or comment:
            await act_on(
                self._desk.archive,
                alarm_id,
                action,
                who=person.name,
                now=self._desk.now(),
                comment=comment,
            )
        return back_to(request, form.get("back", ""), f"/alarms/{alarm_id}")
