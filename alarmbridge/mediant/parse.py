"""Bodies into values: pure, and for input that nobody vouches for.

Every `parse_*` raises BadAnswer, in a few words without the device's name, and nothing else.
Texts come out cut to 8 KiB and fit for UTF-8, SQLite and PostgreSQL. Unknown fields are ignored.
"""

import re
from dataclasses import dataclass

from alarmbridge.core.device_time import DeviceTime, parse_device_time
from alarmbridge.core.errors import BadAnswer
from alarmbridge.core.reading import Reading, Row
from alarmbridge.core.severity import CLEARED, parse_severity
from alarmbridge.core.texts import decode, shorten_bytes
from alarmbridge.mediant.strict_json import parse_object

MAX_TEXT = 8 * 1024
"""Bytes of UTF-8 that are kept of a text."""

_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_SURROGATE = re.compile("[\ud800-\udfff]")
_DIGITS = re.compile(r"[0-9]{1,18}")
_NO_MORE = "-1"
# What a clear's row says over REST nobody has seen; SNMP's severity 0 goes by all these names.
_CLEARED = frozenset({CLEARED, "clear", "noalarm", "no alarm"})
_MAX_CURSOR = 512
_MAX_NUMBER = 2**63


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the API that a device offers (guide 3); status is "stable" or the like."""

    id: str
    status: str


@dataclass(frozen=True, slots=True)
class Resource:
    """One branch of the navigation tree (guide 4), without its url: paths are built here."""

    id: str
    description: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a table (guide 8.1).

    after: the cursor to what follows, None at the end. has_cursor: the device gave one, or said
    that nothing follows; without it, None says nothing.
    """

    rows: tuple[Row, ...]
    after: str | None
    has_cursor: bool


NO_PAGE = Page((), None, has_cursor=False)
"""What 204 means."""


def is_alarm_id(text: str) -> bool:
    """Whether a text can be an alarm's id, and so stand in a path as it is."""
    return _ID.fullmatch(text) is not None


def parse_versions(body: bytes) -> tuple[Version, ...]:
    """Read the versions of the API (guide 3)."""
    entries = entries_of(parse_object(body), "versions")
    return tuple(Version(id_of(entry), text_of(entry.get("status")) or "") for entry in entries)


def parse_resources(body: bytes, key: str) -> tuple[Resource, ...]:
    """Read a list of what stands below: `items`, `actions`, `files` (guide 4, 5, 6, 7.1)."""
    entries = entries_of(parse_object(body), key)
    return tuple(Resource(id_of(one), text_of(one.get("description")) or "") for one in entries)


def parse_page(body: bytes) -> Page:
    """Read a page of either table (guide 8.1, 8.2); one bad row is a bad page."""
    found = parse_object(body)
    rows = tuple(_row(entry) for entry in entries_of(found, "alarms"))
    cursor = found.get("cursor")
    if cursor is None:
        return Page(rows, None, has_cursor=False)
    if not isinstance(cursor, dict):
        raise BadAnswer("its cursor is no object")
    return _with_cursor(rows, cursor.get("after"))


def parse_reading(body: bytes) -> Reading:
    """Read one alarm of either table (guide 8.1.1, 8.2.1); all but its id may be missing."""
    found = parse_object(body)
    severity, date = text_of(found.get("severity")), text_of(found.get("date"))
    return Reading(
        id=id_of(found),
        description=text_of(found.get("description")) or "",
        severity=parse_severity(severity),
        cleared=severity is not None and severity.strip().lower() in _CLEARED,
        source=text_of(found.get("source")),
        oid=text_of(found.get("oid")),
        date=parse_device_time(date) if date is not None else None,
    )


def parse_last_change(body: bytes) -> DeviceTime:
    """Read when the active table changed last (guide 8.1.2)."""
    raw = text_of(parse_object(body).get("lastChange"))
    if raw is None:
        raise BadAnswer("it has no lastChange")
    return parse_device_time(raw)


def parse_complaint(body: bytes) -> str | None:
    """Read what a device says about an error of its own (guide 5.2), None if it says nothing.

    That is the description of an object, or a plain text, which the guide does not know.
    """
    try:
        said = parse_object(body)
    except BadAnswer:
        text = decode(body).strip()
        return None if not text or text[0] in "<{[" else clean_text(text)
    return next((text_of(said[name]) for name in said if name.lower() == "description"), None)


def clean_text(text: str) -> str:
    """Make a text fit to be stored anywhere: no lone surrogates, no NUL, at most MAX_TEXT.

    One that was cut ends in an ellipsis.
    """
    if not text.isascii():
        text = _SURROGATE.sub("\ufffd", text)
    text = text.replace("\0", "")
    return text if len(text) * 4 <= MAX_TEXT else shorten_bytes(text, MAX_TEXT)


def text_of(value: object) -> str | None:
    """Take a text that says something; whatever else stands there is as good as nothing."""
    return clean_text(value) or None if isinstance(value, str) else None


def id_of(entry: dict[str, object]) -> str:
    """Take an id that can stand in a path; raises BadAnswer."""
    value = entry.get("id")
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not is_alarm_id(text):
        raise BadAnswer("it has an id that is none")
    return text


def number_of(value: object) -> int | None:
    """Take a whole number from 0 upwards, also one that is written as a text."""
    if isinstance(value, str):
        value = int(value) if _DIGITS.fullmatch(value) else None
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value < _MAX_NUMBER else None


def entries_of(found: dict[str, object], key: str) -> list[dict[str, object]]:
    """Take a list of objects; raises BadAnswer."""
    entries = found.get(key)
    if not isinstance(entries, list):
        raise BadAnswer(f"it has no list of {key}")
    if not all(isinstance(entry, dict) for entry in entries):
        raise BadAnswer(f"one of its {key} is no object")
    return entries


def _row(entry: dict[str, object]) -> Row:
    description = entry.get("description")
    if description is not None and not isinstance(description, str):
        raise BadAnswer("one of its alarms has a description that is no text")
    return Row(id_of(entry), clean_text(description or ""))


def _with_cursor(rows: tuple[Row, ...], after: object) -> Page:
    if isinstance(after, int) and not isinstance(after, bool):
        after = str(after)
    if after is None or after == "":
        return Page(rows, None, has_cursor=False)
    # An opaque cursor goes back as it came or not at all, so it is never cleaned.
    if not isinstance(after, str) or len(after) > _MAX_CURSOR or _SURROGATE.search(after):
        raise BadAnswer("its cursor cannot be sent back")
    return Page(rows, None if after == _NO_MORE else after, has_cursor=True)
