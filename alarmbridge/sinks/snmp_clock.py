"""Who an SNMP engine is, and since when: its id, its boots and its time (RFC 3411, RFC 3414)."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_NET_SNMP_TEXT = bytes.fromhex("80001f8804")
"""How an id begins that is a text, made by net-snmp's rules: nobody has assigned us a number."""

_SHORTEST, _LONGEST = 5, 32
_DIGEST_DIGITS = 6

_YEAR_ZERO = datetime(2020, 1, 1, tzinfo=UTC)
_MOST_BOOTS = 2**31 - 2
_MOST_TICKS = 2**32

_SLACK = timedelta(seconds=60)
"""How far a clock may be set back unnoticed; a receiver refuses what is 150 s late."""


def engine_id_of(sink: str) -> bytes:
    """Make the id of a sink's engine from the sink's name, the same at every start.

    Names that do not fit are told apart by a digest at their end.
    """
    name = f"alarmbridge-{sink}".encode()
    room = _LONGEST - len(_NET_SNMP_TEXT)
    if len(name) > room:
        digest = hashlib.sha256(name).hexdigest()[:_DIGEST_DIGITS]
        name = name[: room - _DIGEST_DIGITS].decode(errors="ignore").encode() + digest.encode()
    return _NET_SNMP_TEXT + name


def parse_engine_id(text: str) -> bytes:
    """Read 5 to 32 octets as hex, with or without 0x; raises ValueError."""
    try:
        octets = bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        octets = b""
    if not _SHORTEST <= len(octets) <= _LONGEST or set(octets) in ({0}, {0xFF}):
        raise ValueError("must be 5 to 32 octets as hex, such as 0x80001f88046e6d73 (RFC 3411)")
    return octets


@dataclass(frozen=True, slots=True)
class EngineTime:
    """boots: how often the engine began anew. uptime: since it last did."""

    boots: int
    uptime: timedelta

    @property
    def seconds(self) -> int:
        """snmpEngineTime."""
        return int(self.uptime.total_seconds())

    @property
    def ticks(self) -> int:
        """sysUpTime, in hundredths of a second."""
        return self.uptime // timedelta(milliseconds=10) % _MOST_TICKS


class EngineClock:
    """Boots and time that never go back, with nothing kept from one start to the next.

    A receiver refuses what seems to be older than what it has heard (hazard H101). So boots are
    the seconds from 2020 to the first notice: they rise from start to start, unless the wall clock
    was set back to before the last one. When it is set back in between, the engine begins anew.
    """

    def __init__(self) -> None:
        self._boots = 0
        self._began_at: datetime | None = None
        self._last = timedelta(0)

    def read(self, now: datetime) -> EngineTime:
        """Say the time for a message that is sent now."""
        if self._began_at is None:
            self._boots = max(int((now - _YEAR_ZERO).total_seconds()), 1)
            self._began_at = now
        if self._last - (now - self._began_at) > _SLACK:
            self._boots, self._began_at, self._last = self._boots + 1, now, timedelta(0)
        self._last = max(self._last, now - self._began_at)
        return EngineTime(min(self._boots, _MOST_BOOTS), self._last)
