"""Whether the loops still move: what `/readyz` and a watchdog ask."""

from alarmbridge.runtime.ports import Clock

# A sync of a slow device is one step: some hundred details, each up to its timeout.
_LATE = 900.0


class Pulse:
    """Each loop says when its next step is due; one that is long overdue has stopped moving."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due: dict[str, float] = {}

    def beat(self, name: str, pause: float) -> None:
        """Note that a loop has made a step and will make the next one after `pause` seconds."""
        self._due[name] = self._clock.monotonic() + pause

    def stopped(self) -> list[str]:
        """Name the loops that are more than 15 min overdue."""
        latest = self._clock.monotonic() - _LATE
        return sorted(name for name, due in self._due.items() if due < latest)
