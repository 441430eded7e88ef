"""A lane's state: well, failing and being probed, or shut by the far end.

    well ──three failures in a row, or a Retry-After──▶ failing ──one acceptance──▶ well
      └────────────────────── 410 ────────────────────────┴─────────── 410 ───────▶ shut

A sink that fails now and then stays well: what it refused keeps its own pauses, and everything
else goes out as ever. While the lane fails, one delivery at a time probes it. The probes take
turns among the deliveries, so that one poisoned delivery cannot pass for a dead sink: when another
is accepted the lane is well again, and the poisoned one keeps its own pauses.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

_PROBES = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 5, 10, 15, 30))
LONGEST_WAIT = timedelta(days=1)
"""The longest that a far end may put its whole lane off for."""
FAILING_AFTER = 3
"""How many attempts in a row must fail, each counted, before the lane is failing."""
ALARM_AFTER = 3
"""How many rounds of attempts in a row must fail before the sink's failing is an alarm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """What a dispatcher remembers of one sink between attempts.

    failed: deliveries that failed since the last acceptance. misses: failures in a row, each
    counted; failures: rounds of them, where those that were under way together are one.
    failing: one delivery at a time probes the sink. probe_at: when the next round begins, and
    while the lane is failing its probe; None after an acceptance.
    shut: why no more is sent at all, in the far end's words.
    """

    failed: frozenset[int] = field(default_factory=frozenset)
    misses: int = 0
    failures: int = 0
    failing: bool = False
    since: datetime | None = None
    probe_at: datetime | None = None
    shut: str | None = None
    reason: str | None = None

    @property
    def alarming(self) -> bool:
        """Whether its failing has become an alarm."""
        return self.shut is not None or self.failures >= ALARM_AFTER


def after_acceptance(lane: Lane) -> tuple[Lane, frozenset[int]]:
    """Note a success; return also the deliveries that need not wait out their pauses.

    One delivery that failed among others that pass is poisoned itself and keeps its pause; where
    several failed until the lane did, it was the far end, and it is back. A lane that is shut
    stays so: what is accepted then was under way before.
    """
    if lane.shut is not None:
        return lane, frozenset()
    released = lane.failed if lane.failing and len(lane.failed) > 1 else frozenset()
    return Lane(), released


def after_failure(
    lane: Lane,
    delivery_id: int,
    *,
    reason: str,
    now: datetime,
    retry_after: timedelta | None = None,
) -> Lane:
    """Note a retryable failure and when the next round, or probe, is due.

    Those that were under way together fail together: until the next round is due they count as
    one, otherwise eight at once would pass for a long outage. A far end that says when to come
    back is failing at once.
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
        misses=lane.misses + 1,
        failures=failures,
        failing=lane.failing or retry_after is not None or lane.misses + 1 >= FAILING_AFTER,
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
    if not lane.failing or lane.probe_at is None:
        return concurrency
    return 1 if now >= lane.probe_at else 0
