"""Whether the wall clock was set back, for whoever would wait out the step otherwise."""

from alarmbridge.runtime.ports import Clock

_STEP = 1.0


class Skew:
    """How far the wall clock is ahead of the steady one, as it was last dealt with."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known = self._seen = self._measure()

    def set_back_by(self) -> float:
        """Say by how many seconds the clock was set back since then; 0 for less than a second."""
        self._seen = self._measure()
        back = self._known - self._seen
        return back if back > _STEP else 0.0

    def settle(self) -> None:
        """Note that what `set_back_by` said last was dealt with."""
        self._known = self._seen

    def _measure(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()
