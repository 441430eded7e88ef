"""Numbering: the ids that a device gives to the rows of its two tables."""

from random import Random

from alarmbridge.simulator.habits import Habits

_LARGEST_STEP = 7


class Numbering:
    """Counts up from 1 since the last boot, one counter or two, by 1 or by dice."""

    def __init__(self, dice: Random) -> None:
        self._dice = dice
        self._active = 0
        self._history = 0

    def restart(self, above: int) -> None:
        """Count from 1 again; but after `above`, the largest id that is still in use."""
        self._active = above
        self._history = 0

    def join(self) -> None:
        """Go on above both counters, so that a device which changes its way reuses no id."""
        self._active = self._history = max(self._active, self._history)

    def next_active(self, habits: Habits) -> int:
        """Take the next id of an alarm."""
        self._active += self._step(habits)
        return self._active

    def next_history(self, habits: Habits) -> int:
        """Take the next id of a history row."""
        if habits.history_ids == "shared":
            return self.next_active(habits)
        self._history += self._step(habits)
        return self._history

    def _step(self, habits: Habits) -> int:
        return self._dice.randint(1, _LARGEST_STEP) if habits.sparse_ids else 1
