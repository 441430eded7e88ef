"""An SNMP engine of pysnmp that knows one manager, and the socket that leads there.

Decision: pysnmp is not told an engine's id until it has made the engine. Because for one that it
is told it keeps boots in a folder of everybody's, `__pysnmp`; ours are those of `snmp_clock`.
"""

import asyncio
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from pysnmp.carrier.asyncio.dgram import udp, udp6
from pysnmp.carrier.asyncio.dispatch import AsyncioDispatcher
from pysnmp.entity import config
from pysnmp.entity.engine import SnmpEngine
from pysnmp.error import PySnmpError
from pysnmp.proto import rfc1902

from alarmbridge.sinks.snmp_address import Address
from alarmbridge.sinks.snmp_clock import EngineTime

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

MANAGER = "manager"
"""What the one manager is called in an engine's tables."""

_VERSION_2C, _VERSION_3 = 1, 3

_STUMBLES = (PySnmpError, LookupError, TypeError, ValueError, AttributeError)

# An engine's timer serves to forget what was never answered; a second is soon enough for that.
_TICK = 1.0
_CENTISECONDS_KEPT = 60_00


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


def build_engine(credentials: Community | User, engine_id: bytes) -> Any:
    """Make an engine. It reads its MIBs, and digests a password that it makes a megabyte long."""
    engine = SnmpEngine()
    (own_id,) = engine.get_mib_builder().import_symbols("__SNMP-FRAMEWORK-MIB", "snmpEngineID")
    own_id.syntax = own_id.syntax.clone(engine_id)
    engine.snmpEngineID = own_id.syntax
    match credentials:
        case Community(name):
            config.add_v1_system(engine, MANAGER, name.encode())
            config.add_target_parameters(engine, MANAGER, MANAGER, "noAuthNoPriv", _VERSION_2C)
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
            config.add_target_parameters(engine, MANAGER, credentials.name, level, _VERSION_3)
    return engine


def set_time(engine: Any, time: EngineTime) -> None:
    """Say the boots and the time that the next message bears, if it is a trap of version 3."""
    boots, seconds = engine.get_mib_builder().import_symbols(
        "__SNMP-FRAMEWORK-MIB", "snmpEngineBoots", "snmpEngineTime"
    )
    boots.syntax = boots.syntax.clone(time.boots)
    # A plain number, otherwise pysnmp takes it for the moment from which to count by its clock.
    seconds.syntax = rfc1902.Integer32(time.seconds)


async def open_line(engine: Any, address: Address) -> "Line":
    """Open a socket for an engine, through which it reaches its manager."""
    loop = asyncio.get_running_loop()
    line: Line = (_Line6 if address.family == socket.AF_INET6 else _Line4)(loop=loop)
    line.closed = loop.create_future()
    await loop.create_datagram_endpoint(lambda: line, family=address.family)
    dispatcher = AsyncioDispatcher(loop=loop)
    dispatcher.set_timer_resolution(_TICK)
    engine.register_transport_dispatcher(dispatcher)
    config.add_transport(engine, line.DOMAIN, line)
    config.add_target_address(
        engine, MANAGER, line.DOMAIN, address.sockaddr, MANAGER, _CENTISECONDS_KEPT, 0
    )
    return line


async def close_line(engine: Any, line: "Line") -> None:
    """Close an engine's socket and stop its timer; returns once both are gone."""
    timer = engine.transport_dispatcher.loopingcall
    engine.close_dispatcher()
    await asyncio.wait([timer, line.closed])


class Line(asyncio.DatagramProtocol):
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


class _Line4(Line, udp.UdpAsyncioTransport):  # type: ignore[misc] # pysnmp has no types
    DOMAIN = config.SNMP_UDP_DOMAIN


class _Line6(Line, udp6.Udp6AsyncioTransport):  # type: ignore[misc] # pysnmp has no types
    DOMAIN = config.SNMP_UDP6_DOMAIN
