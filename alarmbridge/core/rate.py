"""A rate limit: never more than so many notices within a time, whichever time one looks at."""

from collections import deque

from alarmbridge.core.noise import Rate


class Window:
    """What was sent lately. Moments are seconds of a clock that never goes back."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._per = rate.per.total_seconds()
        self._sent: deque[float] = deque(maxlen=rate.number)

    def note(self, at: float) -> None:
        """Note one that is sent."""
        self._sent.append(at)

    def room(self, at: float) -> int:
        """Say how many more may go now."""
        while self._sent and self._sent[0] <= at - self._per:
            self._sent.popleft()
        return self._rate.number - len(self._sent)

    def wait(self, at: float) -> float:
        """Say in how many seconds there is room for one."""
        return 0.0 if self.room(at) else self._sent[0] + self._per - at
