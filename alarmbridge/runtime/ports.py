"""What the loops need from outside: time to wait on, and dice."""

import asyncio
from datetime import datetime
from typing import Protocol


class Bell:
    """Wakes one waiting loop; a ring while nobody waits is kept for the next wait."""

    __slots__ = ("_rung", "_waiter")

    def __init__(self) -> None:
        self._rung = False
        self._waiter: asyncio.Future[None] | None = None

    def ring(self) -> None:
        """Wake the loop, now or when it next waits."""
        self._rung = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def arm(self) -> asyncio.Future[None] | None:
        """Give a future that the next ring resolves, or None when it has rung already."""
        if self._rung:
            self._rung = False
            return None
        self._waiter = asyncio.get_running_loop().create_future()
        return self._waiter

    def disarm(self) -> None:
        """Forget the waiter; it was woken by the ring or by the clock."""
        self._rung = False
        self._waiter = None


class Clock(Protocol):
    """Time: the wall's for what is written down, the steady one for lengths."""

    def now(self) -> datetime:
        """Say what time it is, UTC."""
        ...

    def monotonic(self) -> float:
        """Say how many seconds have gone by since some moment; never goes back."""
        ...

    async def wait(self, bell: Bell, seconds: float) -> None:
        """Wait until the bell rings, at most this long."""
        ...


class Credentials(Protocol):
    """What a device was shown, so that it can be known again after a restart and not be told."""

    async def digest(self) -> str:
        """Make a digest that tells nothing of them."""
        ...

    async def match(self, digest: str) -> bool:
        """Say whether a digest is of these very credentials."""
        ...


class Dice(Protocol):
    """Chance, so that a seed can replay it."""

    def random(self) -> float:
        """Draw from 0 up to, not including, 1."""
        ...
