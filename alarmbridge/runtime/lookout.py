"""Looks for news on behalf of those who listen, in the loop that everything runs in."""

from typing import Protocol

from alarmbridge.runtime.ports import Bell, Clock

_REST = 0.5


class Watch(Protocol):
    """What looks; pause: after how many seconds to look again, unless woken."""

    @property
    def pause(self) -> float:
        """Say so now."""
        ...

    async def look(self) -> bool:
        """Look once; say whether there was anything."""
        ...


class Lookout:
    """Looks when it is woken, and now and then; what comes soon after another is gathered.

    bell: rings when there may be news. The first is told at once; what comes within the next half
    a second goes together, because telling many readers costs the same for one event as for ten.
    """

    name = "news"
    delay = 0.0

    def __init__(self, watch: Watch, *, bell: Bell, clock: Clock) -> None:
        self._watch = watch
        self._clock = clock
        self.bell = bell
        self.pause = watch.pause

    async def step(self) -> bool:
        """Look once."""
        found = await self._watch.look()
        self.pause = self._watch.pause
        if found:
            await self._clock.wait(Bell(), _REST)
        return found
