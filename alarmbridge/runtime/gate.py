"""Asks the gate about what is due at one sink: loads what it judges by, sorts by its verdict."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from alarmbridge.core.delivery import Delivery, DeliveryState, Outcome
from alarmbridge.core.flapping import Flap, flap_key
from alarmbridge.core.gate import Drop, Send, Verdict, Waiting, judge, judge_plain
from alarmbridge.core.holds import DIGEST, Hold
from alarmbridge.core.noise import Rules, Transients
from alarmbridge.core.silence import Silence
from alarmbridge.store.digests import list_gathered, next_digest_at
from alarmbridge.store.flaps import load_flaps
from alarmbridge.store.silences import silences_around
from alarmbridge.store.standings import Standing, load_standings
from alarmbridge.store.transaction import Transaction

Calendar = Callable[[datetime], Sequence[Silence]]
"""Gives the silences of the configuration that are in force at a moment."""


def no_calendar(_: datetime) -> Sequence[Silence]:
    """Give none."""
    return ()


async def silences_at(tx: Transaction, calendar: Calendar, now: datetime) -> tuple[Silence, ...]:
    """Load every silence that is in force, the archive's and the configuration's."""
    return (*await silences_around(tx, now, since=now), *calendar(now))


@dataclass(frozen=True, slots=True)
class Sorted:
    """What is due, sorted. batches: what goes out, each in one message. outcomes: all else.

    gathers: something of it is for a digest, so that others may be as well.
    """

    batches: tuple[tuple[Delivery, ...], ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    gathers: bool = False


class Gate:
    """The gate before one sink.

    since: what was due before may have been sent, and the daemon killed before it was recorded.
    """

    def __init__(self, sink: str, rules: Rules, calendar: Calendar, *, since: datetime) -> None:
        self.since = since
        self._sink = sink
        self._rules = rules
        self._calendar = calendar
        self._gathers = rules.digest is not None or rules.transients is Transients.DIGEST
        self._digest_at: datetime | None = None

    async def sort(self, tx: Transaction, due: Sequence[Delivery], *, now: datetime) -> Sorted:
        """Judge what is due, in its order."""
        if not due:
            return Sorted()
        silences = await silences_at(tx, self._calendar, now)
        standings, flaps = await self._load(tx, due, silences)
        await self._find_digest(tx, now)
        verdicts = [
            self._judge(one, standings.get(one.id), flaps, silences, now=now) for one in due
        ]
        judged = list(zip(due, verdicts, strict=True))
        outcomes = [
            outcome
            for one, verdict in judged
            if (outcome := _settled(one, verdict, standings.get(one.id), now)) is not None
        ]
        batches: list[tuple[Delivery, ...]] = []
        if gathered := [one for one, verdict in judged if verdict == Send(gathered=True)]:
            batches.append(await list_gathered(tx, self._sink, gathered))
        batches += [(one,) for one, verdict in judged if verdict == Send()]
        waits = any(isinstance(one, Hold) and one.cause == DIGEST for one in verdicts)
        return Sorted(tuple(batches), tuple(outcomes), gathers=waits or bool(gathered))

    async def _find_digest(self, tx: Transaction, now: datetime) -> None:
        """Know when the next digest is. Asked once for each, since all that gathers is counted."""
        if self._gathers and (self._digest_at is None or self._digest_at <= now):
            self._digest_at = await next_digest_at(tx, self._sink, now=now)

    def _judge(
        self,
        one: Delivery,
        standing: Standing | None,
        flaps: Mapping[str, Flap],
        silences: Sequence[Silence],
        *,
        now: datetime,
    ) -> Verdict:
        if standing is None:
            return judge_plain(kind=one.kind, told=one.told)
        verdict = judge(
            self._waiting(one, standing, flaps),
            rules=self._rules,
            silences=silences,
            digest_at=self._digest_at,
            now=now,
        )
        if isinstance(verdict, Hold) and verdict.cause == DIGEST:
            self._digest_at = verdict.until
        return verdict

    async def _load(
        self, tx: Transaction, due: Sequence[Delivery], silences: Sequence[Silence]
    ) -> tuple[Mapping[int, Standing], Mapping[str, Flap]]:
        """Load what the judgement needs; nothing at all where no rule can hold anything."""
        plain = self._rules == Rules() and not silences
        asked = [one.id for one in due if not plain or one.held or one.accepted_at]
        standings = await load_standings(tx, asked)
        if self._rules.flapping is None:
            return standings, {}
        keys = {key for one in standings.values() if (key := flap_key(one.alarm))}
        flaps = await load_flaps(tx, [(self._sink, key) for key in sorted(keys)])
        return standings, {key: flap for (_, key), flap in flaps.items()}

    def _waiting(
        self, delivery: Delivery, standing: Standing, flaps: Mapping[str, Flap]
    ) -> Waiting:
        return Waiting(
            kind=delivery.kind,
            alarm=standing.alarm,
            tags=standing.tags,
            told=delivery.told,
            repeat=delivery.is_repeat,
            forced=delivery.forced,
            tried=delivery.attempts > 0,
            doubtful=delivery.next_at if self._was_due(delivery) else None,
            created_at=delivery.created_at,
            held=delivery.held,
            followed=standing.followed,
            closed_at=standing.closed_at,
            flap=flaps.get(flap_key(standing.alarm) or ""),
        )

    def _was_due(self, delivery: Delivery) -> bool:
        held = delivery.held is not None and delivery.held.until >= self.since
        return delivery.next_at < self.since and not held


def _settled(
    delivery: Delivery, verdict: Verdict, standing: Standing | None, now: datetime
) -> Outcome | None:
    """Say what the gate's word comes to for what is not sent."""
    match verdict:
        case Hold():
            return Outcome(
                delivery_id=delivery.id,
                state=DeliveryState.PENDING,
                attempts=delivery.attempts,
                at=now,
                hold=verdict,
                revision=standing.alarm.revision if standing else None,
            )
        case Drop(reason=reason):
            # What had been accepted once stays so: the far end knows it.
            again = delivery.accepted_at is not None
            return Outcome(
                delivery_id=delivery.id,
                state=DeliveryState.DELIVERED if again else DeliveryState.DROPPED,
                attempts=delivery.attempts,
                at=now,
                reason=reason,
            )
        case Send():
            return None
