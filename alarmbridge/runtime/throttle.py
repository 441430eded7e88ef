"""Keeps a lane within its rate limit, and says which notices had to wait for that."""

from datetime import datetime

from alarmbridge.core.delivery import Delivery
from alarmbridge.core.noise import Rate
from alarmbridge.core.rate import Window
from alarmbridge.runtime.ports import Clock


class Throttle:
    """One lane's. rate: how many notices may go in how long; None lets all go."""

    def __init__(self, rate: Rate | None, *, clock: Clock) -> None:
        self._rate = rate
        self._clock = clock
        self._window = Window(rate) if rate else None
        # When there was last no room: what was due before that has waited.
        self._full_at: datetime | None = None

    def bound(self, room: int) -> int:
        """Say how many of so many notices may go now."""
        if self._window is None:
            return room
        left = self._window.room(self._clock.monotonic())
        self._full_at = self._clock.now() if left <= 0 else self._full_at
        return min(room, left)

    def note(self, delivery: Delivery) -> str | None:
        """Count a notice that goes; says so where it had to wait."""
        if self._window is None:
            return None
        self._window.note(self._clock.monotonic())
        if self._full_at is None or delivery.next_at > self._full_at:
            return None
        return f"waited for the rate limit of {self._rate}"

    @property
    def wait(self) -> float:
        """Say in how many seconds there is room; 0.0 where there is some."""
        return self._window.wait(self._clock.monotonic()) if self._window else 0.0
