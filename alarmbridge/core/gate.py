"""The gate before a sink: what is owed goes now, waits for a while, or is never told, and why.

It is asked when a delivery is made, and again whenever one is due that was not tried before. What
holds one, in this order:

    silence    until it ends                          nothing is told but clears of what was
    flapping   until its key is calm                  likewise; see `flapping`
    delay      until the alarm has stood so long      only what opens it at the far end
    digest     until the next digest                  everything below its `urgent`

What opens an alarm that is gone by the end of its hold is dropped, and its clear after it: neither
was told. A clear of what had been told waits for calm or for a digest, never for a silence. What
was tried once, or may have been, goes on: the far end may have it already, and must then hear of
the clear.

No hold but a silence lasts longer than its rule has it from now on, because a clock that was set
back would otherwise have it last for the length of the step.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.durations import in_words
from alarmbridge.core.event import EventKind
from alarmbridge.core.flapping import Flap, calm_at, word_flapping
from alarmbridge.core.holds import DELAY, DIGEST, FLAPPING, SILENCE, Hold
from alarmbridge.core.noise import Digest, Rules, Transients
from alarmbridge.core.silence import Silence, find_silence

# After these both raise and change are told: they are news of one moment.
_BRIEF = (DELAY, DIGEST)


@dataclass(frozen=True, slots=True)
class Drop:
    """It is never told."""

    reason: str


@dataclass(frozen=True, slots=True)
class Send:
    """It goes now; gathered: in one message with all others that do."""

    gathered: bool = False


Verdict = Hold | Drop | Send


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A delivery at the gate, and how its alarm stands now.

    told: whether the far end has accepted this alarm. repeat: whether even this very event.
    forced: somebody wants it sent whatever the rules say. tried: it was sent at least once.
    doubtful: since when it may have been, and nobody lived to record it; None where it was not.
    held: the hold that it waited for last. followed: a later change waits behind it.
    closed_at: when the archive closed the alarm. flap: what is known of its key.
    """

    kind: str
    alarm: Alarm
    tags: Mapping[str, str] = field(default_factory=dict)
    told: bool = False
    repeat: bool = False
    forced: bool = False
    tried: bool = False
    doubtful: datetime | None = None
    created_at: datetime
    held: Hold | None = None
    followed: bool = False
    closed_at: datetime | None = None
    flap: Flap | None = None


def judge(
    waiting: Waiting,
    *,
    rules: Rules,
    silences: Iterable[Silence] = (),
    digest_at: datetime | None = None,
    now: datetime,
) -> Verdict:
    """Decide over a delivery that is due. digest_at: when the next digest is, if one gathers."""
    if isinstance(plain := judge_plain(kind=waiting.kind, told=waiting.told), Drop):
        return plain
    if waiting.repeat and waiting.closed_at is not None:
        return Drop("cleared before it was told again")
    if waiting.forced or waiting.tried:
        return _go_on(waiting, rules)
    verdict: Verdict | None = _gone(waiting, rules)
    if verdict is None and waiting.doubtful is not None:
        silenced = _silenced_since(waiting, silences, waiting.doubtful, now)
        # A digest never drops what it gathers, so the far end hears of the clear all the same.
        return silenced or _gather(waiting, rules, digest_at, now)
    verdict = verdict or _overtaken(waiting)
    verdict = verdict or hold_for(waiting, rules=rules, silences=silences, now=now)
    return verdict or _gather(waiting, rules, digest_at, now)


def _silenced_since(
    waiting: Waiting, silences: Iterable[Silence], since: datetime, now: datetime
) -> Hold | None:
    """Say what has silenced it all the time, so that it cannot have been sent.

    Not by the configuration: who knows what that said before the start.
    """
    known = [
        one
        for one in silences
        if one.created_at is not None and max(one.created_at, one.starts_at) <= since
    ]
    return hold_for(waiting, rules=Rules(), silences=known, now=now)


def _go_on(waiting: Waiting, rules: Rules) -> Send:
    gathered = waiting.held is not None and waiting.held.cause == DIGEST
    # Not where nothing is gathered any more: the sink may be another by now.
    return Send(gathered=gathered and digest_rule(rules, waiting.alarm) is not None)


def judge_plain(*, kind: str, told: bool) -> Drop | Send:
    """Decide where no rule holds and none did: only what was told can be cleared."""
    if kind == EventKind.CLEARED and not told:
        return Drop("its raise was never accepted here")
    return Send()


def hold_for(
    waiting: Waiting, *, rules: Rules, silences: Iterable[Silence], now: datetime
) -> Hold | None:
    """Say what a delivery must wait for, other than a digest."""
    if waiting.kind != EventKind.CLEARED:
        silence = find_silence(silences, waiting.alarm, waiting.tags, now=now)
        if silence is not None:
            return Hold(cause=SILENCE + silence.id, until=silence.ends_at, reason=str(silence))
    return _flapping(waiting, rules, now) or _delay(waiting, rules, now)


def _flapping(waiting: Waiting, rules: Rules, now: datetime) -> Hold | None:
    rule, flap = rules.flapping, waiting.flap
    until = calm_at(flap, rule) if rule else None
    # A raise in the future is one from before a clock was set back: who knows when that was.
    if rule is None or flap is None or until is None or not flap.last <= now < until:
        return None
    if _says_that_it_flaps(waiting):
        return None
    return Hold(cause=FLAPPING, until=until, reason=word_flapping(flap, rule))


def _delay(waiting: Waiting, rules: Rules, now: datetime) -> Hold | None:
    until = waiting.created_at + rules.delay
    if waiting.told or not rules.delay or now >= until or _lasted(waiting.alarm, rules.delay):
        return None
    until = min(until, now + rules.delay)
    reason = f"told once it has stood for {in_words(rules.delay)}"
    return Hold(cause=DELAY, until=until, reason=reason)


def _gone(waiting: Waiting, rules: Rules) -> Drop | None:
    """Drop what an alarm need not be told by any more, now that it is closed."""
    held, closed_at, cleared = waiting.held, waiting.closed_at, waiting.kind == EventKind.CLEARED
    if cleared or closed_at is None or held is None or held.cause == DIGEST:
        return None
    if waiting.told:
        return Drop(f"cleared before its change was told ({held.reason})")
    if closed_at >= held.until:
        return None
    if held.cause == DELAY and _lasted(waiting.alarm, rules.delay):
        return None
    return Drop(f"came and went before it was told ({held.reason})")


def _overtaken(waiting: Waiting) -> Drop | None:
    """Drop what a later change says better, since both wait: it is to be told once.

    At once and not at the end of the hold, or all that an alarm ever said would wait for that.
    """
    held, cleared = waiting.held, waiting.kind == EventKind.CLEARED
    if cleared or not waiting.followed or not held or held.cause in _BRIEF:
        return None
    return None if _says_that_it_flaps(waiting) else Drop("a later change tells it")


def _says_that_it_flaps(waiting: Waiting) -> bool:
    flap = waiting.flap
    return waiting.kind == EventKind.RAISED and flap is not None and waiting.alarm.id == flap.told


def _lasted(alarm: Alarm, delay: timedelta) -> bool:
    """Say whether a closed alarm stood that long by the device's own clock.

    One that came and went while nobody could look closes as soon as it is raised here.
    """
    if alarm.raised_at is None or alarm.cleared_at is None:
        return False
    return alarm.cleared_at - alarm.raised_at >= delay


def _gather(
    waiting: Waiting, rules: Rules, digest_at: datetime | None, now: datetime
) -> Hold | Send:
    rule = digest_rule(rules, waiting.alarm)
    if rule is None or (rule.urgent and waiting.alarm.severity.rank >= rule.urgent.rank):
        return Send()
    if waiting.held and waiting.held.cause == DIGEST and waiting.held.until <= now:
        return Send(gathered=True)
    until = now + rule.every
    until = min(digest_at or until, until)
    return Hold(cause=DIGEST, until=until, reason=f"gathered for {in_words(rule.every)}")


def digest_rule(rules: Rules, alarm: Alarm) -> Digest | None:
    """Say by which rule an alarm is gathered, None when it is not."""
    if alarm.transient and rules.transients is Transients.DIGEST:
        # Not even a critical one is urgent: it is over.
        return Digest(every=(rules.digest or _TRANSIENT_DIGEST).every)
    return rules.digest


_TRANSIENT_DIGEST = Digest(every=timedelta(minutes=5))
