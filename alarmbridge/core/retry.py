"""What follows from an attempt at a delivery: accepted, tried again, or given up with a reason."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from alarmbridge.core.delivery import Delivery, DeliveryState, Outcome
from alarmbridge.core.durations import in_words
from alarmbridge.core.errors import SinkError

_PAUSES = tuple(timedelta(seconds=seconds) for seconds in (1, 5, 15, 45, 120, 300, 900, 3600))
_JITTER = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a sink's deliveries are tried for, once nothing holds them."""

    give_up_after: timedelta = timedelta(days=3)


def pause_before(attempt: int, *, dice: float) -> timedelta:
    """Say how long to wait before attempt number 2, 3, …; dice: from 0 up to 1."""
    pause = _PAUSES[min(attempt - 2, len(_PAUSES) - 1)]
    return pause * (1 + _JITTER * (2 * dice - 1))


def after_acceptance(
    delivery: Delivery, *, answer: str | None, now: datetime, reason: str | None = None
) -> Outcome:
    """Record that the far end has it. reason: why that took so long, if there is one."""
    return Outcome(
        delivery_id=delivery.id,
        state=DeliveryState.DELIVERED,
        attempts=delivery.attempts + 1,
        at=now,
        reason=reason,
        answer=answer,
    )


def after_refusal(
    delivery: Delivery, error: SinkError, *, patience: Patience, now: datetime, dice: float
) -> Outcome:
    """Decide whether what was not accepted is tried again (docs/design.md, "Delivery")."""
    attempts = delivery.attempts + 1
    if error.permanent:
        return _bury(delivery, f"refused for good: {error.reason}", attempts, now)
    free = now - _free_since(delivery, now)
    if free >= patience.give_up_after:
        words = f"undelivered after {in_words(free)}: {error.reason}"
        return _bury(delivery, words, attempts, now)
    pause = pause_before(attempts + 1, dice=dice)
    if error.retry_after is not None:
        # Bounded, otherwise a far end could put it off for ever, or beyond the calendar's end.
        pause = max(pause, min(error.retry_after, patience.give_up_after))
    return Outcome(
        delivery_id=delivery.id,
        state=DeliveryState.PENDING,
        attempts=attempts,
        at=now,
        next_at=now + pause,
        reason=error.reason,
    )


def _free_since(delivery: Delivery, now: datetime) -> datetime:
    """Say since when it may have gone: a hold of a week would use up all patience."""
    held_until = min(delivery.held.until, now) if delivery.held else delivery.created_at
    return max(delivery.created_at, held_until)


def _bury(delivery: Delivery, reason: str, attempts: int, now: datetime) -> Outcome:
    """Give it up. A repeat leaves what it repeats as it was: that has been told."""
    return Outcome(
        delivery_id=delivery.id,
        state=DeliveryState.DELIVERED if delivery.is_repeat else DeliveryState.DEAD,
        attempts=attempts,
        at=now,
        reason=reason,
    )
