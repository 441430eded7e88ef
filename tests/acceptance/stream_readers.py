"""Readers of the stream, many at once: some steady, some slow, some that hang up and come back."""

import asyncio
import re
from contextlib import suppress
from enum import Enum
from itertools import cycle, islice

_MESSAGE = re.compile(rb"id: (\d+)\nevent: ")
_PLACE = re.compile(rb":[^\n]*\nid: (\d+)\n\n")
_TAKES_NOTHING_FOR = 6.0
_HANGS_UP_AFTER = 150


class Way(Enum):
    """How somebody reads. Who is slow takes nothing for some seconds, once, and then all."""

    STEADY = "steady"
    SLOW = "slow"
    RESTLESS = "restless"


class Reader(asyncio.Protocol):
    """One reader, through as many connections as it takes; `came` is all that he was told.

    It splits what comes at its messages and looks no further, because it is one of hundreds in
    the process of a test.
    """

    def __init__(self, port: int, way: Way) -> None:
        self._port = port
        self._way = way
        self._rest = b""
        self._before = 0
        self.place: int | None = None
        self.came: list[int] = []
        self.returns = 0
        self.ended = asyncio.Event()
        self.ended.set()

    async def read(self) -> None:
        """Read until cancelled; come back whenever the stream ends."""
        loop = asyncio.get_running_loop()
        while True:
            with suppress(ConnectionError):
                await loop.create_connection(lambda: self, "127.0.0.1", self._port)
                await self.ended.wait()
                self.returns += 1
            await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Hang up."""
        if not self.ended.is_set():
            self._transport.abort()
            await self.ended.wait()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.ended.clear()
        self._rest, self._before = b"", len(self.came)
        resume = "" if self.place is None else f"Last-Event-ID: {self.place}\r\n"
        words = f"GET /api/v1/events/stream HTTP/1.0\r\nHost: 127.0.0.1\r\n{resume}\r\n"
        transport.write(words.encode())

    def data_received(self, data: bytes) -> None:
        whole, end, self._rest = (self._rest + data).rpartition(b"\n\n")
        whole += end
        first = _PLACE.search(whole) if self.place is None else None
        if first:
            self.place = int(first[1])
        told = [int(number) for number in _MESSAGE.findall(whole)]
        if told:
            self.came += told
            self.place = told[-1]
            self._behave(len(self.came) == len(told))

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self.ended.set()

    def _behave(self, first: bool) -> None:
        if self._way is Way.SLOW and first:
            self._transport.pause_reading()
            asyncio.get_running_loop().call_later(_TAKES_NOTHING_FOR, self._go_on)
        if self._way is Way.RESTLESS and len(self.came) - self._before >= _HANGS_UP_AFTER:
            self._transport.abort()

    def _go_on(self) -> None:
        if not self._transport.is_closing():
            self._transport.resume_reading()


def crowd_of(port: int, count: int) -> list[Reader]:
    """Make readers, eight of ten of them steady."""
    ways = cycle([*[Way.STEADY] * 8, Way.SLOW, Way.RESTLESS])
    return [Reader(port, way) for way in islice(ways, count)]
