"""A Mediant: one device as a pure, synchronous model; whoever calls it brings the time along."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from zlib import crc32

from alarmbridge.simulator.bodies import (
    Answer,
    Identity,
    detail,
    last_change,
    listing,
    refusal,
    status,
)
from alarmbridge.simulator.box import Box
from alarmbridge.simulator.folders import ALARMS, FOLDER, TREE
from alarmbridge.simulator.habits import Habits
from alarmbridge.simulator.lifecycle import Lifecycle
from alarmbridge.simulator.paging import Pager, Refusal
from alarmbridge.simulator.request import Asked, Sent
from alarmbridge.simulator.resources import RESOURCES, locate
from alarmbridge.simulator.tables import Row, active_rank, history_rank

LAST_CHANGE = "/api/v1/alarms/active/lastChange"

_ENDPOINTS: Mapping[str, str] = MappingProxyType(
    {
        LAST_CHANGE: "lastChange",
        "/api": "api",
        "/api/v1": "tree",
        "/api/v1/status": "status",
        "/api/v1/alarms": "alarms",
        "/api/v1/alarms/active": "active",
        "/api/v1/alarms/history": "history",
    }
)
_FIXED: Mapping[str, Answer] = MappingProxyType({"api": FOLDER, "tree": TREE, "alarms": ALARMS})
_LONGEST_ID = 18

ENDPOINTS = (*_ENDPOINTS.values(), "active/id", "history/id", *RESOURCES, "unknown")
"""The names by which faults, traps and counters speak of what is asked."""


def endpoint_of(path: str) -> str:
    """Name what a path asks for, one of `ENDPOINTS`; a slash at its end makes no difference."""
    known = _ENDPOINTS.get(path) or _ENDPOINTS.get(path.rstrip("/"))
    if known:
        return known
    table = _ENDPOINTS.get(path.rstrip("/").rpartition("/")[0])
    return f"{table}/id" if table in {"active", "history"} else locate(path.rstrip("/"))[0]


@dataclass(slots=True)
class _Trap:
    endpoint: str
    left: int
    then: Callable[[float], object]


class Mediant(Lifecycle):
    """One device that answers what the guide describes; its `box` has all that is no alarm.

    The parameters as for `Lifecycle`.
    """

    def __init__(
        self,
        name: str,
        *,
        seed: int = 0,
        now: float = 0.0,
        identity: Identity | None = None,
        habits: Habits | None = None,
        tokens: bool = False,
    ) -> None:
        super().__init__(name, seed=seed, now=now, identity=identity, habits=habits, tokens=tokens)
        self._box: Box | None = None
        # Not hash(): it differs from one process to the next.
        self._salt = crc32(f"{seed}/{name}".encode())
        self._traps: list[_Trap] = []
        self._last_change: tuple[int, Answer] | None = None

    @property
    def habits(self) -> Habits:
        """How the device does what the guide leaves open; may be replaced at any time."""
        return self._habits

    @habits.setter
    def habits(self, habits: Habits) -> None:
        if habits.history_ids != self._habits.history_ids:
            self._ids.join()
        self._habits = habits
        self._last_change = None
        self._active.forget_view()
        self._history.forget_view()

    @property
    def box(self) -> Box:
        """Everything of the device but its alarms and its status."""
        if self._box is None:
            self._box = Box(self)
        return self._box

    def change_zone(self, utc_offset: int) -> None:
        """Change the local time's offset, in minutes, as daylight saving does; no clock moves."""
        self.habits = replace(self._habits, utc_offset=utc_offset)

    def _forget(self) -> None:
        if self._box is not None:
            self._box.restart()

    def trap(self, endpoint: str, n: int, then: Callable[[float], object]) -> None:
        """Call then(now) once, right after the n-th answer (from 1) of an endpoint from now on.

        The n-th answer does not show what it does, the next one does: a change in mid-page.
        """
        if endpoint not in ENDPOINTS:
            raise ValueError(f"unknown endpoint {endpoint!r}; known are {', '.join(ENDPOINTS)}")
        self._traps.append(_Trap(endpoint, n, then))

    def answer(
        self,
        path: str,
        query: Mapping[str, str],
        now: float,
        *,
        method: str = "GET",
        body: Sent | None = None,
    ) -> Answer:
        """Answer a request: path without query, each parameter once; a method the resource takes.

        Unknown parameters are ignored, except by measurements.
        """
        endpoint = "lastChange" if path == LAST_CHANGE else endpoint_of(path)
        if endpoint == "lastChange":
            answer = self._answer_last_change()
        elif endpoint in RESOURCES:
            key = locate(path.rstrip("/"))[1]
            answer = self.box.answer(
                Asked(
                    endpoint=endpoint,
                    path=path.rstrip("/"),
                    key=key,
                    method=method,
                    query=query,
                    body=body,
                    now=now,
                )
            )
        else:
            answer = self._answer(endpoint, path, query, now)
        if self._traps:
            self._spring(endpoint, now)
        if now >= self.due_at:
            self.settle(now)
        return answer

    def _answer_last_change(self) -> Answer:
        second = self._changed_at
        if second is None:
            return refusal(404, self._habits)
        if self._last_change is None or self._last_change[0] != second:
            self._last_change = second, last_change(second, self._habits)
        return self._last_change[1]

    def _answer(self, endpoint: str, path: str, query: Mapping[str, str], now: float) -> Answer:
        match endpoint:
            case "status":
                second = self.device_second(now)
                return status(
                    self._shown_identity(now),
                    self._habits,
                    second=second,
                    uptime=now - self._booted_at,
                    save_needed=self._box is not None and self._box.configuration.save_needed,
                )
            case "active":
                rank = active_rank(self._habits, self._salt)
                return self._answer_list(self._active.view(rank), rank, query)
            case "history":
                rank = history_rank(self._habits)
                return self._answer_list(self._history.view(self._habits), rank, query)
            case "active/id" | "history/id":
                return self._answer_detail(endpoint, path, query)
        return _FIXED.get(endpoint) or refusal(404, self._habits)

    def _shown_identity(self, now: float) -> Identity:
        if not self.synchronising(now):
            return self.identity
        return replace(self.identity, high_availability="Synchronizing")

    def _answer_list(
        self, view: Sequence[Row], rank: Callable[[int], int], query: Mapping[str, str]
    ) -> Answer:
        pager = Pager(view=view, rank=rank, habits=self._habits, salt=self._salt)
        page = pager.page(query)
        if isinstance(page, Refusal):
            return refusal(page.status, self._habits)
        return listing(page, self._habits)

    def _answer_detail(self, endpoint: str, path: str, query: Mapping[str, str]) -> Answer:
        table = endpoint.removesuffix("/id")
        row = (self._active if table == "active" else self._history).get(_id_in(path))
        if row is None:
            return refusal(404, self._habits)
        return detail(row, table, self._habits, with_oid=query.get("oid") == "1")

    def _spring(self, endpoint: str, now: float) -> None:
        sprung = []
        for trap in self._traps:
            if trap.endpoint == endpoint:
                trap.left -= 1
                if not trap.left:
                    sprung.append(trap)
        self._traps = [trap for trap in self._traps if trap.left > 0]
        for trap in sprung:
            trap.then(now)


def _id_in(path: str) -> int:
    text = path.rstrip("/").rpartition("/")[2]
    plain = len(text) <= _LONGEST_ID and text.isascii() and text.isdecimal()
    return int(text) if plain and not text.startswith("0") else 0
