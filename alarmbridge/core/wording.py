"""The words for people: a title and a text for an event, and how words are cut to fit a wire.

A device's text is not to be trusted: what could break a line, move a cursor or turn the reading
direction is shown as what it is, `<U+202E>`, and what a chat would take for a mention or a link
is broken by a blank, before any sink sees it.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from alarmbridge.core.alarm import Alarm, ClearReason, Origin
from alarmbridge.core.bridge import CATALOGUE as OWN
from alarmbridge.core.bridge import OwnAlarm
from alarmbridge.core.catalogue import CatalogueEntry, look_up
from alarmbridge.core.payload import DeviceFacts
from alarmbridge.core.severity import Severity
from alarmbridge.core.telling import Telling

ELLIPSIS = "…"
LONGEST_TITLE = 130
"""Characters that a title has at most, unless the device's name is a very long one."""

_LONGEST_SOURCE = 50
_SHORTEST_ABOUT = 40
_LISTED = 50
_AT_ONCE = timedelta(minutes=5)
# `@everyone` and its like, `<!channel>`, `<@U1>`, `<users/all>`, `<https://…|words>`,
# `[words](https://…)`, as the chats write them.
_LIVE = re.compile(
    r"(?:@(?=(?:everyone|here|channel|all|room)\b)|(?<!\w)@(?=[\w*])"
    r"|<(?=[!@#]|/?(?:at|users)\b|\w+:)|\](?=\())",
    re.IGNORECASE,
)


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
    ordered = sorted(last, key=lambda telling: (telling.kind == "cleared", -rank_of(telling)))
    lines = [
        f"{telling.at.astimezone(UTC):%m-%d %H:%M} {word_title(telling)}"
        for telling in ordered[:_LISTED]
    ]
    if (more := len(ordered) - _LISTED) > 0:
        lines.append(f"and {more} more")
    return Words(title=_heading(last), text="\n".join([*lines, "The times are in UTC."]))


def worst_of(tellings: Sequence[Telling]) -> Severity:
    """Say the worst severity among alarms that stand; indeterminate when none does."""
    standing = [telling.alarm.severity for telling in tellings if telling.kind != "cleared"]
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


def plain(text: str) -> str:
    """Put a device's text on one line in which nothing is hidden, nobody called, nothing linked."""
    return _LIVE.sub(r"\g<0> ", one_line(text))


def one_line(text: str) -> str:
    """Put a text on one line: blanks for its line breaks, and what cannot be seen made visible."""
    return " ".join("".join(map(_seen, text)).split())


def shorten(text: str, limit: int) -> str:
    """Cut a text to so many characters; one that was cut ends in an ellipsis."""
    if len(text) <= limit:
        return text
    return text[: limit - 1] + ELLIPSIS if limit > 0 else ""


def shorten_bytes(text: str, limit: int) -> str:
    """Cut a text to so many bytes of UTF-8, between characters, with an ellipsis if it fits."""
    encoded, mark = text.encode(), ELLIPSIS.encode()
    if len(encoded) <= limit:
        return text
    if limit < len(mark):
        return encoded[: max(limit, 0)].decode(errors="ignore")
    return encoded[: limit - len(mark)].decode(errors="ignore") + ELLIPSIS


def shorten_units(text: str, limit: int) -> str:
    """Cut a text to so many UTF-16 units, which is how Java and JavaScript count characters."""
    encoded = text.encode("utf-16-le")
    if len(encoded) <= 2 * limit:
        return text
    if limit <= 0:
        return ""
    return encoded[: 2 * (limit - 1)].decode("utf-16-le", errors="ignore") + ELLIPSIS


def _state(telling: Telling) -> str:
    if telling.kind == "cleared":
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
    cleared = sum(telling.kind == "cleared" for telling in last)
    if cleared == len(last):
        return f"{count} cleared"
    return f"{count}, worst {worst_of(last)}" + (f", {cleared} cleared" if cleared else "")


def _lines(telling: Telling) -> Iterator[str]:
    alarm, cleared = telling.alarm, telling.kind == "cleared"
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


def _seen(char: str) -> str:
    if char.isprintable():
        return char
    blank = char in "\t\n\r\v\f" or unicodedata.category(char) == "Zs"
    return " " if blank else f"<U+{ord(char):04X}>"
