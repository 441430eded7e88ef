"""Flapping: an alarm that is raised again and again, told once as such and then left in peace.

    steady ──the nth raise within a time──▶ flapping ──no raise for `calm`──▶ steady

What flaps is a key, the same oid and source of a device, and not one instance: each raise opens a
new one. The raise that makes it flap is told with a note; those after it are held, and so is
every clear. Once it is calm each is told that still stands, and the clear of what had been told.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime

from alarmbridge.core.alarm import Alarm, Origin
from alarmbridge.core.durations import in_words
from alarmbridge.core.noise import Flapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Flap:
    """What is known of one key at one sink.

    recent: moments of its latest raises, oldest first, no more than the rule counts.
    since: since when it flaps, None while it does not. told: the alarm whose raise says so, None
    where that was told to nobody, because a silence or a delay outlasted it.
    """

    recent: tuple[datetime, ...] = ()
    since: datetime | None = None
    told: str | None = None

    @property
    def last(self) -> datetime:
        """The moment of its latest raise; there is one."""
        return self.recent[-1]


def flap_key(alarm: Alarm) -> str | None:
    """Name what an alarm is an instance of, None where that cannot be told.

    Without an oid several kinds of alarm at one source would pass for one that flaps.
    """
    if alarm.origin is Origin.BRIDGE:
        return json.dumps([alarm.device, alarm.name, alarm.device_alarm_id])
    return json.dumps([alarm.device, alarm.oid, alarm.source]) if alarm.oid else None


def after_raise(flap: Flap | None, rule: Flapping, *, alarm_id: str, at: datetime) -> Flap:
    """Note a raise; the one that makes the key flap is `told`."""
    before = flap or Flap()
    recent = (*before.recent, at)[-rule.raises :]
    if before.since is not None and at < before.last + rule.calm:
        return replace(before, recent=recent, told=before.told or alarm_id)
    within = tuple(moment for moment in recent if moment > at - rule.within)
    if len(within) < rule.raises:
        return Flap(recent=within)
    return Flap(recent=within, since=at, told=alarm_id)


def calm_at(flap: Flap | None, rule: Flapping) -> datetime | None:
    """Say when a key that flaps is calm if it is raised no more; None when it does not flap."""
    return None if flap is None or flap.since is None else flap.last + rule.calm


def word_flapping(flap: Flap, rule: Flapping) -> str:
    """Say that it flaps, for people and as a reason."""
    return (
        f"flapping: raised {len(flap.recent)} times within {in_words(rule.within)}; "
        f"told again once it is calm for {in_words(rule.calm)}"
    )
