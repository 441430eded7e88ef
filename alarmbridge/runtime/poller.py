"""Follows one device: looks whether anything moved, and if so reads, decides and records."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from alarmbridge.core.bridge import (
    DEVICE_LOGIN_FAILED,
    DEVICE_UNREACHABLE,
    DEVICE_UNREADABLE,
)
from alarmbridge.core.decision import Decision, Held
from alarmbridge.core.device_time import DeviceTime
from alarmbridge.core.errors import DeviceError, LoginFailed, Restarted
from alarmbridge.core.event import Event
from alarmbridge.core.health import (
    SOON,
    TROUBLES,
    Health,
    Manners,
    Refusal,
    after_failure,
    after_success,
    declare,
    pause_after_failure,
    pause_while_unsettled,
    recover,
    trouble_of,
    wait_after_refusal,
)
from alarmbridge.core.payload import DeviceFacts
from alarmbridge.core.reading import DeviceStatus, Settled, Unsettled
from alarmbridge.core.reconcile import Circumstances, identities_in, known_of, reconcile
from alarmbridge.core.restart import Restart, restart_between
from alarmbridge.core.settle import Sighting, second_is_over, sight
from alarmbridge.core.status_watch import watch_status
from alarmbridge.mediant.client import AlarmsClient
from alarmbridge.mediant.survey import Opening, Surveyed, survey
from alarmbridge.runtime.ports import Bell, Clock, Credentials, Dice
from alarmbridge.runtime.recorder import Blind, Look, Recorder, Sighted
from alarmbridge.runtime.unknown import UnknownOids
from alarmbridge.store.archive import Archive
from alarmbridge.store.blind_spells import SpellKind
from alarmbridge.store.devices import load_refusal
from alarmbridge.store.held import count_identities
from alarmbridge.telemetry.metrics import Metrics

_log = logging.getLogger(__name__)

_SPELLS = {
    DEVICE_LOGIN_FAILED: SpellKind.LOGIN,
    DEVICE_UNREACHABLE: SpellKind.UNREACHABLE,
    DEVICE_UNREADABLE: SpellKind.UNREADABLE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A device as it is configured. The sizes are the most rows that its tables hold.

    credentials: None where a refused login need not be remembered beyond this life. watch_status:
    whether its version and its redundancy are alarms of the bridge's own.
    """

    facts: DeviceFacts
    manners: Manners
    credentials: Credentials | None = None
    active_table_size: int = 120
    history_table_size: int = 500
    watch_status: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What all pollers share."""

    archive: Archive
    recorder: Recorder
    clock: Clock
    dice: Dice
    metrics: Metrics
    unknown: UnknownOids = field(default_factory=UnknownOids)


class Poller:
    """The loop of one device. What it remembers are hints; the truth is in the archive."""

    __slots__ = (
        "_begun",
        "_client",
        "_failing_since",
        "_here",
        "_interrupted",
        "_known_until",
        "_latest",
        "_seen",
        "_sighting",
        "_status",
        "_sync_due",
        "_target",
        "_token",
        "_told",
        "_unsettled",
        "_verify",
        "_watching",
        "bell",
        "delay",
        "health",
        "name",
        "pause",
    )

    def __init__(
        self,
        target: Target,
        *,
        client: AlarmsClient,
        here: Surroundings,
        told: Callable[[Sequence[Event]], None] | None = None,
    ) -> None:
        self._target = target
        self._begun = target.credentials is None
        self._client = client
        self._here = here
        self._told = told
        self._status: DeviceStatus | None = None
        self._latest: DeviceStatus | None = None
        self._sighting: Sighting | None = None
        self._failing_since: datetime | None = None
        self._known_until: datetime | None = None
        self._interrupted: Restart | None = None
        # Quiet needs a token that was settled; until the first sync there is none.
        self._watching = False
        self._token: str | None = None
        self._seen: str | None = None
        self._unsettled = 0
        self._verify = True
        self._sync_due = 0.0
        self.health = Health()
        self.bell = Bell()
        self.name = target.facts.name
        self.pause = target.manners.interval.total_seconds()
        # Spread over the interval, otherwise a thousand devices would be asked at once.
        self.delay = here.dice.random() * self.pause

    async def step(self) -> bool:
        """Look once. Never finds more work: the next look is due after `pause` seconds."""
        if not self._begun and not await self._may_begin():
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
                self._known_until = asked_at if last_change else self._known_until
                self.health = after_success(clock.now())
                metrics.quiet_polls.inc()
                metrics.poll_duration.observe(clock.monotonic() - began)
            else:
                await self._sync(last_change, asked_at=asked_at)
                metrics.sync_duration.observe(clock.monotonic() - began)
        except Restarted as error:
            # By the next read its uptime may have passed the old one, so it is remembered.
            self._interrupted = Restart(str(error), wiped=error.wiped)
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
        """When the tables are to be read again at the latest, on the steady clock."""
        return self._sync_due

    @property
    def status(self) -> DeviceStatus | None:
        """What the device last said of itself."""
        return self._status

    @property
    def facts(self) -> DeviceFacts:
        """What events say of the device now."""
        return self._facts(self._status)

    @property
    def well(self) -> bool:
        """Whether its last look went well."""
        return self.health.good_at is not None and not self.health.misses

    @property
    def known_until(self) -> datetime | None:
        """Until when its tables are known to be as held; None before the first settled read."""
        return self._known_until

    async def _may_begin(self) -> bool:
        """Find, once, whether these very credentials were refused before this life, and wait.

        Otherwise a restart would be a second guess, and many of them would lock the user out.
        """
        manners, credentials = self._target.manners, self._target.credentials
        async with self._here.archive.read() as tx:
            refusal = await load_refusal(tx, self.name)
        self._begun = True
        if credentials is None or refusal is None:
            return True
        wait = wait_after_refusal(refusal, manners, now=self._here.clock.now())
        if not wait or not await credentials.match(refusal.digest):
            return True
        self.health = after_failure(
            self.health, DEVICE_LOGIN_FAILED, unreachable_after=manners.unreachable_after
        )
        self.pause = wait.total_seconds()
        _log.warning(
            "%s: these credentials were refused before; they are tried again in %.0f s",
            self.name,
            self.pause,
        )
        return False

    def _is_quiet(self, last_change: DeviceTime | None) -> bool:
        return self._watching and _raw(last_change) == self._token

    async def _sync(self, last_change: DeviceTime | None, *, asked_at: datetime) -> None:
        """Read both tables and record what has happened.

        1. Load what is held, and fetch what the device says of itself.
        2. Fetch what is not known of its tables.
        3. Decide.
        4. Record, in one transaction with the deliveries that follow; the lanes are woken.
        """
        here, name = self._here, self.name
        held = await here.recorder.load(name)
        status = await self._client.fetch_status()
        restart = self._find_restart(held, status)
        self._sighting = sight(
            self._sighting, last_change=last_change, local_time=status.local_time
        )
        opening = Opening(
            last_change=last_change,
            status=status,
            second_over=second_is_over(
                self._sighting, last_change=last_change, local_time=status.local_time
            ),
        )
        known = known_of(held, restarted=restart is not None, verify=self._verify)
        surveyed = await survey(
            self._client, known, opening, active_cap=self._target.active_table_size
        )
        held = await self._recover(held)
        decision = await self._decide(held, surveyed.snapshot, restart)
        if decision.restarted and status.uptime is None:
            # Otherwise the next uptime that it tells would pass for another restart.
            status = self._latest = replace(status, uptime=0)
        decision = self._add_watched(held, decision, status)
        settled = isinstance(surveyed.snapshot, Settled)
        look = Look(
            status=status,
            newest_last=surveyed.newest_last,
            read_at=asked_at if settled else None,
        )
        await here.recorder.record(held, decision, facts=self._facts(status), look=look)
        here.unknown.note(decision.events, metrics=here.metrics)
        if self._told is not None and decision.events:
            self._told(decision.events)
        self._known_until = asked_at if settled else self._known_until
        self._note(surveyed, status, decision, restart)

    async def _decide(
        self, held: Held, snapshot: Settled | Unsettled, restart: Restart | None
    ) -> Decision:
        identities = identities_in(self.name, snapshot)
        async with self._here.archive.read() as tx:
            occurrences = await count_identities(tx, identities) if identities else {}
        circumstances = Circumstances(
            now=self._here.clock.now(),
            occurrences=occurrences,
            known_until=self._known_until,
            restarted=restart,
            active_table_size=self._target.active_table_size,
            history_table_size=self._target.history_table_size,
        )
        return reconcile(held, snapshot, circumstances)

    def _add_watched(self, held: Held, decision: Decision, status: DeviceStatus) -> Decision:
        if not self._target.watch_status:
            return decision
        sequence = held.sequence + len(decision.events)
        watched = watch_status(held, status, sequence=sequence, now=self._here.clock.now())
        return replace(decision, events=decision.events + watched) if watched else decision

    def _find_restart(self, held: Held, status: DeviceStatus) -> Restart | None:
        """Find that it began anew since its last status, or since its tables were last read.

        The former is remembered until they are: by then its uptime may have passed the old one.
        """
        # What it told last, however long ago: an answer may leave out either.
        serial_number, uptime = held.serial_number, held.uptime
        if self._latest is not None:
            serial_number = self._latest.serial_number or serial_number
            uptime = self._latest.uptime if self._latest.uptime is not None else uptime
        self._latest = status
        self._interrupted = self._interrupted or restart_between(
            serial_number=serial_number, uptime=uptime, status=status
        )
        return self._interrupted

    def _note(
        self,
        surveyed: Surveyed,
        status: DeviceStatus,
        decision: Decision,
        restart: Restart | None,
    ) -> None:
        here, manners, snapshot = self._here, self._target.manners, surveyed.snapshot
        token = _raw(surveyed.last_change)
        moved = self._status is not None and token != self._seen
        self._unsettled = 0 if token != self._seen else self._unsettled
        self._seen, self._status = token, status
        self.health = after_success(here.clock.now())
        self._failing_since = self._interrupted = None
        for remark in decision.remarks:
            _log.info("%s: %s", self.name, remark)
        if restart is not None:
            _log.warning("%s: restarted: %s", self.name, restart.reason)
        here.metrics.synced_polls.inc()
        if isinstance(snapshot, Unsettled):
            self._watching = False
            self._unsettled += 1
            self.pause = pause_while_unsettled(self._unsettled, manners).total_seconds()
            _log.debug("%s: unsettled: %s", self.name, snapshot.reason)
            return
        self._token, self._unsettled = token, 0
        # Something moved that no list shows, a severity perhaps: read every alarm whole, once.
        unexplained = moved and decision.empty and not self._verify
        self._verify = unexplained
        self._watching = not unexplained
        self.pause = (SOON if unexplained else manners.interval).total_seconds()
        jitter = 0.9 + 0.1 * here.dice.random()
        self._sync_due = here.clock.monotonic() + manners.full_sync.total_seconds() * jitter

    async def _recover(self, held: Held) -> Held:
        if not any(alarm.name in TROUBLES for alarm in held.own):
            return held
        now = self._here.clock.now()
        await self._here.recorder.record(
            held,
            recover(held, now=now),
            facts=self._facts(self._status),
            sight=Sighted(),
        )
        _log.info("%s: can be read again", self.name)
        return await self._here.recorder.load(self.name)

    async def _suffer(self, error: DeviceError) -> None:
        """Count a failed read, and raise an alarm when that is what it has come to."""
        here, manners, now = self._here, self._target.manners, self._here.clock.now()
        kind = trouble_of(error)
        self._failing_since = self._failing_since or self.health.good_at or now
        health = after_failure(self.health, kind, unreachable_after=manners.unreachable_after)
        here.metrics.failed_polls.inc()
        here.metrics.failed_reads.labels(kind).inc()
        if health.misses == 1:
            _log.warning("%s", self._in_words(error))
        self._watching = False
        refusal = await self._refusal(error, now)
        if health.trouble is not None and (refusal or health.trouble != self.health.trouble):
            held = await here.recorder.load(self.name)
            decision = declare(held, health.trouble, words=str(error), now=now)
            blind = Blind(kind=_SPELLS[kind], since=self._failing_since, reason=str(error))
            await here.recorder.record(
                held,
                decision,
                facts=self._facts(self._status),
                sight=None if decision.empty else blind,
                refusal=refusal,
            )
        if health.trouble != self.health.trouble:
            self._verify = True
            _log.error("%s; raised %s", self._in_words(error), health.trouble)
        self.health = health
        self.pause = pause_after_failure(health, manners).total_seconds()

    def _in_words(self, error: DeviceError) -> str:
        words = str(error)
        return words if words.startswith(self.name) else f"{self.name}: {words}"

    async def _refusal(self, error: DeviceError, now: datetime) -> Refusal | None:
        credentials = self._target.credentials
        if credentials is None or not isinstance(error, LoginFailed):
            return None
        return Refusal(at=now, digest=await credentials.digest())

    def _facts(self, status: DeviceStatus | None) -> DeviceFacts:
        facts = self._target.facts
        if status is None:
            return facts
        return DeviceFacts(
            name=facts.name,
            url=facts.url,
            tags=facts.tags,
            product=status.product,
            serial_number=status.serial_number,
            version=status.version,
        )


def _raw(last_change: DeviceTime | None) -> str | None:
    return last_change.raw if last_change else None
