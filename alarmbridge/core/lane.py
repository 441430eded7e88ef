"""A lane's state: well, failing and being probed, or shut by the far end.

    well ──a retryable failure──▶ failing ──one acceptance──▶ well
      └────────── 410 ──────────────┴───────── 410 ─────────▶ shut

While it fails, one delivery at a time probes it. The probes take turns among the deliveries, so
that one poisoned delivery cannot pass for a dead sink: when another is accepted the lane is well
again, and the poisoned one keeps its own pauses.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

_PROBES = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 5, 10, 15, 30))
LONGEST_WAIT = timedelta(days=1)
"""The longest that a far end may put its whole lane off for."""
ALARM_AFTER = 3
"""How many attempts in a row must fail before the sink's failing is an alarm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """What a dispatcher remembers of one sink between attempts.

    failed: deliveries that failed since the lane was last well. failures: attempts in a row.
    probe_at: when the next probe may go out; None while the lane is well.
    shut: why no more is sent at all, in the far end's words.
    """

    failed: frozenset[int] = field(default_factory=frozenset)
    failures: int = 0
    since: datetime | None = None
    probe_at: datetime | None = None
    shut: str | None = None
    reason: str | None = None

    @property
    def failing(self) -> bool:
        """Whether the last attempt failed for want of the far end."""
        return self.failures > 0

    @property
    def alarming(self) -> bool:
        """Whether its failing has become an alarm."""
        return self.shut is not None or self.failures >= ALARM_AFTER


def after_acceptance(lane: Lane) -> tuple[Lane, frozenset[int]]:
    """Note a success; return also the deliveries that need not wait out their pauses.

    One delivery that failed among others that pass is poisoned itself and keeps its pause; where
    several failed, it was the far end, and it is back. A lane that is shut stays so: what is
    accepted then was under way before.
    """
    if lane.shut is not None:
        return lane, frozenset()
    released = lane.failed if len(lane.failed) > 1 else frozenset()
    return Lane(), released


def after_failure(
    lane: Lane,
    delivery_id: int,
    *,
    reason: str,
    now: datetime,
    retry_after: timedelta | None = None,
) -> Lane:
    """Note a retryable failure and when the next probe is due.

    Those that were under way together fail together: until the next probe is due they count as
    one attempt, otherwise eight at once would pass for a long outage.
    """
    together = lane.probe_at is not None and now < lane.probe_at
    failures = lane.failures if together else lane.failures + 1
    probe_at = now + _PROBES[min(failures, len(_PROBES)) - 1]
    if together and lane.probe_at is not None:
        probe_at = lane.probe_at
    if retry_after is not None:
        probe_at = max(probe_at, now + min(retry_after, LONGEST_WAIT))
    return replace(
        lane,
        failed=lane.failed | {delivery_id},
        failures=failures,
        since=lane.since or now,
        probe_at=probe_at,
        reason=reason,
    )


def after_gone(lane: Lane, *, reason: str, now: datetime) -> Lane:
    """Shut the lane: the far end wants no more (HTTP 410)."""
    return replace(lane, shut=reason, reason=reason, since=lane.since or now)


def room(lane: Lane, *, concurrency: int, now: datetime) -> int:
    """Say how many deliveries may go out now."""
    if lane.shut is not None:
        return 0
    if lane.probe_at is None:
        return concurrency
    return 1 if now >= lane.probe_at else 0
