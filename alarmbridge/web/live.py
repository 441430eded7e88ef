"""`/live`: tells a page that it should look again. What it shows it asks for itself."""

import json
from collections.abc import Callable
from contextlib import suppress

from aiohttp import web

from alarmbridge.web.access import Guard
from alarmbridge.web.news import News
from alarmbridge.web.sse import HEADERS, USUAL, Channel, Pace, message


class Live:
    """The channel of the page: `changed` when anything moved, `beat` every 15 s.

    The data of `changed` are the latest event's position and the latest operator action's id;
    deliveries and silences move neither, so it comes with the same ones as well.
    """

    def __init__(
        self,
        news: News,
        *,
        guard: Guard,
        monotonic: Callable[[], float],
        pace: Pace = USUAL,
    ) -> None:
        self._news = news
        self._guard = guard
        self._monotonic = monotonic
        self._pace = pace

    def routes(self) -> list[web.RouteDef]:
        """List what this answers."""
        return [web.get("/live", self._follow)]

    async def _follow(self, request: web.Request) -> web.StreamResponse:
        if request.method == "HEAD":
            return web.Response(headers=HEADERS)
        channel = Channel(request, monotonic=self._monotonic, guard=self._guard, pace=self._pace)
        with self._news.listen(), suppress(ConnectionError):
            await self._news.begun()
            await channel.open()
            await self._tell(channel)
        return channel.response

    async def _tell(self, channel: Channel) -> None:
        news, seen = self._news, -1
        while not news.closed and await channel.may_go_on():
            if seen != news.moves:
                seen = news.moves
                data = json.dumps({"position": news.position, "action": news.action})
                await channel.send(message(event="changed", data=data))
            elif channel.quiet:
                await news.wait(channel.quiet)
            else:
                await channel.send(message(event="beat", data="{}"))
