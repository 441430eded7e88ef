"""The words for people: a title and a text for an event, or for many."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from alarmbridge.core.alarm import Alarm, ClearReason, Origin
from alarmbridge.core.bridge import CATALOGUE as OWN
from alarmbridge.core.bridge import OwnAlarm
from alarmbridge.core.catalogue import CatalogueEntry, look_up
from alarmbridge.core.event import EventKind
from alarmbridge.core.payload import DeviceFacts
from alarmbridge.core.severity import Severity
from alarmbridge.core.telling import Telling
from alarmbridge.core.texts import one_line, plain, shorten

LONGEST_TITLE = 130
"""Characters that a title has at most, unless the device's name is a very long one."""

_NOUNS: dict[str, str] = {
    EventKind.RAISED: "raise",
    EventKind.CHANGED: "change",
    EventKind.CLEARED: "clear",
}
_LONGEST_SOURCE = 50
_SHORTEST_ABOUT = 40
_LISTED = 50
_AT_ONCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Words:
    """What is said to people. title: one line. text: several."""

    title: str
    text: str


def word(telling: Telling) -> Words:
    """Say an event in the standard words."""
    return Words(title=word_title(telling), text="\n".join(_lines(telling)))


def word_title(telling: Telling) -> str:
    """Say an event in one line: `MAJOR sbc-ams-1: Trunk is down (Board#1)`.

    It is the description that is shortened where it is long, not what or where it is.
    """
    source = shorten(plain(telling.alarm.source or ""), _LONGEST_SOURCE)
    head = f"{_state(telling)} {place_of(telling)}: "
    tail = (f" ({source})" if source else "") + (" [flapping]" if telling.note else "")
    room = max(LONGEST_TITLE - len(head) - len(tail), _SHORTEST_ABOUT)
    return f"{head}{shorten(_about(telling.alarm), room)}{tail}"


def word_digest(tellings: Sequence[Telling]) -> Words:
    """Say what was gathered, in one title and a list, the worst first.

    tellings: at least one, oldest first; of each alarm only the last counts.
    """
    last = list({telling.alarm.id: telling for telling in tellings}.values())
    ordered = sorted(last, key=lambda one: (one.kind == EventKind.CLEARED, -rank_of(one)))
    lines = [
        f"{telling.at.astimezone(UTC):%m-%d %H:%M} {word_title(telling)}"
        for telling in ordered[:_LISTED]
    ]
    if (more := len(ordered) - _LISTED) > 0:
        lines.append(f"and {more} more")
    return Words(title=_heading(last), text="\n".join([*lines, "The times are in UTC."]))


def noun_of(kind: str) -> str:
    """Name what happened: `raise` for `raised`, and the other kinds of event likewise."""
    return _NOUNS[kind]


def worst_of(tellings: Sequence[Telling]) -> Severity:
    """Say the worst severity among alarms that stand; indeterminate when none does."""
    standing = [telling.alarm.severity for telling in tellings if telling.kind != EventKind.CLEARED]
    return max(standing, key=lambda severity: severity.rank, default=Severity.INDETERMINATE)


def rank_of(telling: Telling) -> int:
    """Say how bad an event's alarm is, for comparing."""
    return telling.alarm.severity.rank


def place_of(telling: Telling) -> str:
    """Name the device that is meant, or alarmbridge itself."""
    return telling.device.name if telling.device else "alarmbridge"


def known_of(alarm: Alarm) -> CatalogueEntry | OwnAlarm | None:
    """Find what is known of an alarm's kind: its `meaning`, and what to `check`."""
    return OWN.get(alarm.name or "") if alarm.origin is Origin.BRIDGE else look_up(alarm.oid)


def _state(telling: Telling) -> str:
    if telling.kind == EventKind.CLEARED:
        return "CLEARED"
    return f"{telling.alarm.severity.upper()}{_was(telling)}"


def _was(telling: Telling) -> str:
    before = telling.previous_severity
    return f" (was {before})" if before not in {None, telling.alarm.severity} else ""


def _about(alarm: Alarm) -> str:
    return plain(alarm.description) or plain(alarm.name or "") or "alarm"


def _heading(last: Sequence[Telling]) -> str:
    """Head a digest: `12 alarms, worst major, 4 cleared`."""
    count = f"{len(last)} alarm{'s' if len(last) > 1 else ''}"
    cleared = sum(telling.kind == EventKind.CLEARED for telling in last)
    if cleared == len(last):
        return f"{count} cleared"
    return f"{count}, worst {worst_of(last)}" + (f", {cleared} cleared" if cleared else "")


def _lines(telling: Telling) -> Iterator[str]:
    alarm, cleared = telling.alarm, telling.kind == EventKind.CLEARED
    yield _about(alarm)
    if telling.note:
        yield telling.note
    if cleared:
        yield f"Cleared: {plain(alarm.clear_description or '') or _reason(alarm)}"
    elif alarm.transient:
        yield "It had ended by the time it was seen."
    yield f"Severity: {alarm.severity}{_was(telling)}"
    if telling.device:
        yield from _device_lines(telling.device)
    if alarm.source:
        yield f"Source: {plain(alarm.source)}"
    if alarm.name or alarm.oid:
        yield f"Alarm: {plain(alarm.name or alarm.oid or '')}"
    yield f"Raised: {_raised(alarm)}"
    if cleared:
        yield f"Ended: {_ended(telling)}"
    else:
        yield from _advice(alarm)
    yield f"Id: {alarm.id}"


def _device_lines(device: DeviceFacts) -> Iterator[str]:
    facts = " ".join(plain(fact) for fact in (device.product, device.version) if fact)
    yield f"Device: {device.name}, {facts + ', ' if facts else ''}{device.url}"
    if device.tags:
        tags = ", ".join(f"{key}={value}" for key, value in sorted(device.tags.items()))
        yield f"Tags: {one_line(tags)}"


def _advice(alarm: Alarm) -> Iterator[str]:
    known = known_of(alarm)
    if known and known.meaning:
        yield f"What it means: {known.meaning}"
    if known and known.check:
        yield f"What to check: {known.check}"


def _raised(alarm: Alarm) -> str:
    if alarm.raised_at is None:
        return _when(alarm.seen_at)
    if abs(alarm.seen_at - alarm.raised_at) < _AT_ONCE:
        return _when(alarm.raised_at)
    # A device that has lost its clock would otherwise send people back to the year 2010.
    return f"{_when(alarm.raised_at)} by the device's clock, seen {_when(alarm.seen_at)}"


def _ended(telling: Telling) -> str:
    began, ended = telling.alarm.raised_at, telling.alarm.cleared_at
    if began is None or ended is None or ended < began:
        return _when(ended or telling.at)
    return f"{_when(ended)}, after {timedelta(seconds=round((ended - began).total_seconds()))}"


def _reason(alarm: Alarm) -> str:
    return _REASONS[alarm.clear_reason] if alarm.clear_reason else "it stands no longer"


_REASONS = {
    ClearReason.DEVICE: "the device shows it no longer",
    ClearReason.DEVICE_RESTART: "the device restarted",
    ClearReason.DEVICE_REMOVED: "the device is followed no longer",
    ClearReason.OPERATOR: "closed by hand",
}


def _when(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
