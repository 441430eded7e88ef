"""Lifecycle: boots, resets and switchovers of a device, and what of it they forget."""

import math
from collections.abc import Callable, Iterable
from dataclasses import replace

from alarmbridge.simulator.alarm_board import AlarmBoard
from alarmbridge.simulator.bodies import Identity
from alarmbridge.simulator.habits import Habits

_PAIRED = "Operational"


class Lifecycle(AlarmBoard):
    """An alarm board that boots.

    now: when it booted, UTC seconds, as in every later call. The rest as for `AlarmBoard`.
    down_until: it answers nobody before that, because it boots. due_at: when something that was
    scheduled is to happen. made_at: when it booted first.
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
        self._booted_at = now
        self._synchronised_at = -math.inf
        self.due_at = math.inf
        self._due: Callable[[float], object] | None = None

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
        self.due_at, self._due = at, then

    def settle(self, now: float) -> None:
        """Do what was scheduled, if it is time."""
        if now >= self.due_at and self._due is not None:
            due, self._due, self.due_at = self._due, None, math.inf
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
        self._forget()
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

    def _forget(self) -> None:
        """Forget what else a reboot forgets; for whoever has more than alarms."""
