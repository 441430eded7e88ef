"""The words for people: a title and a text for an event, and how words are cut to fit a wire.

A device's text is not to be trusted: what could break a line, move a cursor or turn the reading
direction is shown as what it is, `<U+202E>`, before any sink sees it.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from alarmbridge.core.alarm import ClearReason
from alarmbridge.core.catalogue import look_up
from alarmbridge.core.payload import DeviceFacts
from alarmbridge.core.severity import Severity
from alarmbridge.core.telling import Telling

ELLIPSIS = "…"
_LISTED = 50
# Separators of lines and of paragraphs, controls, invisible format characters, surrogates.
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


@dataclass(frozen=True, slots=True)
class Words:
    """What is said to people. title: one line. text: several."""

    title: str
    text: str


def word(telling: Telling) -> Words:
    """Say an event in the standard words."""
    return Words(title=word_title(telling), text="\n".join(_lines(telling)))


def word_title(telling: Telling) -> str:
    """Say an event in one line: `MAJOR sbc-ams-1: Trunk is down (Board#1)`."""
    alarm = telling.alarm
    source = f" ({one_line(alarm.source)})" if alarm.source else ""
    flapping = " [flapping]" if telling.note else ""
    about = one_line(alarm.description or alarm.name or "alarm")
    return f"{_state(telling)} {place_of(telling)}: {about}{source}{flapping}"


def word_digest(tellings: Sequence[Telling]) -> Words:
    """Say what was gathered, in one title and a list, the worst first.

    tellings: at least one, oldest first; of each alarm only the last counts.
    """
    last = list({telling.alarm.id: telling for telling in tellings}.values())
    standing = [telling for telling in last if telling.kind != "cleared"]
    cleared = len(last) - len(standing)
    ordered = sorted(last, key=lambda telling: (telling.kind == "cleared", -rank_of(telling)))
    heading = f"{len(last)} alarm{'s' if len(last) > 1 else ''}"
    if standing:
        heading += f", worst {worst_of(last)}"
    if cleared:
        heading += f", {cleared} cleared"
    lines = [
        f"{telling.at.astimezone(UTC):%H:%M} {word_title(telling)}" for telling in ordered[:_LISTED]
    ]
    if more := len(ordered) - _LISTED:
        lines += [f"and {more} more"] if more > 0 else []
    return Words(title=heading, text="\n".join(lines))


def worst_of(tellings: Sequence[Telling]) -> Severity:
    """Say the worst severity among alarms that stand, or among all when none does."""
    standing = [telling for telling in tellings if telling.kind != "cleared"]
    return max(standing or tellings, key=rank_of).alarm.severity


def rank_of(telling: Telling) -> int:
    """Say how bad an event's alarm is, for comparing."""
    return telling.alarm.severity.rank


def place_of(telling: Telling) -> str:
    """Name the device that is meant, or alarmbridge itself."""
    return telling.device.name if telling.device else "alarmbridge"


def one_line(text: str) -> str:
    """Put a text on one line: blanks for its line breaks, and what cannot be seen made visible."""
    return " ".join("".join(map(_seen, text)).split())


def shorten(text: str, limit: int) -> str:
    """Cut a text to so many characters; one that was cut ends in an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + ELLIPSIS


def shorten_bytes(text: str, limit: int) -> str:
    """Cut a text to so many bytes of UTF-8, between characters."""
    encoded = text.encode()
    if len(encoded) <= limit:
        return text
    return encoded[: limit - len(ELLIPSIS.encode())].decode(errors="ignore") + ELLIPSIS


def shorten_units(text: str, limit: int) -> str:
    """Cut a text to so many UTF-16 units, which is how Java and JavaScript count characters."""
    encoded = text.encode("utf-16-le")
    if len(encoded) <= 2 * limit:
        return text
    return encoded[: 2 * (limit - 1)].decode("utf-16-le", errors="ignore") + ELLIPSIS


def _state(telling: Telling) -> str:
    if telling.kind == "cleared":
        return "CLEARED"
    severity, before = telling.alarm.severity, telling.previous_severity
    changed = before is not None and before is not severity
    return f"{severity.upper()} (was {before})" if changed else severity.upper()


def _lines(telling: Telling) -> Iterator[str]:
    alarm, cleared = telling.alarm, telling.kind == "cleared"
    yield one_line(alarm.description)
    if telling.note:
        yield telling.note
    if cleared:
        yield f"Cleared: {one_line(alarm.clear_description or '') or _reason(telling)}"
    if telling.device:
        yield from _device_lines(telling.device)
    if alarm.source:
        yield f"Source: {one_line(alarm.source)}"
    if alarm.name or alarm.oid:
        yield f"Alarm: {one_line(alarm.name or alarm.oid or '')}"
    yield f"Severity: {alarm.severity}"
    yield f"Raised: {_when(alarm.raised_at or alarm.seen_at)}"
    if cleared:
        yield f"Ended: {_when(alarm.cleared_at or telling.at)}"
    else:
        yield from _advice(alarm.oid)
    yield f"Id: {alarm.id}"


def _device_lines(device: DeviceFacts) -> Iterator[str]:
    facts = " ".join(one_line(fact) for fact in (device.product, device.version) if fact)
    yield f"Device: {device.name}, {facts + ', ' if facts else ''}{device.url}"
    if device.tags:
        yield f"Tags: {', '.join(f'{key}={value}' for key, value in sorted(device.tags.items()))}"


def _advice(oid: str | None) -> Iterator[str]:
    entry = look_up(oid)
    if entry and entry.meaning:
        yield f"What it means: {entry.meaning}"
    if entry and entry.check:
        yield f"What to check: {entry.check}"


def _reason(telling: Telling) -> str:
    reason = telling.alarm.clear_reason
    return _REASONS[reason] if reason else "it stands no longer"


_REASONS = {
    ClearReason.DEVICE: "the device shows it no longer",
    ClearReason.DEVICE_RESTART: "the device restarted",
    ClearReason.DEVICE_REMOVED: "the device is followed no longer",
    ClearReason.OPERATOR: "closed by hand",
}


def _when(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _seen(char: str) -> str:
    if char in "\t\n\r\v\f":
        return " "
    return f"<U+{ord(char):04X}>" if unicodedata.category(char) in _UNSEEN else char
