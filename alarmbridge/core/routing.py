"""Who is to hear of an event: filters for a raise, the ledger for all that follows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.bridge import DELIVERY_DEAD, SINK_FAILING
from alarmbridge.core.delivery import DeliveryState, LedgerEntry, Obligation
from alarmbridge.core.event import KINDS, Cleared, Event
from alarmbridge.core.filters import Match, why_unfit

_HOLDS = (DeliveryState.DELIVERED, DeliveryState.PENDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A sink as routing sees it.

    key_for: how its far end is to know an alarm, by the alarm as raised and its device's tags.
    """

    sink: str
    match: Match = field(default_factory=Match)
    key_for: Callable[[Alarm, Mapping[str, str]], str] = lambda alarm, _: alarm.id


def route(
    events: Sequence[Event],
    *,
    subscriptions: Sequence[Subscription],
    tags: Mapping[str, str],
    ledger: Mapping[str, Sequence[LedgerEntry]],
) -> tuple[Obligation, ...]:
    """Say for each event and sink whether it is owed, and why not.

    A raise goes by the filters. A change or clear goes wherever the alarm was told, whatever the
    filters say by then, under the key it was told by; and a change opens the alarm at a sink
    whose filter it now passes (DESIGN section 2, promise 5).

    ledger: by alarm id, what was owed before. Sinks that are in it and no longer configured are
    owed what they were: they may come back.
    """
    books = {alarm_id: list(entries) for alarm_id, entries in ledger.items()}
    obligations: list[Obligation] = []
    for event in events:
        book = books.setdefault(event.alarm.id, [])
        for owed in _owed(event, book, subscriptions, tags):
            obligations.append(owed)
            book.append(
                LedgerEntry(
                    alarm_id=owed.alarm_id,
                    sink=owed.sink,
                    kind=KINDS[type(event)],
                    key=owed.key,
                    state=owed.state,
                )
            )
    return tuple(obligations)


def _owed(
    event: Event,
    book: Sequence[LedgerEntry],
    subscriptions: Sequence[Subscription],
    tags: Mapping[str, str],
) -> list[Obligation]:
    told = {
        entry.sink: entry.key
        for entry in reversed(book)
        if entry.kind != "cleared" and entry.state in _HOLDS
    }
    owed = [_obligation(event, sink, key) for sink, key in sorted(told.items())]
    for subscription in subscriptions:
        if subscription.sink in told:
            continue
        key = subscription.key_for(event.alarm, tags)
        owed.append(_obligation(event, subscription.sink, key, _why_not(event, subscription, tags)))
    return owed


def _why_not(event: Event, subscription: Subscription, tags: Mapping[str, str]) -> str | None:
    alarm = event.alarm
    if isinstance(event, Cleared):
        return "its raise was not told here"
    if alarm.name in (SINK_FAILING, DELIVERY_DEAD) and alarm.device_alarm_id == subscription.sink:
        return "a sink is not told of its own failing"
    return why_unfit(subscription.match, alarm, tags)


def _obligation(event: Event, sink: str, key: str, why_not: str | None = None) -> Obligation:
    state = DeliveryState.DROPPED if why_not else DeliveryState.PENDING
    return Obligation(
        event_id=event.id,
        alarm_id=event.alarm.id,
        sink=sink,
        key=key,
        state=state,
        reason=why_not,
    )
