"""Who an SNMP engine is, and since when: its id, its boots and its time (RFC 3411, RFC 3414)."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_NET_SNMP_TEXT = bytes.fromhex("80001f8804")
"""How an id begins that is a text, made by net-snmp's rules: nobody has assigned us a number."""

_SHORTEST, _LONGEST = 5, 32
_DIGEST_DIGITS = 6

_YEAR_ZERO = datetime(2020, 1, 1, tzinfo=UTC)
_PERIOD = timedelta(hours=1)

_SLACK = timedelta(seconds=60)
"""How far a clock may be set back unnoticed; a receiver refuses what is 150 s late."""

_MOST_TICKS = 2**32


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


def parse_engine_id(text: object) -> bytes:
    """Read 5 to 32 octets as hex, with or without 0x; raises ValueError."""
    try:
        octets = bytes.fromhex(str(text).removeprefix("0x"))
    except ValueError:
        octets = b""
    if not _SHORTEST <= len(octets) <= _LONGEST or set(octets) in ({0}, {0xFF}):
        raise ValueError("must be 5 to 32 octets as hex, such as 0x80001f88046e6d73 (RFC 3411)")
    return octets


@dataclass(frozen=True, slots=True)
class EngineTime:
    """boots, seconds: snmpEngineBoots and snmpEngineTime. uptime: since the first notice."""

    boots: int
    seconds: int
    uptime: timedelta

    @property
    def ticks(self) -> int:
        """sysUpTime, in hundredths of a second."""
        return self.uptime // timedelta(milliseconds=10) % _MOST_TICKS


class EngineClock:
    """Boots and time that never go back, with nothing kept from one start to the next.

    A receiver refuses what seems to be older than what it has heard of an engine.
    So boots are the hours since 2020 and time is the rest of one, as though the engine began anew
    at every full hour: a later start goes on where the last one was, and `sinks test` beside a
    daemon, or a second daemon, does not make what the first one sends look old. When the wall
    clock is set back, boots go up by one more.
    """

    def __init__(self) -> None:
        self._began_at: datetime | None = None
        self._latest = _YEAR_ZERO
        self._ahead = 0

    def read(self, now: datetime) -> EngineTime:
        """Say the time for a message that is sent now."""
        if self._began_at is None:
            self._began_at = self._latest = now
        elif self._latest - now > _SLACK:
            self._ahead += (
                (self._latest - _YEAR_ZERO) // _PERIOD - (now - _YEAR_ZERO) // _PERIOD + 1
            )
            self._began_at = self._latest = now
        self._latest = max(self._latest, now)
        hours, rest = divmod(self._latest - _YEAR_ZERO, _PERIOD)
        return EngineTime(
            boots=max(hours + self._ahead, 1),
            seconds=int(rest.total_seconds()),
            uptime=self._latest - self._began_at,
        )
