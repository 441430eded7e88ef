"""`/api/v1/events/stream`: every event as it happens, and from where a reader left off."""

from collections.abc import Callable
from contextlib import suppress
from typing import Annotated

from aiohttp import web
from pydantic import BeforeValidator, Field, WithJsonSchema

from alarmbridge.core.errors import StoreError
from alarmbridge.core.severity import Severity
from alarmbridge.store.archive import Archive
from alarmbridge.store.events import latest_position
from alarmbridge.store.page import read_row_id
from alarmbridge.web.access import Guard
from alarmbridge.web.news import News
from alarmbridge.web.operations import API, Asked, Operation
from alarmbridge.web.parameters import Texts
from alarmbridge.web.problems import BadRequest, Mistake
from alarmbridge.web.questions import Question
from alarmbridge.web.shapes import EventType
from alarmbridge.web.sse import HEADERS, USUAL, Channel, Pace, here
from alarmbridge.web.told import Wanted

_LAST = "Last-Event-ID"
_ABOUT = f"""\
Server-Sent Events. A message is `id`, from where to resume; `event`, the type; `data`, the event as
sinks were told it, on one line. Every 15 s without one a comment comes.

Without `{_LAST}` the stream begins with what happens next; with it, right behind that event, from
the archive if need be: nothing is left out and nothing comes twice. 0 is before all that there is.
It is the number of a message, and no cursor of the list of events.
Where the archive does not go as far as that (it was restored from a backup), the stream begins with
what happens next, and says so in a comment. An `id` without data only tells from where to resume.

The stream ends when alarmbridge stops, when the token or session ends, and for who takes nothing
for a minute: come back with `{_LAST}`, as a browser's EventSource does by itself."""


def _read_place(text: object) -> int:
    place = read_row_id(str(text))
    if place is None:
        raise ValueError("must be the id of a message of this stream, a number")
    return place


Place = Annotated[
    int, BeforeValidator(_read_place), WithJsonSchema({"type": "integer", "minimum": 0})
]


class StreamQuestion(Question):
    """Which events, and from where on."""

    type: Annotated[tuple[EventType, ...], Field(description="Of one of these types.")] = ()
    device: Annotated[Texts, Field(description="Of a device of this name.")] = ()
    severity: Annotated[tuple[Severity, ...], Field(description="Of one of these.")] = ()
    last_event_id: Annotated[
        Place | None,
        Field(description=f"As the header `{_LAST}`, which goes before it."),
    ] = None


class Stream:
    """The archive's events as they happen."""

    topic = "events"

    def __init__(
        self,
        archive: Archive,
        *,
        news: News,
        guard: Guard,
        monotonic: Callable[[], float],
        pace: Pace = USUAL,
    ) -> None:
        self._archive = archive
        self._news = news
        self._guard = guard
        self._monotonic = monotonic
        self._pace = pace

    def operations(self) -> list[Operation]:
        """List what can be asked."""
        return [
            Operation(
                path=f"{API}/events/stream",
                handler=self._follow,
                name="stream_events",
                summary="Follow events",
                about=_ABOUT,
                query=StreamQuestion,
                answer=str,
                media=HEADERS["Content-Type"],
            )
        ]

    async def _follow(self, asked: Asked[StreamQuestion, None]) -> object:
        request, query = asked.request, asked.query
        wanted = Wanted(query.type, query.device, query.severity)
        left_off = _place_of(request, query)
        if request.method == "HEAD":
            return web.Response(headers=HEADERS)
        channel = Channel(request, monotonic=self._monotonic, guard=self._guard, pace=self._pace)
        with self._news.listen():
            position, comment = await self._begin(left_off)
            # What cannot be read ends the stream; its reader comes back for it.
            with suppress(ConnectionError, StoreError):
                await channel.open(here(position, comment))
                await self._tell(channel, position, wanted)
        return channel.response

    async def _begin(self, left_off: int | None) -> tuple[int, str]:
        """Find the position to begin after, and what to say of it."""
        await self._news.begun()
        if left_off is None:
            return self._news.position, ""
        async with self._archive.read() as tx:
            latest = await latest_position(tx)
        if left_off > latest:
            # What has come since cannot be what that reader had.
            return (
                self._news.position,
                f" There is no event {left_off}: from now on.",
            )
        return left_off, ""

    async def _tell(self, channel: Channel, position: int, wanted: Wanted) -> None:
        news, words = self._news, b""
        while not news.closed and await channel.may_go_on():
            batch = await news.after(position)
            if batch is not None:
                words, position = batch.after(position, wanted), batch.end
            elif channel.quiet:
                await news.wait(channel.quiet)
            if words or not channel.quiet:
                await channel.send(words or here(position))
                words = b""


def _place_of(request: web.Request, query: StreamQuestion) -> int | None:
    """Say where a reader left off. A browser that comes back names that by the header only."""
    header = request.headers.get(_LAST, "").strip()
    if not header:
        return query.last_event_id
    try:
        return _read_place(header)
    except ValueError as error:
        raise BadRequest([Mistake(_LAST, str(error))]) from None
