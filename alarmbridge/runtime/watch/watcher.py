"""The loop that looks after one device, round by round."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from alarmbridge.core.bridge import DEVICE_LOGIN_FAILED
from alarmbridge.core.errors import DeviceError, LoginFailed, Refused, Unreachable
from alarmbridge.core.event import Event
from alarmbridge.core.health import Health
from alarmbridge.runtime.ports import Bell, Clock, Dice
from alarmbridge.runtime.watch.configuration import ConfigurationRound

_log = logging.getLogger(__name__)

_SPREAD = 30.0
_WAIT = 15.0
_AGAIN = timedelta(minutes=5)
_LEAST = 60.0
"""Seconds between two rounds that alarms have gone: one that flaps is no reason for a storm."""

_LIMIT = 600.0
"""Seconds that a round may take: a device that drips keeps its other rounds back no longer."""


class Round(Protocol):
    """Something that is looked at from time to time. Raises DeviceError."""

    name: str
    every: timedelta

    async def run(self) -> None:
        """Look at it once."""
        ...


class Watcher:
    """Goes the rounds of one device. health: how its poller reads it."""

    def __init__(
        self,
        device: str,
        rounds: Sequence[Round],
        *,
        health: Callable[[], Health],
        clock: Clock,
        dice: Dice,
    ) -> None:
        self.name = f"watch {device}"
        self.bell = Bell()
        # Spread, otherwise a thousand devices would be asked for a thousand things at once.
        self.delay = dice.random() * _SPREAD
        self.pause = _WAIT
        self.rounds = rounds
        self._device = device
        self._health = health
        self._clock = clock
        self._dice = dice
        self._due_at = dict.fromkeys((one.name for one in rounds), 0.0)
        self._gone_at: dict[str, float] = {}
        self._troubles: dict[str, str] = {}
        self._refused_at: dict[str, datetime] = {}
        self._given_up: set[str] = set()

    async def step(self) -> bool:
        """Go one round that is due; the others have their turn at once after it."""
        health = self._health()
        self._judge_refusals(health)
        going = [one for one in self.rounds if not self._is_held_back(one)]
        if not health.well or not going:
            self.pause = _WAIT
            return False
        now = self._clock.monotonic()
        due = [one for one in going if self._due_at[one.name] <= now]
        if not due:
            wait = min(self._due_at[one.name] for one in going) - now
            self.pause = min(wait, _WAIT) if self._refused_at else wait
            return False
        await self._go(min(due, key=lambda one: self._due_at[one.name]))
        return True

    def notice(self, events: Iterable[Event]) -> None:
        """Be told of the device's events: some are a reason to look at once."""
        for one in self.rounds:
            if isinstance(one, ConfigurationRound) and one.notice(events):
                soonest = self._gone_at.get(one.name, -_LEAST) + _LEAST
                self._due_at[one.name] = min(self._due_at[one.name], soonest)
                self.bell.ring()

    async def _go(self, one: Round) -> None:
        # Before it is gone: what is noticed meanwhile has it gone again, and a failure of the
        # archive is no reason to ask the device anew at once.
        self._due_at[one.name] = self._after(one.every)
        self._gone_at[one.name] = self._clock.monotonic()
        try:
            async with asyncio.timeout(_LIMIT):
                await one.run()
        except TimeoutError:
            self._suffer(one, Unreachable(f"{self._device} took longer than {_LIMIT:g} s for it"))
        except DeviceError as error:
            self._suffer(one, error)
        else:
            if self._troubles.pop(one.name, None):
                _log.info("%s: %s: can be read again", self.name, one.name)

    def _is_held_back(self, one: Round) -> bool:
        return one.name in self._given_up or one.name in self._refused_at

    def _judge_refusals(self, health: Health) -> None:
        """Find out what a 401 to a round was about, by the first poll that the device answered.

        If that is refused as well, the credentials are; if it is accepted, the one resource is.
        """
        # A poller's first failure may be that round's, which keeps everybody from asking.
        if health.last == DEVICE_LOGIN_FAILED and health.streak > 1:
            self._refused_at.clear()
        for name, refused_at in list(self._refused_at.items()):
            if health.good_at is not None and health.good_at > refused_at:
                del self._refused_at[name]
                self._given_up.add(name)
                _log.error(
                    "%s: %s: refused with 401, though polls are accepted with the same user name"
                    " and password; not asked again before the next start",
                    self.name,
                    name,
                )

    def _suffer(self, one: Round, error: DeviceError) -> None:
        if isinstance(error, LoginFailed) and error.asked:
            self._refused_at[one.name] = self._clock.now()
        if str(error) != self._troubles.get(one.name):
            _log.warning("%s: %s: %s", self.name, one.name, error)
        self._troubles[one.name] = str(error)
        if not isinstance(error, Refused) or not error.lasting:
            again = self._after(min(one.every, _AGAIN))
            self._due_at[one.name] = min(self._due_at[one.name], again)

    def _after(self, every: timedelta) -> float:
        spread = 0.9 + 0.1 * self._dice.random()
        return self._clock.monotonic() + every.total_seconds() * spread
