"""The terms of syslog, and what X.733's become in it."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

from alarmbridge.core.event import EventKind
from alarmbridge.core.severity import Severity

Facility = Literal[
    "kern",
    "user",
    "mail",
    "daemon",
    "auth",
    "syslog",
    "lpr",
    "news",
    "uucp",
    "cron",
    "authpriv",
    "ftp",
    "ntp",
    "security",
    "console",
    "solaris-cron",
    "local0",
    "local1",
    "local2",
    "local3",
    "local4",
    "local5",
    "local6",
    "local7",
]
"""In the order of their numbers, 0 to 23 (RFC 5424, table 1)."""

_SEVERITIES: Mapping[Severity, int] = MappingProxyType(
    {
        Severity.CRITICAL: 1,
        Severity.MAJOR: 2,
        Severity.MINOR: 3,
        Severity.WARNING: 4,
        Severity.INDETERMINATE: 5,
    }
)
_CLEARED = 5

# Of all that the AcBoard MIB calls a cause, the only one that IANA spells otherwise.
_RENAMED = {"floodDetected": "flood"}
_MNEMONIC = re.compile(r"[a-z][A-Za-z0-9]{0,63}")


def priority_of(facility: Facility, severity: Severity, *, cleared: bool) -> int:
    """Say what stands between the angle brackets (RFC 5424, 6.2.1; RFC 5674, section 2)."""
    return get_args(Facility).index(facility) * 8 + (_CLEARED if cleared else _SEVERITIES[severity])


def mnemonic_of(word: str | None) -> str:
    """Say an event type or a probable cause as IANA-ITU-ALARM-TC-MIB does; `other` for none.

    The catalogue speaks its language but for one word. Where it knows a cause twice, from M.3100
    and, with `X733` at its end, from X.733, the plain name is said: it is what the device calls
    it, and what receivers look for.
    """
    said = _RENAMED.get(word or "", word or "")
    return said if re.fullmatch(_MNEMONIC, said) else "other"


def trend_of(severity: Severity, previous: Severity | None, *, kind: str) -> str | None:
    """Say where an alarm is moving, in X.733's words; None for one that was just raised."""
    match kind:
        case EventKind.RAISED:
            return None
        case EventKind.CLEARED:
            return "lessSevere"
        case _ if previous is None or previous is severity:
            return "noChange"
        case _:
            return "moreSevere" if severity.rank > previous.rank else "lessSevere"
