"""A device's silence: when failed reads become an alarm, and when the next look is due."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alarmbridge.core import bridge
from alarmbridge.core.alarm import Alarm
from alarmbridge.core.decision import Decision, Held
from alarmbridge.core.errors import BadAnswer, DeviceError, LoginFailed
from alarmbridge.core.event import Event

TROUBLES = (bridge.DEVICE_UNREACHABLE, bridge.DEVICE_LOGIN_FAILED, bridge.DEVICE_UNREADABLE)
LONGEST_BACK_OFF = timedelta(seconds=30)
SOON = timedelta(seconds=1.1)
PATIENCE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How a device is to be treated (`defaults` in config/alarmbridge.example.yaml)."""

    interval: timedelta = timedelta(seconds=5)
    full_sync: timedelta = timedelta(minutes=5)
    unreachable_after: int = 3
    auth_retry: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How reading a device has gone lately.

    misses: failed reads in a row. streak: how many of them failed as the last one did.
    trouble: the name of the alarm that stands for it, None while all is well.
    good_at: when a read last succeeded, None before the first.
    """

    misses: int = 0
    streak: int = 0
    last: str | None = None
    trouble: str | None = None
    good_at: datetime | None = None

    @property
    def well(self) -> bool:
        """Whether the last read went well; not before the first."""
        return self.good_at is not None and not self.misses


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """When a device refused a login, and a digest of the credentials that it refused."""

    at: datetime
    digest: str


def trouble_of(error: DeviceError) -> str:
    """Name the alarm that a failure would come to."""
    if isinstance(error, LoginFailed):
        return bridge.DEVICE_LOGIN_FAILED
    if isinstance(error, BadAnswer):
        return bridge.DEVICE_UNREADABLE
    return bridge.DEVICE_UNREACHABLE


def after_success(now: datetime) -> Health:
    """All is well."""
    return Health(good_at=now)


def after_failure(health: Health, kind: str, *, unreachable_after: int) -> Health:
    """Count a failure; `trouble` changes when it has become an alarm of that kind.

    Refused credentials are certain at once. Anything else must happen unreachable_after times
    in a row, and as often again in another way before one alarm gives way to another.
    """
    streak = health.streak + 1 if health.last == kind else 1
    counted = replace(health, misses=health.misses + 1, streak=streak, last=kind)
    enough = streak if health.trouble else counted.misses
    if kind == bridge.DEVICE_LOGIN_FAILED or enough >= unreachable_after:
        return replace(counted, trouble=kind)
    return counted


def pause_after_failure(health: Health, manners: Manners) -> timedelta:
    """Say how long to leave a struggling device alone."""
    if health.last == bridge.DEVICE_LOGIN_FAILED:
        return manners.auth_retry
    doublings = min(max(health.misses - manners.unreachable_after, 0), 10)
    longest = max(LONGEST_BACK_OFF, manners.interval)
    return min(manners.interval * (1 << doublings), longest)


def wait_after_refusal(refusal: Refusal, manners: Manners, *, now: datetime) -> timedelta:
    """Say how long the same credentials are still to be kept back; zero when they are not.

    Never longer than auth_retry, whatever the clock was set to since.
    """
    left = refusal.at + manners.auth_retry - now
    return min(max(left, timedelta(0)), manners.auth_retry)


def pause_while_unsettled(reads: int, manners: Manners) -> timedelta:
    """Say when to look again after this many unsettled reads of one token.

    Soon, because a change may hide in the second that has just gone by. A token that never
    settles (a clock that stands still) is no reason to hurry for ever.
    """
    if reads <= PATIENCE:
        return min(SOON, manners.interval)
    return manners.interval


def declare(held: Held, trouble: str, *, words: str, now: datetime) -> Decision:
    """Raise the alarm for a trouble, in place of any other trouble's."""
    if any(alarm.name == trouble for alarm in held.own):
        return Decision()
    events = _clear_troubles(held, words=words, now=now)
    raised = bridge.raise_own(
        trouble,
        device=held.device,
        subject=trouble,
        words=words,
        sequence=held.sequence + len(events) + 1,
        now=now,
    )
    return Decision(events=(*events, raised))


def recover(held: Held, *, now: datetime) -> Decision:
    """Clear whatever trouble stands: the device was just read."""
    words = f"{held.device} can be read again."
    return Decision(events=_clear_troubles(held, words=words, now=now))


def _clear_troubles(held: Held, *, words: str, now: datetime) -> tuple[Event, ...]:
    standing: list[Alarm] = [alarm for alarm in held.own if alarm.name in TROUBLES]
    return tuple(
        bridge.clear_own(alarm, words=words, sequence=held.sequence + place, now=now)
        for place, alarm in enumerate(standing, start=1)
    )
