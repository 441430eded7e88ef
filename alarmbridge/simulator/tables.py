"""The two tables of a device: rows, and which of them are there."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from alarmbridge.simulator.habits import Habits

_ODD = 0x9E3779B97F4A7C15
_MASK = 0xFFFFFFFFFFFFFFFF
_BACK = pow(_ODD, -1, _MASK + 1)


@dataclass(slots=True, kw_only=True)
class Row:
    """One row of either table; `at` is the device's second, None where it shows no date."""

    id: int
    transition: int
    description: str
    severity: str
    source: str | None
    oid: str | None
    at: int | None


def scramble(number: int, salt: int) -> int:
    """Map a number to one that looks random, the same every time; `unscramble` is the way back."""
    return (number * _ODD + salt) & _MASK


def unscramble(number: int, salt: int) -> int:
    """Undo `scramble`."""
    return ((number - salt) * _BACK) & _MASK


def active_rank(habits: Habits, salt: int) -> Callable[[int], int]:
    """Say where an id stands in the active table, whether it is there or has gone."""
    match habits.active_order:
        case "ascending":
            return int
        case "descending":
            return lambda number: -number
        case "shuffled":
            return lambda number: scramble(number, salt)


def history_rank(habits: Habits) -> Callable[[int], int]:
    """Say where an id stands in the history; ids rise with time in both ways to count them."""
    return int if habits.history_order == "oldest_first" else lambda number: -number


class ActiveTable:
    """The alarms that stand, up to a cap; newcomers beyond it are dropped or wait for room."""

    def __init__(self) -> None:
        self._rows: dict[int, Row] = {}
        self._waiting: dict[int, Row] = {}
        self._view: list[Row] | None = None

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, number: int) -> Row | None:
        """Find a row that is shown."""
        return self._rows.get(number)

    def find(self, number: int) -> Row | None:
        """Find a row that is shown or waits."""
        return self._rows.get(number) or self._waiting.get(number)

    def admit(self, row: Row, habits: Habits) -> bool:
        """Take a row in; False when it is dropped for want of room."""
        if len(self._rows) < habits.active_cap:
            self._rows[row.id] = row
            self._view = None
            return True
        if habits.overflow == "wait":
            self._waiting[row.id] = row
            return True
        return False

    def remove(self, number: int) -> None:
        """Take a row out, shown or waiting, and let the first that waits take its place."""
        if self._waiting.pop(number, None) is not None or self._rows.pop(number, None) is None:
            return
        self._view = None
        if self._waiting:
            first = next(iter(self._waiting))
            self._rows[first] = self._waiting.pop(first)

    def view(self, rank: Callable[[int], int]) -> Sequence[Row]:
        """List the rows that are shown, by rank; kept until a row comes or goes."""
        if self._view is None:
            self._view = sorted(self._rows.values(), key=lambda row: rank(row.id))
        return self._view

    def forget_view(self) -> None:
        """Drop the kept order, because the rank is another one now."""
        self._view = None


class HistoryTable:
    """The ring of what was raised and cleared since the last boot."""

    def __init__(self) -> None:
        self._ring: deque[Row] = deque()
        self._rows: dict[int, Row] = {}
        self._view: list[Row] | None = None

    def __len__(self) -> int:
        return len(self._ring)

    def get(self, number: int) -> Row | None:
        """Find a row that the ring still holds."""
        return self._rows.get(number)

    def append(self, row: Row, cap: int) -> list[Row]:
        """Add the newest row; returns the rows it pushed out, oldest first."""
        self._ring.append(row)
        self._rows[row.id] = row
        self._view = None
        return [self._pop() for _ in range(len(self._ring) - cap)]

    def clear(self) -> list[Row]:
        """Forget everything; returns what there was, oldest first."""
        return [self._pop() for _ in range(len(self._ring))]

    def view(self, habits: Habits) -> Sequence[Row]:
        """List the rows in the device's order; kept until a row comes or goes."""
        if self._view is None:
            oldest_first = habits.history_order == "oldest_first"
            self._view = list(self._ring if oldest_first else reversed(self._ring))
        return self._view

    def forget_view(self) -> None:
        """Drop the kept order, because the habits are others now."""
        self._view = None

    def _pop(self) -> Row:
        row = self._ring.popleft()
        del self._rows[row.id]
        self._view = None
        return row
