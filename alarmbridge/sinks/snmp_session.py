"""A session with an SNMP manager: what is sent in it, and what is acknowledged.

Decision: notifications go past pysnmp's convenient API, by plain OIDs to the layer below it.
Because that looks each name up in MIBs and asks for access to it, four fifths of the time.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from pysnmp.entity.rfc3413.ntforg import NotificationOriginator
from pysnmp.error import PySnmpError
from pysnmp.proto import errind, rfc1902
from pysnmp.proto.api import v2c

from alarmbridge.core.errors import SinkError
from alarmbridge.sinks.snmp_address import Address
from alarmbridge.sinks.snmp_clock import EngineTime
from alarmbridge.sinks.snmp_engine import (
    MANAGER,
    Community,
    Line,
    User,
    build_engine,
    close_line,
    open_line,
    set_time,
)
from alarmbridge.sinks.snmp_varbinds import Notification, Syntax, Varbind

_SYNTAXES: Mapping[Syntax, Any] = MappingProxyType(
    {
        Syntax.INTEGER: rfc1902.Integer32,
        Syntax.UNSIGNED: rfc1902.Unsigned32,
        Syntax.OCTETS: rfc1902.OctetString,
        Syntax.OBJECT_ID: rfc1902.ObjectIdentifier,
        Syntax.TICKS: rfc1902.TimeTicks,
        Syntax.ADDRESS: rfc1902.IpAddress,
    }
)
_UP_TIME = rfc1902.ObjectIdentifier((1, 3, 6, 1, 2, 1, 1, 3, 0))
_TRAP = rfc1902.ObjectIdentifier((1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0))

_WORDS: Mapping[type, str] = MappingProxyType(
    {
        errind.RequestTimedOut: "did not acknowledge",
        errind.UnknownUserName: "does not know the user",
        errind.UnknownSecurityName: "does not know the user",
        errind.WrongDigest: "refused the authentication; check auth",
        errind.AuthenticationFailure: "refused the authentication; check auth",
        errind.DecryptionError: "could not decrypt it; check privacy",
        errind.UnsupportedSecurityLevel: "wants more or less of auth and privacy for this user",
        errind.UnknownEngineID: "is another engine than before",
        errind.NotInTimeWindow: "has begun anew",
    }
)

_UNANSWERED = "check that it listens there, and the community or privacy"
"""Why nobody answers: to a wrong one of these a manager says nothing."""


class Session:
    """A way to a manager that is open. Made by `open_session`.

    stale: what is known of the manager may be no longer so. Because one that has become another
    engine says so in a report that pysnmp drops, and goes on to send to the engine it knew.
    """

    def __init__(
        self, engine: Any, line: Line, *, address: Address, name: str, timeout: timedelta
    ) -> None:
        self.address = address
        self.stale = False
        self._name = name
        self._timeout = timeout.total_seconds()
        self._engine = engine
        self._line = line
        self._originator = NotificationOriginator()
        self._waiting: set[asyncio.Future[str | None]] = set()

    async def send(self, notification: Notification, *, time: EngineTime, confirmed: bool) -> None:
        """Send a notification; a confirmed one until the manager has acknowledged it.

        Raises SinkError.
        """
        answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        set_time(self._engine, time)
        self._line.failure = None
        try:
            self._originator.send_pdu(
                self._engine,
                MANAGER,
                None,
                b"",
                build_pdu(notification, time, confirmed=confirmed),
                self._settle,
                answer,
            )
        except PySnmpError as error:
            # From None: pysnmp's errors carry keys.
            words = f"cannot be sent what there is to say ({type(error).__name__})"
            raise SinkError(f"{self._name} {words}") from None
        if self._line.failure is not None:
            raise SinkError(f"{self._name} cannot be reached: {self._line.failure.strerror}")
        if confirmed:
            await self._wait(answer)

    async def close(self) -> None:
        """Close the socket; what was not acknowledged yet will not be."""
        for answer in self._waiting:
            if not answer.done():
                answer.set_result("did not acknowledge before the line was closed")
        await close_line(self._engine, self._line)

    @property
    def idle(self) -> bool:
        """Whether nothing waits to be acknowledged."""
        return not self._waiting

    async def _wait(self, answer: asyncio.Future[str | None]) -> None:
        self._waiting.add(answer)
        try:
            async with asyncio.timeout(self._timeout):
                refusal = await answer
        except TimeoutError:
            refusal = f"did not acknowledge within {self._timeout:g} s; {_UNANSWERED}"
        finally:
            self._waiting.discard(answer)
        if refusal is not None:
            self.stale = True
            raise SinkError(f"{self._name} {refusal}")

    def _settle(
        self, _engine: object, _handle: object, indication: Any, pdu: Any, answer: Any
    ) -> None:
        if not answer.done():
            answer.set_result(_refusal_in(indication, pdu))


async def open_session(
    address: Address,
    credentials: Community | User,
    *,
    engine_id: bytes,
    name: str,
    timeout: timedelta,
) -> Session:
    """Open a socket and make an engine for it.

    name: how the manager is called in errors. timeout: for an acknowledgement.
    """
    # In a thread, because it takes a tenth of a second.
    engine = await asyncio.to_thread(build_engine, credentials, engine_id)
    line = await open_line(engine, address)
    return Session(engine, line, address=address, name=name, timeout=timeout)


def build_pdu(notification: Notification, time: EngineTime, *, confirmed: bool) -> Any:
    """Write a notification as pysnmp wants it: sysUpTime and snmpTrapOID come first."""
    pdu = v2c.InformRequestPDU() if confirmed else v2c.SNMPv2TrapPDU()
    v2c.apiPDU.set_defaults(pdu)
    first = [
        (_UP_TIME, rfc1902.TimeTicks(time.ticks)),
        (_TRAP, rfc1902.ObjectIdentifier(notification.trap)),
    ]
    v2c.apiPDU.set_varbinds(pdu, [*first, *map(_encode, notification.varbinds)])
    return pdu


def _encode(varbind: Varbind) -> tuple[Any, Any]:
    return rfc1902.ObjectIdentifier(varbind.oid), _SYNTAXES[varbind.syntax](varbind.value)


def _refusal_in(indication: Any, pdu: Any) -> str | None:
    """Say why an answer is none or does not accept; None: it accepts."""
    if indication is not None:
        return _WORDS.get(type(indication), f"reports {type(indication).__name__}")
    status = int(v2c.apiPDU.get_error_status(pdu))
    return f"answered with the error {status}" if status else None
