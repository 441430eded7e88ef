"""What a notification says: variable bindings as plain values, and how they are written."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from ipaddress import AddressValueError, IPv4Address
from urllib.parse import urlsplit

from alarmbridge.core.payload import DeviceFacts
from alarmbridge.core.texts import one_line, shorten_bytes

Oid = tuple[int, ...]

TRAP_ADDRESS: Oid = (1, 3, 6, 1, 6, 3, 18, 1, 3, 0)
"""snmpTrapAddress.0 (RFC 3584): whom the notification is about, where that is not its sender."""

NOWHERE: Oid = (0, 0)
"""zeroDotZero (RFC 2578): the OID that names nothing."""

_DOTTED = re.compile(r"\d{1,10}(?:\.\d{1,10}){1,127}", re.ASCII)
_LARGEST_ARC = 2**32 - 1
_ARCS_BELOW = (40, 40, 2**32 - 80)
"""How many second arcs there are below each first one, so that both fit into one number."""


class Syntax(StrEnum):
    """How a value is written (RFC 2578, 7.1)."""

    INTEGER = "Integer32"
    UNSIGNED = "Unsigned32"
    OCTETS = "OCTET STRING"
    OBJECT_ID = "OBJECT IDENTIFIER"
    TICKS = "TimeTicks"
    ADDRESS = "IpAddress"


@dataclass(frozen=True, slots=True)
class Varbind:
    """A variable and its value. oid: of the instance, which for a scalar ends in 0."""

    oid: Oid
    syntax: Syntax
    value: int | bytes | Oid


@dataclass(frozen=True, slots=True)
class Notification:
    """A trap or an inform. varbinds: all that follows sysUpTime and snmpTrapOID, in order."""

    trap: Oid
    varbinds: tuple[Varbind, ...]


def integer(oid: Oid, value: int) -> Varbind:
    """Bind an Integer32."""
    return Varbind(oid, Syntax.INTEGER, value)


def text(oid: Oid, value: str | None, *, octets: int) -> Varbind:
    """Bind a text; see `fit`."""
    return Varbind(oid, Syntax.OCTETS, fit(value, octets=octets).encode())


def fit(value: str | None, *, octets: int) -> str:
    """Put a text on one line of so many octets of UTF-8 at most, cut between characters."""
    return shorten_bytes(one_line(value or ""), octets)


def moment(oid: Oid, instant: datetime | None) -> Varbind:
    """Bind a DateAndTime (RFC 2579) in UTC: eleven octets, or eight zeros for no instant."""
    if instant is None:
        return Varbind(oid, Syntax.OCTETS, bytes(8))
    utc = instant.astimezone(UTC)
    day = (utc.month, utc.day, utc.hour, utc.minute, utc.second, utc.microsecond // 100_000)
    return Varbind(oid, Syntax.OCTETS, bytes((*divmod(utc.year, 256), *day)) + b"+\0\0")


def address_of(device: DeviceFacts | None) -> tuple[Varbind, ...]:
    """Bind the device's address, where its URL holds one in digits, of IPv4.

    A name would have to be resolved, which may take long and come out otherwise at the next
    attempt; and an IPv6 address does not fit into an IpAddress.
    """
    try:
        address = IPv4Address(host_of(device.url)) if device else None
    except AddressValueError:
        address = None
    return (Varbind(TRAP_ADDRESS, Syntax.ADDRESS, address.packed),) if address else ()


def host_of(url: str) -> str:
    """Say which host a device's URL names; "" for none."""
    return urlsplit(url).hostname or ""


def parse_oid(dotted: str | None) -> Oid | None:
    """Read an OID as a device wrote it, with or without a leading dot; None: it is none."""
    plain = (dotted or "").strip().removeprefix(".")
    if not re.fullmatch(_DOTTED, plain):
        return None
    arcs = tuple(map(int, plain.split(".")))
    first, second = arcs[:2]
    if first >= len(_ARCS_BELOW) or second >= _ARCS_BELOW[first] or max(arcs) > _LARGEST_ARC:
        return None
    return arcs
