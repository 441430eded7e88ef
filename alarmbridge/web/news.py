"""News for all who listen: read once from the archive, however many they are.

There is no queue for anybody: a reader has a position and asks for what comes after it. Most
find that among the latest; who has fallen behind reads the archive in pages, at his own pace and
a few at a time, so that those who are behind keep no connection from those who write.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from alarmbridge.core.errors import StoreError
from alarmbridge.core.horizon import Horizon
from alarmbridge.store.archive import Archive
from alarmbridge.store.events import StoredEvent, events_since, latest_position
from alarmbridge.store.positions import Marks, list_writers, read_marks
from alarmbridge.web.told import Batch, Ring

_PAGE, _EVENTS = 64 * 1024, 100
_SENT_A_LOOK = 128 * 1024 * 1024
_BEHIND_AT_ONCE = 2
_BEGIN_WITHIN = 30.0
_LISTENED, _DOUBTED, _IDLE = 1.0, 0.05, 3600.0


class News:
    """What is new in the archive. wake: called when somebody begins to listen.

    ring: where the latest are kept. sent: bytes to all readers together after one look. moves:
    rises whenever anything that people look at has moved.
    """

    def __init__(
        self,
        archive: Archive,
        *,
        wake: Callable[[], None],
        ring: Ring | None = None,
        sent: int = _SENT_A_LOOK,
    ) -> None:
        self._archive = archive
        self._wake = wake
        self._horizon = Horizon(0)
        self._start: Horizon | None = None
        self._fresh = self._moved = False
        self._marks: Marks | None = None
        self._ring = ring or Ring()
        self._sent = sent
        self._listeners = 0
        self._behind = asyncio.Semaphore(_BEHIND_AT_ONCE)
        self._turn = asyncio.Event()
        self.moves = 0
        self.closed = False

    @property
    def pause(self) -> float:
        """After how many seconds to look again, unless woken: another program may have written."""
        if not self._listeners:
            return _IDLE
        doubtful = self._horizon.doubtful if self._fresh else self._start is not None
        return _DOUBTED if doubtful else _LISTENED

    @property
    def listeners(self) -> int:
        """How many listen."""
        return self._listeners

    @property
    def known(self) -> bool:
        """Whether it is known up to where the archive goes."""
        return self._fresh

    @property
    def position(self) -> int:
        """Up to where all is known, once this has `begun`."""
        return self._horizon.safe

    @property
    def action(self) -> int:
        """Which operator action was the latest."""
        return self._marks.action if self._marks is not None else 0

    @contextmanager
    def listen(self) -> Iterator[None]:
        """Have the archive looked at while this lasts."""
        self._listeners += 1
        if self._listeners == 1:
            self._wake()
        try:
            yield
        finally:
            self._listeners -= 1
            if not self._listeners:
                # Otherwise the next who wants only news would be told what has come since now.
                self._fresh, self._start = False, None

    async def begun(self) -> None:
        """Wait until it is known up to where the archive goes; raises StoreError."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_BEGIN_WITHIN):
                while not self._fresh and not self.closed:
                    await self._turn.wait()
        if not self._fresh or self.closed:
            raise StoreError("The archive cannot be followed now; try again.")

    async def wait(self, seconds: float) -> None:
        """Wait for what is new, at most this long. To be called at once after a look for it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._turn.wait()

    async def after(self, position: int) -> Batch | None:
        """Give what comes after a position, not all at once; None where nothing does yet."""
        if position >= self.position:
            return None
        batch = self._ring.find(position)
        if batch is None:
            async with self._behind:
                upto = self.position
                events = await self._read(position, upto=upto)
            batch = Batch.of(events, start=position, end=events[-1].position if events else upto)
        return batch

    async def look(self) -> bool:
        """Look once for what is new; say whether there was anything. Raises StoreError."""
        if not self._listeners:
            return False
        await (self._advance() if self._fresh else self._begin())
        async with self._archive.read() as tx:
            marks = await read_marks(tx)
        moved = self._moved or marks != self._marks
        self._marks, self._moved = marks, False
        if moved:
            self.moves += 1
            self._tell()
        return moved

    def close(self) -> None:
        """Have every reader's stream end."""
        self.closed = True
        self._tell()

    def _tell(self) -> None:
        told, self._turn = self._turn, asyncio.Event()
        told.set()

    async def _begin(self) -> None:
        """Find up to where the archive goes, for those who want only what comes after."""
        if self._start is None:
            async with self._archive.read() as tx:
                latest = await latest_position(tx)
            self._start = Horizon(latest).suspect(latest, await self._writers())
        else:
            self._start = self._start.hear(await self._writers())
        if not self._start.doubtful:
            self._ring.restart()
            self._horizon, self._start = self._start, None
            self._fresh = self._moved = self._listeners > 0

    async def _advance(self) -> None:
        """Read on, page by page, as far as nothing can come before it any more.

        All readers together are sent so much at a look and no more. Otherwise hundreds of them
        would take in a storm the time in which devices are asked.
        """
        room = self._sent // max(1, self._listeners)
        while room > 0:
            if self._horizon.doubtful:
                self._horizon = self._horizon.hear(await self._writers())
            if self._horizon.doubtful:
                return
            events = await self._read(self.position)
            if not events:
                return
            count = self._horizon.count([event.position for event in events])
            if count:
                room -= self._publish(events[:count])
            else:
                writers = await self._writers()
                self._horizon = self._horizon.suspect(events[-1].position, writers)

    def _publish(self, events: tuple[StoredEvent, ...]) -> int:
        end = events[-1].position
        batch = Batch.of(events, start=self.position, end=end)
        self._ring.add(batch)
        self._horizon = self._horizon.move(end)
        self._moved = True
        self._tell()
        return len(batch.words)

    async def _writers(self) -> frozenset[str]:
        async with self._archive.read() as tx:
            return await list_writers(tx)

    async def _read(self, position: int, *, upto: int | None = None) -> tuple[StoredEvent, ...]:
        async with self._archive.read() as tx:
            return await events_since(tx, position, upto=upto, limit=_EVENTS, size=_PAGE)
