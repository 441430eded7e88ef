"""A transport without a network, and a small Mediant behind it."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from alarmbridge.mediant.client import AlarmsClient
from alarmbridge.mediant.transport import NO_QUERY, Answer

JSON = "application/json"
ACTIVE = "/api/v1/alarms/active"
HISTORY = "/api/v1/alarms/history"
LAST_CHANGE = f"{ACTIVE}/lastChange"
STATUS = "/api/v1/status"

Reply = Callable[[str, Mapping[str, str]], Answer]


def answer(status: int = 200, body: object = None, *, kind: str = JSON) -> Answer:
    """Make an answer; body: bytes as they are, anything else as JSON, None for nothing."""
    if not isinstance(body, bytes):
        body = b"" if body is None else json.dumps(body).encode()
    return Answer(status, kind, body, 10.0, 10.1)


def row(alarm_id: str, description: str | None = None) -> dict[str, str]:
    text = f"alarm {alarm_id}" if description is None else description
    return {"id": alarm_id, "description": text, "url": "http://canary.invalid/"}


def page(ids: Sequence[str], after: str | None = "-1") -> Answer:
    """Make a page of rows; after None leaves the cursor object out."""
    body: dict[str, object] = {"alarms": [row(one) for one in ids]}
    if after is not None:
        body["cursor"] = {"after": after, "before": "-1"}
    return answer(200, body)


class FakeTransport:
    """Answers by a function, and keeps what it was asked."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.logins_allowed = 0

    async def get(self, path: str, query: Mapping[str, str] = NO_QUERY) -> Answer:
        self.asked.append((path, dict(query)))
        await asyncio.sleep(0)
        return self._reply(path, query)

    def allow_login(self) -> None:
        self.logins_allowed += 1

    def count(self, path: str) -> int:
        return sum(asked == path for asked, _ in self.asked)


@dataclass
class FakeMediant:
    """Both tables of a device; a history row is (id, description, date).

    after: what happens right after the first answer to a path.
    """

    active: dict[str, str] = field(default_factory=dict)
    history: list[tuple[str, str, str]] = field(default_factory=list)
    last_change: str | None = "2026-01-01T00:00:00Z"
    uptime: int = 1000
    serial_number: str = "1"
    newest_last: bool = True
    after: dict[str, Callable[[], object]] = field(default_factory=dict)

    def reply(self, path: str, _query: Mapping[str, str]) -> Answer:
        made = self._reply(path)
        happens = self.after.pop(path, None)
        if happens is not None:
            happens()
        return made

    def _reply(self, path: str) -> Answer:
        if path == LAST_CHANGE:
            return answer(404) if self.last_change is None else self._moment()
        if path == STATUS:
            return answer(200, {"systemUpTime": self.uptime, "serialNumber": self.serial_number})
        if path == ACTIVE:
            return _table([row(*one) for one in self.active.items()])
        if path == HISTORY:
            rows = [row(alarm_id, text) for alarm_id, text, _ in self.history]
            return _table(rows if self.newest_last else rows[::-1])
        return self._detail(*path.rsplit("/", 1))

    def _moment(self) -> Answer:
        return answer(200, {"lastChange": self.last_change})

    def _detail(self, table: str, alarm_id: str) -> Answer:
        if table == ACTIVE and alarm_id in self.active:
            return answer(200, row(alarm_id, self.active[alarm_id]) | {"severity": "Major"})
        if table == HISTORY:
            for one, text, date in self.history:
                if one == alarm_id:
                    return answer(200, row(one, text) | {"severity": "Major", "date": date})
        return answer(404)


def _table(rows: Sequence[Mapping[str, str]]) -> Answer:
    return answer(200, {"alarms": rows, "cursor": {"after": "-1"}}) if rows else answer(204)


def device_of(transport: FakeTransport) -> AlarmsClient:
    return AlarmsClient("sbc-1", transport)
