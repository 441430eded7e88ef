"""What the alarms of one device are followed by, typed (guide chapters 2, 3, 4, 8 and 9)."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from alarmbridge.core.device_time import DeviceTime
from alarmbridge.core.errors import BadAnswer
from alarmbridge.core.reading import DeviceStatus, Reading
from alarmbridge.mediant.answers import (
    BAD_REQUEST,
    NO_CONTENT,
    NOT_FOUND,
    OK,
    is_absence,
    refused,
    understand,
    understand_list,
)
from alarmbridge.mediant.parse import (
    NO_PAGE,
    Page,
    Resource,
    Version,
    is_alarm_id,
    parse_last_change,
    parse_page,
    parse_reading,
    parse_resources,
    parse_versions,
)
from alarmbridge.mediant.paths import ALARMS, LAST_CHANGE, ROOT, STATUS, V1
from alarmbridge.mediant.status import parse_status
from alarmbridge.mediant.transport import Answer, Transport

_WITH_OID = {"oid": "1"}

_Parsed = TypeVar("_Parsed")


class Table(StrEnum):
    """The two alarm tables, by their names in a path."""

    ACTIVE = "active"
    HISTORY = "history"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A page that was asked for in words the device does not take: 400, or 404 for a cursor."""

    status: int
    reason: str


class AlarmsClient:
    """Follows the alarms and the status of one configured device.

    Every method asks once, and raises DeviceErrors that name the device.
    """

    __slots__ = ("_last_body", "_last_change", "_transport", "name")

    def __init__(self, name: str, transport: Transport) -> None:
        self.name = name
        self._transport = transport
        self._last_body: bytes | None = None
        self._last_change: DeviceTime | None = None

    async def fetch_versions(self) -> tuple[Version, ...]:
        """Fetch the versions of the API that it offers (guide 3)."""
        answer = await self._transport.get(ROOT)
        return understand_list(answer, device=self.name, path=ROOT, parse=parse_versions)

    async def fetch_tree(self) -> tuple[Resource, ...]:
        """Fetch the top of its navigation tree (guide 4)."""
        answer = await self._transport.get(V1)
        return understand_list(
            answer, device=self.name, path=V1, parse=lambda body: parse_resources(body, "items")
        )

    async def fetch_status(self) -> DeviceStatus:
        """Fetch its status, with the moments between which it was said (guide 9)."""
        answer = await self._transport.get(STATUS)
        return self._understand(
            answer,
            STATUS,
            lambda body: parse_status(
                body, asked_at=answer.asked_at, received_at=answer.received_at
            ),
        )

    async def fetch_last_change(self) -> DeviceTime | None:
        """Fetch when its active table changed last; None for no change since boot (guide 8.1.2)."""
        answer = await self._transport.get(LAST_CHANGE)
        if answer.status == OK:
            # Nearly every answer of a daemon's life is this one, the same as the one before.
            if answer.body != self._last_body:
                self._last_change = self._understand(answer, LAST_CHANGE, parse_last_change)
                self._last_body = answer.body
            return self._last_change
        if is_absence(answer):
            return None
        raise refused(answer, device=self.name, path=LAST_CHANGE)

    async def fetch_page(
        self, table: Table, *, after: str | None = None, limit: int | None = None
    ) -> Page | Refusal:
        """Fetch rows of a table from its top, or after a cursor; 204 is a page without rows.

        limit: how many to ask for at most, None for the device's own idea (guide 8.1).
        """
        path = f"{ALARMS}/{table}"
        query = {"limit": str(limit)} if limit is not None else {}
        if after is not None:
            query["after"] = after
        answer = await self._transport.get(path, query)
        if answer.status == NO_CONTENT:
            return NO_PAGE
        if answer.status in {BAD_REQUEST, NOT_FOUND}:
            return Refusal(answer.status, str(refused(answer, device=self.name, path=path)))
        return self._understand(answer, path, parse_page)

    async def fetch_active(self, alarm_id: str) -> Reading | None:
        """Fetch one active alarm whole; None if it is active no longer (guide 8.1.1)."""
        return await self._fetch_reading(Table.ACTIVE, alarm_id)

    async def fetch_history(self, alarm_id: str) -> Reading | None:
        """Fetch one history row whole; None if the device has dropped it (guide 8.2.1)."""
        return await self._fetch_reading(Table.HISTORY, alarm_id)

    def allow_login(self) -> None:
        """Let the credentials be tried again after LoginFailed."""
        self._transport.allow_login()

    async def _fetch_reading(self, table: Table, alarm_id: str) -> Reading | None:
        if not is_alarm_id(alarm_id):
            raise BadAnswer(f"{self.name}: {alarm_id!r} can be no alarm's id, so it is not asked")
        path = f"{ALARMS}/{table}/{alarm_id}"
        answer = await self._transport.get(path, _WITH_OID)
        if is_absence(answer):
            return None
        reading = self._understand(answer, path, parse_reading)
        if reading.id != alarm_id:
            raise BadAnswer(f"{self.name} answered {path} with the alarm {reading.id}")
        return reading

    def _understand(self, answer: Answer, path: str, parse: Callable[[bytes], _Parsed]) -> _Parsed:
        return understand(answer, device=self.name, path=path, parse=parse)
