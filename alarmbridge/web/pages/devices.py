"""`/devices` and `/devices/{name}`: how well each device can be seen, and what stands there."""

from aiohttp import web

from alarmbridge.core.alarm import State
from alarmbridge.store.alarm_filter import AlarmFilter
from alarmbridge.store.alarm_lists import list_alarms
from alarmbridge.store.blind_spells import list_spells
from alarmbridge.web.devices import DeviceListQuery, find_device
from alarmbridge.web.pages.forms import query_of
from alarmbridge.web.pages.page import Desk
from alarmbridge.web.questions import read_filled

_RECENT = 20


class DevicePages:
    """The page of all devices, and that of one."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.RouteDef]:
        """List what this answers."""
        return [web.get("/devices", self._list), web.get("/devices/{name}", self._show)]

    async def _list(self, request: web.Request) -> web.Response:
        person = self._desk.guard.require(request)
        question = read_filled(request, DeviceListQuery)
        async with self._desk.archive.read() as tx:
            page = await question.load(tx)
        older = query_of(question, after=page.next) if page.next else None
        return self._desk.renderer.page(
            request,
            "devices.html",
            person=person,
            question=question,
            devices=page.items,
            older=older,
        )

    async def _show(self, request: web.Request) -> web.Response:
        person, name = self._desk.guard.require(request), request.match_info["name"]
        standing = AlarmFilter(states=(State.ACTIVE,), devices=(name,))
        past = AlarmFilter(states=(State.CLEARED,), devices=(name,))
        async with self._desk.archive.read() as tx:
            device = await find_device(tx, name)
            active = await list_alarms(tx, standing)
            recent = await list_alarms(tx, past, limit=_RECENT)
            spells = await list_spells(tx, device=name, limit=_RECENT)
        return self._desk.renderer.page(
            request,
            "device.html",
            person=person,
            device=device,
            web_page=name in self._desk.web_pages,
            active=active.items,
            recent=recent.items,
            spells=spells.items,
        )
