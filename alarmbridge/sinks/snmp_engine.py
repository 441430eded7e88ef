"""Speaks SNMP by pysnmp: an engine that knows one manager, and the socket that leads there.

Decision: notifications go past pysnmp's convenient API, by plain OIDs to the layer below it.
Because that looks each name up in MIBs and asks for access to it, four fifths of the time.

Decision: pysnmp is not told the engine's id until it has made the engine. Because one that it is
told it keeps boots for in a folder of everybody's, `__pysnmp`, and those could be reset.
"""

import asyncio
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from pysnmp.carrier.asyncio.dgram import udp, udp6
from pysnmp.carrier.asyncio.dispatch import AsyncioDispatcher
from pysnmp.entity import config
from pysnmp.entity.engine import SnmpEngine
from pysnmp.entity.rfc3413.ntforg import NotificationOriginator
from pysnmp.error import PySnmpError
from pysnmp.proto import errind, rfc1902
from pysnmp.proto.api import v2c

from alarmbridge.core.errors import SinkError
from alarmbridge.sinks.snmp_address import Address
from alarmbridge.sinks.snmp_clock import EngineTime
from alarmbridge.sinks.snmp_varbinds import Notification, Syntax, Varbind

AUTHENTICATION: Mapping[str, Any] = MappingProxyType(
    {
        "sha": config.USM_AUTH_HMAC96_SHA,
        "sha224": config.USM_AUTH_HMAC128_SHA224,
        "sha256": config.USM_AUTH_HMAC192_SHA256,
        "sha384": config.USM_AUTH_HMAC256_SHA384,
        "sha512": config.USM_AUTH_HMAC384_SHA512,
    }
)
"""RFC 3414 and RFC 7860."""

PRIVACY: Mapping[str, Any] = MappingProxyType(
    {
        "aes128": config.USM_PRIV_CFB128_AES,
        "aes192": config.USM_PRIV_CFB192_AES_BLUMENTHAL,
        "aes256": config.USM_PRIV_CFB256_AES_BLUMENTHAL,
        "aes192c": config.USM_PRIV_CFB192_AES,
        "aes256c": config.USM_PRIV_CFB256_AES,
    }
)
"""RFC 3826, and two ways to a longer key from a short digest: net-snmp's, and Cisco's with a c."""

_VERSION_2C, _VERSION_3 = 1, 3
_ENTRY = "manager"

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

_STUMBLES = (PySnmpError, LookupError, TypeError, ValueError, AttributeError)

# Its own clock serves to forget what was never answered, and a second is soon enough for that.
_TICK = 1.0
_KEPT_TICKS = 60
_CENTI = 100


@dataclass(frozen=True, slots=True)
class Community:
    """What version 2c has for credentials."""

    name: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Who a message of version 3 is from. privacy: None for none."""

    name: str
    auth: str
    auth_password: str = field(repr=False)
    privacy: str | None = None
    privacy_password: str = field(default="", repr=False)


class Session:
    """A way to a manager that is open. Made by `open_session`.

    stale: what is known of the manager may be no longer so. Because one that has become another
    engine says so in a report that pysnmp drops, and goes on to send to the engine it knew.
    """

    def __init__(
        self, engine: Any, line: "_Line", *, address: Address, name: str, timeout: timedelta
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
        _set_time(self._engine, time)
        self._line.failure = None
        try:
            self._originator.send_pdu(
                self._engine,
                _ENTRY,
                None,
                b"",
                _build_pdu(notification, time, confirmed=confirmed),
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
        clock = self._engine.transport_dispatcher.loopingcall
        self._engine.close_dispatcher()
        await asyncio.wait([clock, self._line.closed])

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
    loop = asyncio.get_running_loop()
    # In a thread, because an engine reads its MIBs and digests a password a million bytes long.
    engine = await asyncio.to_thread(_build_engine, credentials, engine_id)
    dispatcher = AsyncioDispatcher(loop=loop)
    dispatcher.set_timer_resolution(_TICK)
    line: _Line = (_Line6 if address.family == socket.AF_INET6 else _Line4)(loop=loop)
    line.closed = loop.create_future()
    await loop.create_datagram_endpoint(lambda: line, family=address.family)
    engine.register_transport_dispatcher(dispatcher)
    config.add_transport(engine, line.DOMAIN, line)
    config.add_target_address(
        engine, _ENTRY, line.DOMAIN, address.sockaddr, _ENTRY, _KEPT_TICKS * _CENTI, 0
    )
    return Session(engine, line, address=address, name=name, timeout=timeout)


def _build_engine(credentials: Community | User, engine_id: bytes) -> Any:
    engine = SnmpEngine()
    (own_id,) = engine.get_mib_builder().import_symbols("__SNMP-FRAMEWORK-MIB", "snmpEngineID")
    own_id.syntax = own_id.syntax.clone(engine_id)
    engine.snmpEngineID = own_id.syntax
    match credentials:
        case Community(name):
            config.add_v1_system(engine, _ENTRY, name.encode())
            config.add_target_parameters(engine, _ENTRY, _ENTRY, "noAuthNoPriv", _VERSION_2C)
        case User():
            config.add_v3_user(
                engine,
                credentials.name,
                AUTHENTICATION[credentials.auth],
                credentials.auth_password.encode(),
                PRIVACY.get(credentials.privacy or "", config.USM_PRIV_NONE),
                credentials.privacy_password.encode() or None,
            )
            level = "authPriv" if credentials.privacy else "authNoPriv"
            config.add_target_parameters(engine, _ENTRY, credentials.name, level, _VERSION_3)
    return engine


def _set_time(engine: Any, time: EngineTime) -> None:
    boots, seconds = engine.get_mib_builder().import_symbols(
        "__SNMP-FRAMEWORK-MIB", "snmpEngineBoots", "snmpEngineTime"
    )
    boots.syntax = boots.syntax.clone(time.boots)
    # A plain number, otherwise pysnmp takes it for the moment from which to count by its clock.
    seconds.syntax = rfc1902.Integer32(time.seconds)


def _build_pdu(notification: Notification, time: EngineTime, *, confirmed: bool) -> Any:
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


class _Line(asyncio.DatagramProtocol):
    """What both kinds of socket add to pysnmp's. failure: of the last message, from the system."""

    DOMAIN: Any
    failure: OSError | None = None
    closed: asyncio.Future[None]

    _callback_function: Any

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """Hand an answer to the engine, which stumbles over some that are none."""
        with suppress(*_STUMBLES):
            self._callback_function(self, addr, data)

    def error_received(self, exc: Exception) -> None:
        """Note why a message could not leave, which pysnmp would not hear of."""
        self.failure = exc if isinstance(exc, OSError) else OSError(0, type(exc).__name__)

    def connection_lost(self, exc: Exception | None) -> None:
        """Say that the socket is closed."""
        del exc
        self.closed.set_result(None)

    def normalize_address(self, address: Any) -> Any:
        """Keep the zone of an IPv6 address, which pysnmp would leave out."""
        return address


class _Line4(_Line, udp.UdpAsyncioTransport):  # type: ignore[misc] # pysnmp has no types
    DOMAIN = config.SNMP_UDP_DOMAIN


class _Line6(_Line, udp6.Udp6AsyncioTransport):  # type: ignore[misc] # pysnmp has no types
    DOMAIN = config.SNMP_UDP6_DOMAIN
