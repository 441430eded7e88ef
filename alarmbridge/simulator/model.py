"""A Mediant: one device as a pure, synchronous model; whoever calls it brings the time along."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from zlib import crc32

from alarmbridge.simulator.alarm_board import AlarmBoard
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
_PAIRED = "Operational"

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


class Mediant(AlarmBoard):
    """One device that answers what the guide describes; its `box` has all that is no alarm.

    now: when it booted, UTC seconds, as in every later call. The rest as for `AlarmBoard`.
    down_until: it answers nobody before that, because it boots.
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
        super().__init__(name, seed=seed, habits=habits, tokens=tokens)
        self.identity = identity or Identity()
        self.seed = seed
        self.made_at = now
        self.down_until = -math.inf
        self._box: Box | None = None
        self._synchronised_at = -math.inf
        self._due_at = math.inf
        self._due: Callable[[float], object] | None = None
        self._booted_at = now
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

    @property
    def booted_at(self) -> float:
        """When it booted last, UTC seconds; a redundant unit has a time of its own."""
        return self._booted_at

    @property
    def paired(self) -> bool:
        """Whether it is one of a high-availability pair."""
        return self.identity.high_availability == _PAIRED

    def pair(self, *, operational: bool = True) -> None:
        """Make it one of a high-availability pair, or a device on its own again."""
        state = _PAIRED if operational else "Not Operational"
        self.identity = replace(self.identity, high_availability=state)

    def synchronise(self, now: float, seconds: float) -> None:
        """Be busy with the redundant unit for so long: what would change something gets a 409."""
        self._synchronised_at = now + seconds

    def synchronising(self, now: float) -> bool:
        """Whether it is busy with the redundant unit."""
        return now < self._synchronised_at

    def switch_over(self, now: float, *, seconds: float = 20.0) -> dict[int, int]:
        """Let the redundant unit take over, and synchronise with it for so many seconds after.

        ValueError: there is no pair. Returns as `reboot`.
        """
        if not self.paired:
            raise ValueError(f"{self.name} is not one of a pair")
        numbers = self.change_serial(now)
        self.synchronise(now, seconds)
        return numbers

    def schedule(self, at: float, then: Callable[[float], object]) -> None:
        """Call then(now) at a moment, once whatever is being answered is; one at a time.

        Nothing here has a clock: it happens with the first request or `settle` after that.
        """
        self._due_at, self._due = at, then

    def settle(self, now: float) -> None:
        """Do what was scheduled, if it is time."""
        if now >= self._due_at and self._due is not None:
            due, self._due, self._due_at = self._due, None, math.inf
            due(now)

    def reset(self, now: float) -> dict[int, int]:
        """Reboot as somebody asked for it: for a few seconds nobody gets an answer."""
        self.down_until = now + self._habits.boot_seconds
        return self.reboot(now)

    def reboot(self, now: float, *, keep: Iterable[int] | bool | None = None) -> dict[int, int]:
        """Reboot: the history and lastChange are gone, ids start at 1, the uptime at 0.

        keep: numbers of alarms, or all or none of them, that are raised anew: same id, new date,
        new number. None leaves it to the habit. Returns old to new numbers of those kept; for
        the others the truth has a clear with reason "restart".
        """
        self._booted_at = now
        self._synchronised_at = -math.inf
        if self._box is not None:
            self._box.restart()
        return self._restart(now, self._habits.reboot_keeps if keep is None else keep, anew=True)

    def change_serial(
        self,
        now: float,
        serial_number: str | None = None,
        *,
        keep: Iterable[int] | bool = True,
        anew: bool = False,
        uptime: float = 0.0,
    ) -> dict[int, int]:
        """Switch over to the redundant unit: another serial number and uptime, no history.

        Alarms kept stand on as they were, because the units share them; anew raises them as a
        reboot does. serial_number: by default the present one with -R, or without it again.
        Returns as `reboot`.
        """
        present = self.identity.serial_number
        other = serial_number or (present[:-2] if present.endswith("-R") else f"{present}-R")
        self.identity = replace(self.identity, serial_number=other)
        self._booted_at = now - uptime
        return self._restart(now, keep, anew=anew)

    def change_zone(self, utc_offset: int) -> None:
        """Change the local time's offset, in minutes, as daylight saving does; no clock moves."""
        self.habits = replace(self._habits, utc_offset=utc_offset)

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
        if now >= self._due_at:
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
