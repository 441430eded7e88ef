"""What a device's status tells beside its alarms: another version, a switchover, a lost pair."""

import re
from datetime import datetime
from typing import Any

from alarmbridge.core.bridge import (
    FIRMWARE_CHANGED,
    HA_NOT_OPERATIONAL,
    HA_SWITCHOVER,
    clear_own,
    pass_by,
    raise_own,
)
from alarmbridge.core.decision import Held
from alarmbridge.core.event import Event
from alarmbridge.core.reading import DeviceStatus

_OPERATIONAL = "operational"
# Said by a pair that is being restored; a word that nobody knows makes no pair.
_SYNCHRONIZING = re.compile(r"synchroni[sz]|in ?sync|redundan")
# A box without a partner says this all its life, and so does a pair that has lost one half.
_NOT_OPERATIONAL = "not operational"
_NO_PAIR = frozenset({"disabled", "standalone", "stand alone", "not available", "none", "n/a"})


def watch_status(
    held: Held, status: DeviceStatus, *, sequence: int, now: datetime
) -> tuple[Event, ...]:
    """Tell what changed since the status that is held; nothing where it told less than now.

    sequence: of the latest event before these. A pair counts as one once it was seen operational:
    a state in between, such as synchronising, neither raises haNotOperational nor ends it.
    """
    events: list[Event] = []
    if held.version and status.version and held.version != status.version:
        events += pass_by(
            FIRMWARE_CHANGED,
            device=held.device,
            subject="firmware",
            words=f"The software version went from {held.version} to {status.version}.",
            cleared=f"{held.device} runs {status.version}.",
            sequence=sequence + 1,
            now=now,
        )
    events += _watch_pair(held, status, sequence=sequence + len(events), now=now)
    return tuple(events)


def _watch_pair(
    held: Held, status: DeviceStatus, *, sequence: int, now: datetime
) -> tuple[Event, ...]:
    before, after = _state(held.high_availability), _state(status.high_availability)
    standing = {alarm.name: alarm for alarm in held.own}
    switched = _has_switched(held, status) and (_is_pair(before) or _is_pair(after))
    words = f"Unit {status.serial_number} has taken over from {held.serial_number}."
    restored = f"High availability of {held.device} is {status.high_availability}."
    place: dict[str, Any] = {"device": held.device, "subject": "highAvailability", "now": now}
    if after == _OPERATIONAL or after in _NO_PAIR:
        ended = [standing[name] for name in (HA_SWITCHOVER, HA_NOT_OPERATIONAL) if name in standing]
        events: list[Event] = [
            clear_own(alarm, words=restored, sequence=sequence + number, now=now)
            for number, alarm in enumerate(ended, start=1)
        ]
        at = sequence + len(events) + 1
        if switched and after == _OPERATIONAL:
            events += pass_by(HA_SWITCHOVER, words=words, cleared=restored, sequence=at, **place)
        return tuple(events)
    events = []
    if switched and HA_SWITCHOVER not in standing:
        events.append(raise_own(HA_SWITCHOVER, words=words, sequence=sequence + 1, **place))
    if _is_pair(before) and after == _NOT_OPERATIONAL and HA_NOT_OPERATIONAL not in standing:
        words = f"High availability went from {held.high_availability} to {after}."
        at = sequence + len(events) + 1
        events.append(raise_own(HA_NOT_OPERATIONAL, words=words, sequence=at, **place))
    return tuple(events)


def _has_switched(held: Held, status: DeviceStatus) -> bool:
    before, after = held.serial_number, status.serial_number
    return bool(before and after and before != after)


def _state(told: str | None) -> str | None:
    return told.strip().lower() if told else None


def _is_pair(state: str | None) -> bool:
    return state is not None and (state == _OPERATIONAL or bool(_SYNCHRONIZING.search(state)))
