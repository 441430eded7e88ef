"""Deliveries: events owed to sinks, and the ledger they add up to."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from alarmbridge.core.event import EventKind
from alarmbridge.core.holds import Hold
from alarmbridge.core.severity import Severity


class DeliveryState(StrEnum):
    """What has become of an obligation (docs/design.md, "Delivery")."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """An event owed to a sink, or the reason why it is not.

    key: the name under which the far end knows the alarm; a clear repeats its raise's, and its
    credential, which is a secret. hold: what it waits for. note: what is added to the event here.
    """

    event_id: str
    alarm_id: str
    sink: str
    key: str
    state: DeliveryState = DeliveryState.PENDING
    reason: str | None = None
    hold: Hold | None = None
    note: str | None = None
    credential: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """What one sink has been told of one alarm so far, one entry a delivery, oldest first.

    kind: raised, changed or cleared. accepted: the far end took it, whatever its state is now
    that it is owed again. held: it waits for something.
    """

    alarm_id: str
    sink: str
    kind: str
    key: str
    state: DeliveryState
    accepted: bool = False
    held: bool = False
    credential: str | None = field(default=None, repr=False)

    @property
    def opens(self) -> bool:
        """Whether by this the sink knows the alarm, or will."""
        return self.kind != EventKind.CLEARED and (
            self.accepted or self.state in (DeliveryState.DELIVERED, DeliveryState.PENDING)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One obligation as the archive holds it.

    kind: raised, changed or cleared. body: the event as JSON text, the same at every attempt.
    told: whether the far end had accepted the alarm before, be it by this very delivery.
    accepted_at: when the far end first took it. forced: to be sent whatever the rules say.
    held: what it waited for last. note, credential: see Obligation.
    next_at: not before then. settled_at: when it stopped being pending.
    reason: why it is dead or dropped, or how the last attempt failed. answer: the far end's word.
    """

    id: int
    event_id: str
    alarm_id: str
    sink: str
    key: str
    kind: str
    body: str
    state: DeliveryState
    attempts: int
    created_at: datetime
    next_at: datetime
    settled_at: datetime | None = None
    reason: str | None = None
    answer: str | None = None
    told: bool = False
    accepted_at: datetime | None = None
    forced: bool = False
    held: Hold | None = None
    note: str | None = None
    credential: str | None = field(default=None, repr=False)

    @property
    def is_repeat(self) -> bool:
        """Whether it was accepted before, and is owed again by a rule and not by somebody."""
        return self.accepted_at is not None and not self.forced


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one attempt at a delivery came to, or the gate decided, ready to be recorded.

    hold: what it is to wait for; it keeps the one it has when there is none. revision: the
    alarm's as the gate saw it; where there is a later one by now, the hold is judged anew at once.
    """

    delivery_id: int
    state: DeliveryState
    attempts: int
    at: datetime
    next_at: datetime | None = None
    reason: str | None = None
    answer: str | None = None
    hold: Hold | None = None
    revision: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a sink is handed: one event, and how this far end knows its alarm.

    kind: raised, changed or cleared; digest where it gathers several, of which body is the last.
    severity: the alarm's, the worst one of a digest. title, text: the words for people, a line
    and several. body: the event as JSON text (README.md, "webhook").
    credential: what the alarm was opened by, for far ends that accept its clear by nothing else;
    a secret. sent_at: the moment of this attempt, UTC.
    """

    event_id: str
    kind: str
    alarm_id: str
    key: str
    body: str
    severity: Severity
    title: str
    text: str
    sent_at: datetime
    credential: str | None = field(default=None, repr=False)
