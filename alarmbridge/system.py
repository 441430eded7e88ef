"""The real clock, the real dice and the machine's limits; the one place that asks for them."""

import asyncio
import random
import resource
import secrets
import time
from datetime import UTC, datetime

from alarmbridge.runtime.ports import Bell

_SLOT = 0.05
_FILES = 65_536


class SystemClock:
    """Time of this machine. Waits end on slots of 50 ms, shared by all that wait.

    Because a timer for each of a thousand devices costs more than the poll it is for; one that
    wakes all who are due within the same slot costs next to nothing.
    """

    def __init__(self) -> None:
        self._slots: dict[int, list[asyncio.Future[None]]] = {}

    def now(self) -> datetime:
        """Say what time it is, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Say how many seconds have gone by since some moment."""
        return time.monotonic()

    async def wait(self, bell: Bell, seconds: float) -> None:
        """Wait until the bell rings, at most this long, rounded up to the next slot."""
        waiter = bell.arm()
        if waiter is None:
            return
        loop = asyncio.get_running_loop()
        slot = int((loop.time() + seconds) / _SLOT) + 1
        waiters = self._slots.get(slot)
        if waiters is None:
            self._slots[slot] = waiters = []
            loop.call_at(slot * _SLOT, self._wake, slot)
        waiters.append(waiter)
        try:
            await waiter
        finally:
            bell.disarm()

    def _wake(self, slot: int) -> None:
        for waiter in self._slots.pop(slot):
            if not waiter.done():
                waiter.set_result(None)


def system_dice() -> random.Random:
    """Give dice that nobody can foretell."""
    return random.Random(random.SystemRandom().getrandbits(128))  # noqa: S311 - jitter, no secret


def draw_secret(size: int) -> bytes:
    """Draw bytes that nobody can guess."""
    return secrets.token_bytes(size)


def allow_many_connections() -> None:
    """Take as many open files as this user may have: devices and readers of streams are some each.

    Because a shell gives 1,024 unless asked for more, and a thousand devices take two each.
    """
    soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if most == resource.RLIM_INFINITY else min(most, _FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
