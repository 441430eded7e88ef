"""Reads both tables of a device, has decided what happened, and records it."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from alarmbridge.core.decision import Decision, Held
from alarmbridge.core.device_time import DeviceTime
from alarmbridge.core.event import Event
from alarmbridge.core.payload import DeviceFacts
from alarmbridge.core.reading import DeviceStatus, Settled, Unsettled
from alarmbridge.core.reconcile import Circumstances, identities_in, known_of, reconcile
from alarmbridge.core.restart import Restart, restart_between
from alarmbridge.core.settle import Sighting, second_is_over, sight
from alarmbridge.core.status_watch import watch_status
from alarmbridge.mediant.client import AlarmsClient
from alarmbridge.mediant.survey import Opening, survey
from alarmbridge.runtime.recorder import Look
from alarmbridge.runtime.surroundings import Surroundings, Target
from alarmbridge.runtime.troubles import Troubles
from alarmbridge.store.held import count_identities

_log = logging.getLogger(__name__)

Told = Callable[[Sequence[Event]], None]
"""Is told of events once they are stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """How a read went.

    last_change: what the tables belong to. settled: whether they are proven whole. empty: nothing
    had happened.
    """

    last_change: DeviceTime | None
    settled: bool
    empty: bool


class Sync:
    """The reads of one device, and what of each the next one needs to know."""

    __slots__ = (
        "_client",
        "_here",
        "_interrupted",
        "_latest",
        "_sighting",
        "_target",
        "_told",
        "_troubles",
        "known_until",
        "status",
    )

    def __init__(
        self,
        target: Target,
        *,
        client: AlarmsClient,
        here: Surroundings,
        troubles: Troubles,
        told: Told | None = None,
    ) -> None:
        self._target = target
        self._client = client
        self._here = here
        self._troubles = troubles
        self._told = told
        self._latest: DeviceStatus | None = None
        self._sighting: Sighting | None = None
        self._interrupted: Restart | None = None
        self.status: DeviceStatus | None = None
        """What the device said of itself when its tables were last read."""
        self.known_until: datetime | None = None
        """Until when its tables are known to be as held; None before the first settled read."""

    @property
    def facts(self) -> DeviceFacts:
        """What events say of the device now."""
        return self._target.facts_with(self.status)

    def note_restart(self, restart: Restart) -> None:
        """Remember that it began anew in the middle of a read.

        By the next one its uptime may have passed the old one.
        """
        self._interrupted = restart

    async def read(
        self, last_change: DeviceTime | None, *, asked_at: datetime, verify: bool
    ) -> Synced:
        """Read both tables and record what has happened; raises DeviceError.

        1. Load what is held, and fetch what the device says of itself.
        2. Fetch what is not known of its tables.
        3. Decide.
        4. Record, in one transaction with the deliveries that follow; the lanes are woken.

        asked_at: before lastChange was. verify: every alarm is read whole, known or not.
        """
        here, target = self._here, self._target
        held = await here.recorder.load(target.name)
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
        known = known_of(held, restarted=restart is not None, verify=verify)
        surveyed = await survey(self._client, known, opening, active_cap=target.active_table_size)
        held = await self._troubles.end(held, facts=self.facts)
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
        await here.recorder.record(held, decision, facts=target.facts_with(status), look=look)
        here.unknown.note(decision.events, metrics=here.metrics)
        if self._told is not None and decision.events:
            self._told(decision.events)
        self.known_until = asked_at if settled else self.known_until
        self.status, self._interrupted = status, None
        self._troubles.note_success()
        self._log(decision, restart, surveyed.snapshot)
        here.metrics.synced_polls.inc()
        return Synced(last_change=surveyed.last_change, settled=settled, empty=decision.empty)

    async def _decide(
        self, held: Held, snapshot: Settled | Unsettled, restart: Restart | None
    ) -> Decision:
        identities = identities_in(self._target.name, snapshot)
        async with self._here.archive.read() as tx:
            occurrences = await count_identities(tx, identities) if identities else {}
        circumstances = Circumstances(
            now=self._here.clock.now(),
            occurrences=occurrences,
            known_until=self.known_until,
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

    def _log(
        self, decision: Decision, restart: Restart | None, snapshot: Settled | Unsettled
    ) -> None:
        name = self._target.name
        for remark in decision.remarks:
            _log.info("%s: %s", name, remark)
        if restart is not None:
            _log.warning("%s: restarted: %s", name, restart.reason)
        if isinstance(snapshot, Unsettled):
            _log.debug("%s: unsettled: %s", name, snapshot.reason)
