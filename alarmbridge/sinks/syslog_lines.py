"""Writes events as lines of syslog: RFC 5424, RFC 3164, and as an AudioCodes device does.

What a device says is put on one line before it is written, and cut, so that it can begin no
other line, element or field, and no line is longer than it may be.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from urllib.parse import quote

from alarmbridge import __version__
from alarmbridge.core.alarm import Alarm, Origin
from alarmbridge.core.delivery import Notice
from alarmbridge.core.payload import format_instant
from alarmbridge.core.severity import CLEARED
from alarmbridge.core.telling import Telling, read_telling
from alarmbridge.core.texts import ELLIPSIS, one_line
from alarmbridge.core.wording import place_of
from alarmbridge.sinks.syslog_terms import Facility, mnemonic_of, priority_of, trend_of

SHORTEST = 1024
"""The least number of bytes that a line may be bounded to: all but its text goes into them."""

_BOM = "\ufeff"
_ORIGIN = f'[origin software="alarmbridge" swVersion="{__version__}"]'
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_HOST, _PROCESS, _MESSAGE = 255, 128, 32
_OLD_LONGEST = 1024
_UNWRITTEN = re.compile(rb"[^!-~]")
_NONE = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How lines are written.

    hostname: the bridge's own, for alarms that mean no device. max_length: of a line in bytes,
    `SHORTEST` at least.
    """

    facility: Facility
    app_name: str
    hostname: str
    max_length: int


def write_rfc5424(notice: Notice, style: Style) -> bytes:
    """Write a line with the element `alarm` of RFC 5674.

    HOSTNAME is the device; PROCID the key, the same from raise to clear; MSGID the alarm's name.
    """
    telling = read_telling(notice.body)
    start = " ".join(
        (
            f"<{_priority(telling, style)}>1",
            format_instant(telling.at) or _NONE,
            _field(_host(telling, style), _HOST),
            style.app_name,
            _field(notice.key, _PROCESS),
            _field(telling.alarm.name or _NONE, _MESSAGE),
            _alarm_element(telling, longest=style.max_length // 10) + _ORIGIN,
            _BOM,
        )
    )
    end = f" kind={telling.kind} event_id={telling.event_id}"
    return _around(one_line(notice.title), start, end, longest=style.max_length, encode=str.encode)


def write_rfc3164(notice: Notice, style: Style) -> bytes:
    """Write a line in ASCII, with the local time as that has it; the key is its `alarm_id`."""
    telling = read_telling(notice.body)
    start = f"{_old_header(telling.at, _host(telling, style), telling, style)} {style.app_name}: "
    end = (
        f" kind={telling.kind} name={_field(telling.alarm.name or _NONE, _PROCESS)}"
        f" alarm_id={_field(notice.key, _PROCESS)} event_id={telling.event_id}"
    )
    longest = min(style.max_length, _OLD_LONGEST)
    return _around(one_line(notice.title), start, end, longest=longest, encode=_as_ascii)


def write_audiocodes(notice: Notice, style: Style) -> bytes:
    """Write the line by which a device tells an alarm itself.

    After the User's Manual, "SNMP Alarms in Syslog Messages". The key is its host, name and source.
    """
    telling = read_telling(notice.body)
    alarm, cleared = telling.alarm, telling.kind == CLEARED
    parts = notice.key.split(";")
    host, name, source = parts if len(parts) == _KEY_PARTS else _parts_of(alarm, style.hostname)
    verb = "CLEAR-ALARM" if cleared else "RAISE-ALARM"
    start = f"{_old_header(telling.at, host, telling, style)} {verb}: {name}; Textual Description: "
    end = (
        f"; Severity {CLEARED if cleared else alarm.severity}; Source {source}"
        f"; Unique ID: {_number(alarm.device_alarm_id)}"
        f"; Additional Info1: event_id={telling.event_id}"
    )
    text = (cleared and alarm.clear_description) or alarm.description
    return _around(_plain(text), start, end, longest=style.max_length, encode=str.encode)


def key_of_line(alarm: Alarm, hostname: str) -> str:
    """Name an alarm as a device's own line does: `sbc-1;acBoardEthernetLinkAlarm;Board#1`."""
    return ";".join(_parts_of(alarm, hostname))


Write = Callable[[Notice, Style], bytes]

PROFILES: Mapping[str, Write] = MappingProxyType(
    {"rfc5424": write_rfc5424, "rfc3164": write_rfc3164, "audiocodes": write_audiocodes}
)

_KEY_PARTS = 3
_LONGEST_PART = 100


def _parts_of(alarm: Alarm, hostname: str) -> tuple[str, str, str]:
    # Where nothing says what the alarm is, two of them must not pass for one.
    own = _part(alarm.device_alarm_id) or _part(alarm.raise_row)
    name = _part(alarm.name) or _part(alarm.oid) or f"unknown-{own}"
    source = _part(alarm.source) or _NONE
    if alarm.origin is Origin.BRIDGE and own:
        # Otherwise one sink that works again would clear what says that another does not.
        source = f"{source}/{own}"
    return _field(alarm.device or hostname, _LONGEST_PART), name, source


def _part(text: str | None) -> str:
    return _fit(_plain(text or ""), _LONGEST_PART, str.encode).decode()


def _number(text: str | None) -> int:
    """Read what is a number on every device, as parsers of such lines expect; 0 otherwise."""
    return int(text) if text and re.fullmatch(r"[0-9]{1,10}", text) else 0


def _plain(text: str) -> str:
    return one_line(text).replace(";", ",")


def _alarm_element(telling: Telling, *, longest: int) -> str:
    """Write the element `alarm` (RFC 5674, section 3). longest: bytes of what a device words."""
    alarm, cleared = telling.alarm, telling.kind == CLEARED
    resource = one_line(alarm.source or "") or place_of(telling)
    params = {
        "resource": _fit(resource, longest, _escaped).decode(),
        "probableCause": mnemonic_of(alarm.probable_cause),
        "perceivedSeverity": CLEARED if cleared else alarm.severity,
        "eventType": mnemonic_of(alarm.event_type),
        "trendIndication": trend_of(alarm.severity, telling.previous_severity, kind=telling.kind),
        "resourceURI": _uri(telling, longest),
    }
    written = "".join(f' {name}="{value}"' for name, value in params.items() if value)
    return f"[alarm{written}]"


def _uri(telling: Telling, longest: int) -> str | None:
    """Name the resource within the device's URL, `https://192.0.2.1/#Board%231`, if it is short."""
    if telling.device is None:
        return None
    resource = quote(one_line(telling.alarm.source or ""))
    uri = f"{quote(telling.device.url, safe=':/[]%')}/{'#' if resource else ''}{resource}"
    # Otherwise an IPv6 address would end the value.
    written = _escaped(uri).decode()
    return written if len(written) <= longest else None


def _old_header(at: datetime, host: str, telling: Telling, style: Style) -> str:
    local = at.astimezone()
    # By its own names for the months: those of the C library follow the locale.
    moment = f"{_MONTHS[local.month - 1]} {local.day:2} {local:%H:%M:%S}"
    return f"<{_priority(telling, style)}>{moment} {_field(host, _HOST)}"


def _priority(telling: Telling, style: Style) -> int:
    cleared = telling.kind == CLEARED
    return priority_of(style.facility, telling.alarm.severity, cleared=cleared)


def _host(telling: Telling, style: Style) -> str:
    return telling.device.name if telling.device else style.hostname


def _field(text: str, longest: int) -> str:
    """Write a text as PRINTUSASCII, which has no space."""
    return _UNWRITTEN.sub(b"_", _as_ascii(text))[:longest].decode() or _NONE


def _around(
    text: str, start: str, end: str, *, longest: int, encode: Callable[[str], bytes]
) -> bytes:
    """Put a text between what must not be cut."""
    before, after = start.encode(), end.encode()
    return before + _fit(text, longest - len(before) - len(after), encode) + after


def _fit(text: str, longest: int, encode: Callable[[str], bytes]) -> bytes:
    """Encode so much of a text as goes into so many bytes, whole characters of it."""
    whole = encode(text)
    if len(whole) <= longest:
        return whole
    room = longest - len(encode(ELLIPSIS))
    kept = bisect_right(range(1, len(text)), room, key=lambda size: len(encode(text[:size])))
    return encode(text[:kept] + ELLIPSIS)


def _escaped(text: str) -> bytes:
    """Escape what ends a value of structured data (RFC 5424, 6.3.3)."""
    return re.sub(r'(["\\\]])', r"\\\1", text).encode()


def _as_ascii(text: str) -> bytes:
    return text.replace(ELLIPSIS, "...").encode("ascii", "backslashreplace")
