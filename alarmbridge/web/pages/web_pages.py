"""`/devices/{name}/web`: from here to the device's own web pages, already logged in there."""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

from aiohttp import web

from alarmbridge.core.errors import DeviceError
from alarmbridge.store.operator_actions import note
from alarmbridge.web.pages.page import Desk
from alarmbridge.web.problems import RequestRefused

OpenPage = Callable[[str], Awaitable[str]]
"""Makes a URL that opens a device's web pages for some ten seconds: a secret. It is given who asks,
and raises DeviceError."""

WebPages = Mapping[str, OpenPage]
"""By device."""

_ACTION = "device.web"
_NONE = "There is no such device, or its web pages are not to be opened from here."
_VIEWER = "The token {name} is a viewer's; to open a device's web pages takes an operator's."


class WebPageLinks:
    """Fetches a token from the device and sends the browser there with it."""

    def __init__(self, desk: Desk, pages: WebPages) -> None:
        self._desk = desk
        self._pages = pages

    def routes(self) -> list[web.RouteDef]:
        """List what this answers."""
        return [web.get("/devices/{name}/web", self._go, allow_head=False)]

    async def _go(self, request: web.Request) -> web.Response:
        """Redirect there; asked for by a link, because no form may lead away from here (CSP)."""
        person, name = self._desk.guard.require(request), request.match_info["name"]
        if not person.may_change:
            raise RequestRefused(HTTPStatus.FORBIDDEN, _VIEWER.format(name=person.name))
        if request.headers.get("Sec-Fetch-Site") == "cross-site":
            raise RequestRefused(HTTPStatus.FORBIDDEN, "Another site asked for this.")
        open_page = self._pages.get(name)
        if open_page is None:
            raise RequestRefused(HTTPStatus.NOT_FOUND, _NONE)
        async with self._desk.archive.begin() as tx:
            await note(tx, _ACTION, who=person.name, now=self._desk.now(), target=name)
        try:
            url = await open_page(person.name)
        except DeviceError as error:
            raise RequestRefused(HTTPStatus.BAD_GATEWAY, str(error)) from error
        headers = {"Location": url, "Cache-Control": "no-store"}
        return web.Response(status=HTTPStatus.SEE_OTHER, headers=headers)
