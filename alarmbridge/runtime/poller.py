"""Follows one device: looks whether anything moved, and if so has its tables read."""

from datetime import datetime

from alarmbridge.core.bridge import DEVICE_LOGIN_FAILED
from alarmbridge.core.device_time import DeviceTime
from alarmbridge.core.errors import DeviceError, Restarted
from alarmbridge.core.health import SOON, Health, pause_while_unsettled
from alarmbridge.core.payload import DeviceFacts
from alarmbridge.core.reading import DeviceStatus
from alarmbridge.core.restart import Restart
from alarmbridge.mediant.client import AlarmsClient
from alarmbridge.runtime.ports import Bell
from alarmbridge.runtime.surroundings import Surroundings, Target
from alarmbridge.runtime.sync import Sync, Synced, Told
from alarmbridge.runtime.troubles import Troubles


class Poller:
    """The loop of one device. What it remembers are hints; the truth is in the archive."""

    __slots__ = (
        "_client",
        "_here",
        "_seen",
        "_sync",
        "_sync_due",
        "_target",
        "_token",
        "_troubles",
        "_unsettled",
        "_verify",
        "_watching",
        "bell",
        "delay",
        "name",
        "pause",
    )

    def __init__(
        self,
        target: Target,
        *,
        client: AlarmsClient,
        here: Surroundings,
        told: Told | None = None,
    ) -> None:
        self._target = target
        self._client = client
        self._here = here
        self._troubles = Troubles(target, here)
        self._sync = Sync(target, client=client, here=here, troubles=self._troubles, told=told)
        # Quiet needs a token that was settled; until the first sync there is none.
        self._watching = False
        self._token: str | None = None
        self._seen: str | None = None
        self._unsettled = 0
        self._verify = True
        self._sync_due = 0.0
        self.bell = Bell()
        self.name = target.name
        self.pause = target.manners.interval.total_seconds()
        # Spread over the interval, otherwise a thousand devices would be asked at once.
        self.delay = here.dice.random() * self.pause

    async def step(self) -> bool:
        """Look once. Never finds more work: the next look is due after `pause` seconds."""
        troubles = self._troubles
        if not troubles.known and (wait := await troubles.look_back()):
            self.pause = wait
            return False
        if self.health.last == DEVICE_LOGIN_FAILED:
            self._client.allow_login()
        # Before it is asked, because what comes to pass on the answer's way is not in the answer.
        clock, metrics = self._here.clock, self._here.metrics
        asked_at, began = clock.now(), clock.monotonic()
        try:
            last_change = await self._client.fetch_last_change()
            if self._is_quiet(last_change):
                # No change since boot is no proof of quiet: it may be another boot.
                if last_change:
                    self._sync.known_until = asked_at
                troubles.note_success()
                metrics.quiet_polls.inc()
                metrics.poll_duration.observe(clock.monotonic() - began)
            else:
                await self._read(last_change, asked_at=asked_at)
                metrics.sync_duration.observe(clock.monotonic() - began)
        except Restarted as error:
            self._sync.note_restart(Restart(str(error), wiped=error.wiped))
            await self._suffer(error)
        except DeviceError as error:
            await self._suffer(error)
        return False

    def request_sync(self) -> None:
        """Have both tables read whole at the next look, whatever lastChange says.

        Every active alarm too, because no list shows a severity that changed in place.
        """
        self._watching, self._verify = False, True

    @property
    def sync_due(self) -> float:
        """When its tables are to be read again even though nothing moved, by the steady clock."""
        return self._sync_due

    @property
    def health(self) -> Health:
        """How reading it has gone lately."""
        return self._troubles.health

    @property
    def status(self) -> DeviceStatus | None:
        """What the device last said of itself."""
        return self._sync.status

    @property
    def facts(self) -> DeviceFacts:
        """What events say of the device now."""
        return self._sync.facts

    @property
    def known_until(self) -> datetime | None:
        """Until when its tables are known to be as held; None before the first settled read."""
        return self._sync.known_until

    def _is_quiet(self, last_change: DeviceTime | None) -> bool:
        return self._watching and _raw(last_change) == self._token

    async def _read(self, last_change: DeviceTime | None, *, asked_at: datetime) -> None:
        again = self.status is not None
        synced = await self._sync.read(last_change, asked_at=asked_at, verify=self._verify)
        token = _raw(synced.last_change)
        moved = again and token != self._seen
        self._unsettled = 0 if token != self._seen else self._unsettled
        self._seen = token
        if synced.settled:
            self._settle(synced, token, moved=moved)
            return
        self._watching = False
        self._unsettled += 1
        self.pause = pause_while_unsettled(self._unsettled, self._target.manners).total_seconds()

    def _settle(self, synced: Synced, token: str | None, *, moved: bool) -> None:
        here, manners = self._here, self._target.manners
        self._token, self._unsettled = token, 0
        # Something moved that no list shows, a severity perhaps: read every alarm whole, once.
        unexplained = moved and synced.empty and not self._verify
        self._verify = unexplained
        self._watching = not unexplained
        self.pause = (SOON if unexplained else manners.interval).total_seconds()
        jitter = 0.9 + 0.1 * here.dice.random()
        self._sync_due = here.clock.monotonic() + manners.full_sync.total_seconds() * jitter

    async def _suffer(self, error: DeviceError) -> None:
        self._watching = False
        trouble = self.health.trouble
        self.pause = await self._troubles.suffer(error, facts=self.facts)
        if self.health.trouble != trouble:
            self._verify = True


def _raw(last_change: DeviceTime | None) -> str | None:
    return last_change.raw if last_change else None
