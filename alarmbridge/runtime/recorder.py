"""Stores a decision together with every delivery that follows from it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from alarmbridge.core.decision import Decision, Held
from alarmbridge.core.event import KINDS
from alarmbridge.core.health import Refusal
from alarmbridge.core.payload import DeviceFacts, build_body
from alarmbridge.core.reading import DeviceStatus
from alarmbridge.core.routing import Subscription, flap_places, route
from alarmbridge.runtime.gate import Calendar, no_calendar, silences_at
from alarmbridge.runtime.ports import Clock
from alarmbridge.store.alarms import mark_stale
from alarmbridge.store.archive import Archive
from alarmbridge.store.blind_spells import SpellKind, close_spell, open_spell
from alarmbridge.store.decisions import save_decision
from alarmbridge.store.deliveries import ledger_of
from alarmbridge.store.devices import save_refusal, save_told
from alarmbridge.store.flaps import load_flaps
from alarmbridge.store.held import load_held
from alarmbridge.store.obligations import save_routed
from alarmbridge.store.transaction import Transaction
from alarmbridge.telemetry.metrics import Metrics

Also = Callable[[Transaction], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blind:
    """Since when a device cannot be read, and why."""

    kind: SpellKind
    since: datetime
    reason: str


class Sighted:
    """A device can be read again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a sync learnt of the device itself. read_at: None where the read did not settle."""

    status: DeviceStatus
    newest_last: bool | None
    read_at: datetime | None


class Recorder:
    """The one writer of decisions; wakes the lanes after the commit, never before."""

    def __init__(
        self,
        *,
        archive: Archive,
        clock: Clock,
        metrics: Metrics,
        subscriptions: Sequence[Subscription],
        wake: Callable[[], None],
        calendar: Calendar = no_calendar,
    ) -> None:
        self._archive = archive
        self._clock = clock
        self._metrics = metrics
        self._subscriptions = subscriptions
        self._wake = wake
        self._calendar = calendar

    async def load(self, device: str) -> Held:
        """Load what the archive holds of a device; "" is the bridge itself."""
        async with self._archive.read() as tx:
            return await load_held(tx, device, now=self._clock.now())

    async def record(
        self,
        held: Held,
        decision: Decision,
        *,
        facts: DeviceFacts | None,
        look: Look | None = None,
        sight: Blind | Sighted | None = None,
        refusal: Refusal | None = None,
        also: Also | None = None,
    ) -> None:
        """Store events, alarms, deliveries and what else was learnt, in one transaction.

        also: writes more in it.
        Raises StaleClaim when the device was moved on since `held` was loaded, StoreError when
        the archive cannot take it; nothing is stored then.
        """
        more = sight is not None or refusal is not None or also is not None
        if decision.empty and not more and not _is_first(held, look):
            return
        async with self._archive.begin() as tx:
            await self._store(tx, held, decision, facts)
            if look is not None:
                await save_told(
                    tx,
                    held.device,
                    look.status,
                    read_at=look.read_at,
                    newest_last=look.newest_last,
                )
            if sight is not None:
                await _store_sight(tx, held.device, sight, self._clock.now())
            if refusal is not None:
                await save_refusal(tx, held.device, refusal)
            if also is not None:
                await also(tx)
        for event in decision.events:
            self._metrics.events.labels(KINDS[type(event)]).inc()
        if decision.events:
            self._wake()

    async def _store(
        self, tx: Transaction, held: Held, decision: Decision, facts: DeviceFacts | None
    ) -> None:
        now = self._clock.now()
        bodies = {event.id: build_body(event, facts) for event in decision.events}
        raised = await save_decision(tx, held, decision, bodies=bodies, now=now)
        if not decision.events:
            return
        told_before = {event.alarm.id for event in decision.events} - raised
        routed = route(
            decision.events,
            subscriptions=self._subscriptions,
            tags=facts.tags if facts else {},
            ledger=await ledger_of(tx, told_before) if told_before else {},
            silences=await silences_at(tx, self._calendar, now),
            flaps=await load_flaps(tx, flap_places(decision.events, self._subscriptions)),
            now=now,
        )
        await save_routed(tx, decision.events, routed, raised=raised, now=now)


def _is_first(held: Held, look: Look | None) -> bool:
    # Otherwise nobody could say since when history is lost that overran while we were down.
    return held.read_at is None and look is not None and look.read_at is not None


async def _store_sight(tx: Transaction, device: str, sight: Blind | Sighted, now: datetime) -> None:
    await close_spell(tx, device, until=now)
    match sight:
        case Blind(kind=kind, since=since, reason=reason):
            await open_spell(tx, device, kind=kind, since=since, reason=reason)
            await mark_stale(tx, device, stale=True)
        case Sighted():
            await mark_stale(tx, device, stale=False)
            await save_refusal(tx, device, None)
