"""Refreshes a far end that forgets: what stands there is said again, from time to time."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Literal

from alarmbridge.core.delivery import Notice
from alarmbridge.core.errors import AlarmbridgeError, SinkError
from alarmbridge.runtime.failures import failure_of
from alarmbridge.runtime.notices import Notices
from alarmbridge.runtime.ports import Clock
from alarmbridge.sinks.base import Sink
from alarmbridge.store.archive import Archive
from alarmbridge.store.told import list_told

_log = logging.getLogger(__name__)


class Refresh:
    """The refreshes of one sink; none where the sink needs none.

    Nothing is stored by it: what is not said now is said the next time.
    limit: the longest that one may take; nothing else goes out meanwhile.
    failed: the latest did, and nobody has probed the far end by anything else since.
    """

    def __init__(
        self,
        name: str,
        sink: Sink,
        notices: Notices,
        *,
        archive: Archive,
        clock: Clock,
        limit: timedelta,
        ring: Callable[[], None],
    ) -> None:
        self._name = name
        self._limit = limit.total_seconds()
        self._sink = sink
        self._notices = notices
        self._archive = archive
        self._clock = clock
        self._ring = ring
        self.failed = False
        self._refused: str | None = None
        self._task: asyncio.Task[bool] | None = None
        # At once after a start: who knows for how long nobody has said anything.
        self._due_at = 0.0

    @property
    def due(self) -> bool:
        """Whether it is time for one."""
        return self._sink.refresh_every is not None and self._clock.monotonic() >= self._due_at

    @property
    def under_way(self) -> bool:
        """Whether one has not come back."""
        return self._task is not None

    def start(self) -> None:
        """Begin one; ring once it has come back."""
        self.failed = False
        self._task = asyncio.create_task(self._run(), name=f"refresh {self._name}")
        self._task.add_done_callback(lambda _: self._ring())

    def take_result(self) -> SinkError | Literal[True] | None:
        """Say what came of one, once; None while there is nothing to say, nor was by it."""
        if self._task is None or not self._task.done():
            return None
        task, self._task = self._task, None
        every = self._sink.refresh_every or timedelta(0)
        self._due_at = self._clock.monotonic() + every.total_seconds()
        broken = None if task.cancelled() else task.exception()
        if isinstance(broken, AlarmbridgeError) and not isinstance(broken, SinkError):
            # The archive's failure and not the sink's.
            raise broken
        failure = failure_of(task, f"sink {self._name}")
        self.failed = failure is not None
        self._note_refusal(failure.reason if failure and failure.permanent else None)
        return failure or task.result() or None

    def _note_refusal(self, reason: str | None) -> None:
        """Log what was refused for good, the first time: the lane takes it for no failure."""
        if reason is not None and reason != self._refused:
            _log.warning("sink %s: a refresh was refused for good: %s", self._name, reason)
        self._refused = reason

    async def cancel(self) -> None:
        """Break off what is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> bool:
        """Say again what was told; say whether there was anything."""
        now = self._clock.now()
        async with self._archive.read() as tx:
            told = await list_told(tx, self._name, cleared_since=now - self._sink.keep_cleared)
        notices = [self._notices.make(delivery, sent_at=now) for delivery in told]
        if notices:
            await self._say(notices)
        return bool(notices)

    async def _say(self, notices: Sequence[Notice]) -> None:
        try:
            async with asyncio.timeout(self._limit):
                await self._sink.refresh(notices)
        except TimeoutError as error:
            raise SinkError(f"no end of a refresh within {self._limit:g} s") from error
