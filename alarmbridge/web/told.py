"""Events as a stream tells them, and the latest of them kept for all readers."""

import json
from bisect import bisect_right
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

from alarmbridge.store.events import StoredEvent
from alarmbridge.web.sse import message

_MOST = 4 * 1024 * 1024


@dataclass(frozen=True)
class Told:
    """One event and its message, written once for all readers."""

    position: int
    kind: str
    device: str
    body: str

    @cached_property
    def words(self) -> bytes:
        """The message."""
        return message(event=f"alarm.{self.kind}", data=self.body, place=self.position)

    @cached_property
    def severity(self) -> str:
        """The alarm's severity; nothing else in the archive knows which it had then."""
        return str(json.loads(self.body)["data"]["alarm"]["severity"])


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events a reader wants: those that fit all that is given, and any value of each."""

    types: Collection[str] = ()
    devices: Collection[str] = ()
    severities: Collection[str] = ()

    @property
    def everything(self) -> bool:
        """Whether that is all of them."""
        return not (self.types or self.devices or self.severities)

    def fits(self, told: Told) -> bool:
        """Say whether he wants that one."""
        return (
            (not self.types or f"alarm.{told.kind}" in self.types)
            and (not self.devices or told.device in self.devices)
            and (not self.severities or told.severity in self.severities)
        )


@dataclass(frozen=True)
class Batch:
    """The events after one position up to another, oldest first."""

    start: int
    end: int
    told: tuple[Told, ...]

    @classmethod
    def of(cls, events: Iterable[StoredEvent], *, start: int, end: int) -> "Batch":
        """Make one of what was read."""
        told = tuple(Told(one.position, one.kind, one.device, one.body) for one in events)
        return cls(start, end, told)

    @cached_property
    def words(self) -> bytes:
        """All messages: what nearly every reader is sent."""
        return b"".join(one.words for one in self.told)

    def after(self, position: int, wanted: Wanted) -> bytes:
        """Give the messages after a position that a reader wants."""
        if position <= self.start and wanted.everything:
            return self.words
        return b"".join(
            one.words for one in self.told if one.position > position and wanted.fits(one)
        )


class Ring:
    """The latest batches without a gap between them, up to a bound of bytes."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._size = 0
        self._batches: list[Batch] = []

    def restart(self) -> None:
        """Forget all."""
        self._size = 0
        self._batches.clear()

    def add(self, batch: Batch) -> None:
        """Take the next batch, and forget the oldest for it."""
        self._batches.append(batch)
        self._size += len(batch.words)
        count = 0
        while self._size > self._most:
            self._size -= len(self._batches[count].words)
            count += 1
        del self._batches[:count]

    def find(self, position: int) -> Batch | None:
        """Find the batch that goes on after a position; None where it is forgotten, or to come."""
        at = bisect_right(self._batches, position, key=lambda batch: batch.end)
        if at == len(self._batches) or self._batches[at].start > position:
            return None
        return self._batches[at]
