"""Who is to hear of an event: filters for a raise, the ledger for all that follows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.bridge import DELIVERY_DEAD, SINK_FAILING
from alarmbridge.core.delivery import DeliveryState, LedgerEntry, Obligation
from alarmbridge.core.event import KINDS, Cleared, Event, Raised
from alarmbridge.core.filters import Match, why_unfit
from alarmbridge.core.flapping import Flap, after_raise, flap_key, word_flapping
from alarmbridge.core.gate import Waiting, hold_for
from alarmbridge.core.noise import Rules, Transients
from alarmbridge.core.silence import Silence


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A sink as routing sees it.

    exclude: what fits any of these is not wanted.
    key_for: how its far end is to know an alarm, by the alarm as raised and its device's tags.
    credential: what an alarm is opened by there; kept with its raise. A secret.
    """

    sink: str
    match: Match = field(default_factory=Match)
    exclude: tuple[Match, ...] = ()
    rules: Rules = field(default_factory=Rules)
    key_for: Callable[[Alarm, Mapping[str, str]], str] = lambda alarm, _: alarm.id
    credential: str | None = field(default=None, repr=False)


FlapPlace = tuple[str, str]
"""A sink, and a key as `flapping.flap_key` names it."""


@dataclass(frozen=True, slots=True)
class Routed:
    """What is owed of some events, and what has become of the keys they are of.

    reviewed: places (alarm id, sink) where something is held that the event may free.
    """

    obligations: tuple[Obligation, ...] = ()
    flaps: Mapping[FlapPlace, Flap] = field(default_factory=dict)
    reviewed: frozenset[tuple[str, str]] = frozenset()


def flap_places(
    events: Sequence[Event], subscriptions: Sequence[Subscription]
) -> tuple[FlapPlace, ...]:
    """Say which flaps `route` has to know about some events."""
    sinks = [one.sink for one in subscriptions if one.rules.flapping]
    keys = {key for event in events if (key := flap_key(event.alarm))} if sinks else ()
    return tuple((sink, key) for sink in sinks for key in sorted(keys))


def route(
    events: Sequence[Event],
    *,
    subscriptions: Sequence[Subscription],
    tags: Mapping[str, str],
    ledger: Mapping[str, Sequence[LedgerEntry]],
    silences: Sequence[Silence] = (),
    flaps: Mapping[FlapPlace, Flap] | None = None,
    now: datetime,
) -> Routed:
    """Say for each event and sink whether it is owed, and why not, or what it waits for.

    A raise goes by the filters. A change or clear goes wherever the alarm was told, whatever the
    filters say by then, under the key it was told by; and a change opens the alarm at a sink
    whose filter it now passes (docs/design.md, "Delivery").

    ledger: by alarm id, what was owed before. Sinks that are in it and no longer configured are
    owed what they were: they may come back. flaps: those of `flap_places` that there are.
    now: when it is owed, which may be some time after the events.
    """
    router = _Router(subscriptions, tags, silences, dict(flaps or {}), now)
    books = {alarm_id: list(entries) for alarm_id, entries in ledger.items()}
    owed = [router.route(event, books.setdefault(event.alarm.id, [])) for event in events]
    return Routed(tuple(chain.from_iterable(owed)), router.changed, frozenset(router.reviewed))


class _Router:
    """One call of `route`."""

    def __init__(
        self,
        subscriptions: Sequence[Subscription],
        tags: Mapping[str, str],
        silences: Sequence[Silence],
        flaps: dict[FlapPlace, Flap],
        now: datetime,
    ) -> None:
        self._subscriptions = {one.sink: one for one in subscriptions}
        self._tags = tags
        self._silences = silences
        self._flaps = flaps
        self._now = now
        self.changed: dict[FlapPlace, Flap] = {}
        self.reviewed: set[tuple[str, str]] = set()

    def route(self, event: Event, book: list[LedgerEntry]) -> list[Obligation]:
        """Say what is owed of one event, and enter it in the book of its alarm."""
        told = {entry.sink: entry for entry in reversed(book) if entry.opens}
        self.reviewed |= {(event.alarm.id, entry.sink) for entry in book if entry.held}
        owed = [self._follow(event, entry) for _, entry in sorted(told.items())]
        owed += [
            self._open(event, subscription)
            for sink, subscription in self._subscriptions.items()
            if sink not in told
        ]
        book += [_entry(one, KINDS[type(event)]) for one in owed]
        return owed

    def _follow(self, event: Event, entry: LedgerEntry) -> Obligation:
        """Owe a change or clear to a sink that knows the alarm, or is about to."""
        subscription = self._subscriptions.get(entry.sink)
        owed = Obligation(
            event_id=event.id,
            alarm_id=event.alarm.id,
            sink=entry.sink,
            key=entry.key,
            credential=entry.credential,
        )
        return owed if subscription is None else self._hold(event, subscription, owed, told=True)

    def _open(self, event: Event, subscription: Subscription) -> Obligation:
        """Owe an event to a sink that does not know the alarm, unless it is not wanted there."""
        alarm, sink = event.alarm, subscription.sink
        why_not = (
            "its raise was not told here"
            if isinstance(event, Cleared)
            else why_unwanted(alarm, subscription, self._tags)
        )
        owed = Obligation(
            event_id=event.id,
            alarm_id=alarm.id,
            sink=sink,
            key=subscription.key_for(alarm, self._tags),
            credential=subscription.credential,
            state=DeliveryState.DROPPED if why_not else DeliveryState.PENDING,
            reason=why_not,
        )
        if why_not:
            return owed
        note = self._count(event, subscription) if isinstance(event, Raised) else None
        owed = replace(owed, note=note) if note else owed
        return self._hold(event, subscription, owed, told=False)

    def _count(self, event: Raised, subscription: Subscription) -> str | None:
        """Count a raise for flapping; return the note of the one that makes its key flap."""
        rule = subscription.rules.flapping
        key = flap_key(event.alarm) if rule else None
        if rule is None or key is None:
            return None
        place = (subscription.sink, key)
        flap = after_raise(self._flaps.get(place), rule, alarm_id=event.alarm.id, at=event.at)
        self._flaps[place] = self.changed[place] = flap
        return word_flapping(flap, rule) if flap.told == event.alarm.id else None

    def _hold(
        self, event: Event, subscription: Subscription, owed: Obligation, *, told: bool
    ) -> Obligation:
        rules = subscription.rules
        # With none of these nothing is held; nearly all that is ever routed passes here.
        if not (self._silences or rules.delay or rules.flapping):
            return owed
        key = flap_key(event.alarm)
        hold = hold_for(
            Waiting(
                kind=KINDS[type(event)],
                alarm=event.alarm,
                tags=self._tags,
                told=told,
                created_at=self._now,
                flap=self._flaps.get((subscription.sink, key)) if key else None,
            ),
            rules=rules,
            silences=self._silences,
            now=self._now,
        )
        return replace(owed, hold=hold)


def why_unwanted(alarm: Alarm, subscription: Subscription, tags: Mapping[str, str]) -> str | None:
    """Say why a sink is not to be told of an alarm that it does not know; None when it is."""
    if alarm.name in (SINK_FAILING, DELIVERY_DEAD) and alarm.device_alarm_id == subscription.sink:
        return "a sink is not told of its own failing"
    if alarm.transient and subscription.rules.transients is Transients.DROP:
        return "it came and went unseen, and this sink takes no transients"
    if (unfit := why_unfit(subscription.match, alarm, tags)) is not None:
        return unfit
    excluded = next((one for one in subscription.exclude if one.fits(alarm, tags)), None)
    return f"excluded: {excluded}" if excluded else None


def _entry(owed: Obligation, kind: str) -> LedgerEntry:
    return LedgerEntry(
        alarm_id=owed.alarm_id,
        sink=owed.sink,
        kind=kind,
        key=owed.key,
        state=owed.state,
        credential=owed.credential,
        held=owed.hold is not None,
    )
