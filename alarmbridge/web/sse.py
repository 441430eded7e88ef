"""Server-Sent Events (WHATWG HTML, 9.2): how messages are written, and one reader's connection.

A reader who does not take what he is sent costs himself alone: next to nothing is kept for him
(what the next write would add to waits in the archive), and in the end he is cut off.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from alarmbridge.core.errors import StoreError
from alarmbridge.web.access import Guard
from alarmbridge.web.problems import RequestRefused

HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    # Otherwise nginx would gather messages until its buffer is full.
    "X-Accel-Buffering": "no",
}

_RETRY = 2000
_UNSENT = 16 * 1024


@dataclass(frozen=True, slots=True)
class Pace:
    """When streams do what, in seconds.

    beat: after this long something is said, so that nobody on the way takes the stream for dead.
    patience: who takes nothing for this long is cut off. recheck: how often it is found out
    whether he may still read.
    """

    beat: float = 15.0
    patience: float = 60.0
    recheck: float = 30.0


USUAL = Pace()


def message(*, event: str, data: str, place: int | None = None) -> bytes:
    """Write a message. data: one line; a line more would be a message of its own.

    place: where to resume after it.
    """
    start = "" if place is None else f"id: {place}\n"
    return f"{start}event: {event}\ndata: {data}\n\n".encode()


def here(place: int, comment: str = "") -> bytes:
    """Tell where to resume, and nothing else: no event comes of it."""
    return f":{comment}\nid: {place}\n\n".encode()


class Channel:
    """One reader's connection.

    monotonic: the clock. guard: says whether he may still read.
    """

    def __init__(
        self,
        request: web.Request,
        *,
        monotonic: Callable[[], float],
        guard: Guard,
        pace: Pace = USUAL,
    ) -> None:
        self._request = request
        self._monotonic = monotonic
        self._guard = guard
        self._pace = pace
        self._beat_at = self._check_at = 0.0
        self.response = web.StreamResponse(headers=HEADERS)

    async def open(self, words: bytes = b"") -> None:
        """Begin the answer: how long to wait before coming back after its end, then the words."""
        await self.response.prepare(self._request)
        transport = self._request.transport
        if transport is not None:
            transport.set_write_buffer_limits(high=_UNSENT)
        self._check_at = self._monotonic() + self._pace.recheck
        await self.send(f"retry: {_RETRY}\n\n".encode() + words)

    @property
    def quiet(self) -> float:
        """For how many seconds nothing need be said yet."""
        return max(0.0, self._beat_at - self._monotonic())

    async def send(self, words: bytes) -> None:
        """Send, and wait until he has taken nearly all of it; raises ConnectionError."""
        try:
            async with asyncio.timeout(self._pace.patience):
                await self.response.write(words)
                await self._request.writer.drain()
        except TimeoutError:
            if self._request.transport is not None:
                self._request.transport.abort()
            raise ConnectionAbortedError("The reader takes nothing.") from None
        self._beat_at = self._monotonic() + self._pace.beat

    async def may_go_on(self) -> bool:
        """Say whether he may still read: his token or session may have ended meanwhile."""
        if self._monotonic() < self._check_at:
            return True
        self._check_at = self._monotonic() + self._pace.recheck
        try:
            await self._guard.identify(self._request)
        except StoreError:
            return True
        except RequestRefused:
            return False
        return self._guard.admits(self._request)
