"""Small fakes of the ports that the loops stand on."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.delivery import Notice
from alarmbridge.core.errors import AlarmbridgeError, StoreError
from alarmbridge.mediant.transport import NO_QUERY, Answer
from alarmbridge.runtime.ports import Bell
from alarmbridge.sinks import base
from alarmbridge.store.archive import Archive
from alarmbridge.store.transaction import Transaction

NOW = datetime(2026, 11, 23, 21, 4, 5, tzinfo=UTC)

ACTIVE = "/api/v1/alarms/active"
HISTORY = "/api/v1/alarms/history"
LAST_CHANGE = f"{ACTIVE}/lastChange"
STATUS = "/api/v1/status"


async def until(holds: Callable[[], object]) -> None:
    """Wait for a condition, with a deadline."""
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - what is waited for tells nobody that it moved
            await asyncio.sleep(0.001)


class FakeClock:
    """Time that stands still until somebody moves it."""

    def __init__(self) -> None:
        self.wall = NOW
        self.steady = 1000.0
        self.waits: list[float] = []
        self._waiting: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.steady

    def advance(self, seconds: float) -> None:
        """Let time go by."""
        self.wall += timedelta(seconds=seconds)
        self.steady += seconds
        for due, waiter in self._waiting:
            if due <= self.steady and not waiter.done():
                waiter.set_result(None)

    def set_wall(self, seconds: float) -> None:
        """Set the wall clock that far on, or back, while the steady one goes on as ever."""
        self.wall += timedelta(seconds=seconds)

    async def wait(self, bell: Bell, seconds: float) -> None:
        self.waits.append(seconds)
        waiter = bell.arm()
        if waiter is None:
            return
        self._waiting.append((self.steady + seconds, waiter))
        try:
            await waiter
        finally:
            bell.disarm()


class FakeDice:
    """Dice that always show the same."""

    def __init__(self, shown: float = 0.5) -> None:
        self.shown = shown

    def random(self) -> float:
        return self.shown


@dataclass
class FakeCredentials:
    """Credentials that are known again by their name; matched: how often that was asked."""

    name: str = "monitor"
    matched: int = 0

    async def digest(self) -> str:
        return f"digest of {self.name}"

    async def match(self, digest: str) -> bool:
        self.matched += 1
        return digest == f"digest of {self.name}"


@dataclass
class FakeBox:
    """A small Mediant behind a transport: what it shows, how it fails, what it was asked.

    Rows are by id. after: what happens right after the next answer to a path.
    """

    active: dict[str, dict[str, str]] = field(default_factory=dict)
    history: dict[str, dict[str, str]] = field(default_factory=dict)
    last_change: str = "2026-11-23T21:00:00+00:00"
    local_time: str = "2026-11-23T21:04:05+00:00"
    uptime: int | None = 100_000
    serial_number: str = "1"
    failure: AlarmbridgeError | None = None
    after: dict[str, Callable[[], None]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    logins_allowed: int = 0

    def raise_alarm(self, number: int, at: str = "2026-11-23T21:00:00+00:00") -> None:
        """Put a row into both tables."""
        self.active[str(number)] = self.history[str(number)] = _row(number, at)
        self.last_change = at

    def clear_alarm(self, number: int, at: str) -> None:
        """Take a row from the active table, which is all that some devices do."""
        del self.active[str(number)]
        self.last_change = at

    async def get(self, path: str, query: Mapping[str, str] = NO_QUERY) -> Answer:
        assert set(query) <= {"limit", "oid"}
        self.asked.append(path)
        if self.failure is not None:
            raise self.failure
        answer = self._answer(path)
        self.after.pop(path, _nothing)()
        return answer

    def allow_login(self) -> None:
        self.logins_allowed += 1

    def _answer(self, path: str) -> Answer:
        if path == LAST_CHANGE:
            return _json({"lastChange": self.last_change})
        if path == STATUS:
            said = {"systemUpTime": self.uptime, "serialNumber": self.serial_number}
            return _json(said | {"localTimeStamp": self.local_time, "productType": "Mediant SW"})
        if path in {ACTIVE, HISTORY}:
            rows = self.active if path == ACTIVE else self.history
            return _json({"alarms": list(rows.values()), "cursor": {"after": "-1"}})
        table, _, number = path.rpartition("/")
        row = (self.active if table == ACTIVE else self.history).get(number)
        return _json(row) if row else Answer(404, "", b"", 10.0, 10.0)


def _row(number: int, at: str) -> dict[str, str]:
    return {
        "id": str(number),
        "description": f"Trunk {number} is down",
        "severity": "Major",
        "source": f"Board#{number}",
        "date": at,
    }


def _json(body: object) -> Answer:
    return Answer(200, "application/json", json.dumps(body).encode(), 10.0, 10.0)


def _nothing() -> None:
    """Happens when nothing was planned."""


class FakeSink(base.Sink):
    """A far end that answers as it is told, at once or when it is let go."""

    def __init__(self, answer: Callable[[Notice], Exception | None] = lambda _: None) -> None:
        self.answer = answer
        self.heard: list[Notice] = []
        self.under_way = 0
        self.closed = False
        self._gates: dict[str, asyncio.Event] = {}

    def hold(self, *alarm_ids: str) -> asyncio.Event:
        """Answer nothing about these alarms until the event is set."""
        gate = asyncio.Event()
        self._gates |= dict.fromkeys(alarm_ids, gate)
        return gate

    async def deliver(self, notice: Notice) -> str:
        self.heard.append(notice)
        self.under_way += 1
        try:
            if notice.alarm_id in self._gates:
                await self._gates[notice.alarm_id].wait()
        finally:
            self.under_way -= 1
        failure = self.answer(notice)
        if failure is not None:
            raise failure
        return "HTTP 204"

    async def aclose(self) -> None:
        self.closed = True

    def key_for(self, alarm: Alarm, tags: Mapping[str, str]) -> str:  # noqa: ARG002 - the seam's
        return f"key of {alarm.id}"

    @property
    def told(self) -> list[tuple[str, str]]:
        """What was sent, as alarm id and kind."""
        return [(notice.alarm_id, notice.kind) for notice in self.heard]


class FlakyArchive:
    """A real archive, the next commits of which fail, or come after what somebody else does.

    meanwhile: done once, right before the next transaction that writes. journal: what was
    committed, for tests that look at what comes before and after it.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.failures = self.read_failures = 0
        self.writes = 0
        self.meanwhile: Callable[[], Awaitable[object]] | None = None
        self.journal: list[str] = []

    def begin(self, *, urgent: bool = False) -> AbstractAsyncContextManager[Transaction]:
        return self._begin(urgent)

    def read(self) -> AbstractAsyncContextManager[Transaction]:
        if self.read_failures:
            self.read_failures -= 1
            raise StoreError("The archive failed: the disk is full")
        return self._archive.read()

    async def tidy(self) -> None:
        self.journal.append("tidy")
        await self._archive.tidy()

    async def dispose(self) -> None:
        await self._archive.dispose()

    @asynccontextmanager
    async def _begin(self, urgent: bool) -> AsyncGenerator[Transaction]:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        self.writes += 1
        async with self._archive.begin(urgent=urgent) as tx:
            yield tx
            if self.failures:
                self.failures -= 1
                raise StoreError("The archive failed: the disk is full")
        self.journal.append("commit")
