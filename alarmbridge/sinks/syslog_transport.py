"""Where lines of syslog go, and how one goes there as a datagram."""

import asyncio
import socket
import ssl
from dataclasses import dataclass
from typing import Literal, cast

from alarmbridge.core.errors import SinkError
from alarmbridge.sinks.host_port import HostPort, read_host_port

_PORTS = {"udp": 514, "tcp": 514, "tls": 6514}

_REFUSED_WITHIN = 0.05
"""Seconds after a datagram in which a machine that has no receiver says so."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where lines go. host: without the brackets of an IPv6 literal."""

    scheme: Literal["udp", "tcp", "tls"]
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.scheme}://{HostPort(self.host, self.port)}"


def parse_address(value: object) -> Address:
    """Read `udp://127.0.0.1:514`, `tcp://[::1]`, `tls://siem.example:6514`; raises ValueError."""
    if isinstance(value, Address):
        return value
    scheme, _, place = str(value).partition("://")
    usual = _PORTS.get(scheme)
    found = read_host_port(place.removesuffix("/"), usual=usual) if usual else None
    if found is None:
        raise ValueError("must be udp://, tcp:// or tls://, a host, and a port if need be")
    return Address(cast("Literal['udp', 'tcp', 'tls']", scheme), found.host, found.port)


async def send_datagram(address: Address, line: bytes) -> None:
    """Send a line as a datagram from a socket of its own; raises SinkError if nobody listens.

    The name is looked up each time: no answer would ever say that it means another machine now.
    """
    try:
        transport, refusals = await asyncio.get_running_loop().create_datagram_endpoint(
            _Refusals, remote_addr=(address.host, address.port)
        )
    except OSError as error:
        raise SinkError(f"{address} {words_for(error)}") from None
    try:
        transport.sendto(line)
        await asyncio.wait({refusals.first}, timeout=_REFUSED_WITHIN)
    finally:
        transport.close()
    if refusals.first.done():
        raise SinkError(f"{address} {words_for(refusals.first.result())}")


class _Refusals(asyncio.DatagramProtocol):
    """Keeps the first error that came back. To be made in a running loop."""

    def __init__(self) -> None:
        self.first: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()

    def error_received(self, exc: Exception) -> None:
        if not self.first.done():
            self.first.set_result(exc)


def words_for(error: Exception) -> str:
    """Say what happened to whom an address names: "cannot be reached: Connection refused"."""
    match error:
        case ssl.SSLCertVerificationError(verify_message=str(reason)):
            return f"is not trusted: {reason}; set ca_file"
        case ssl.SSLError():
            # One that OpenSSL did not make itself has no reason at all.
            reason = getattr(error, "reason", None) or error.strerror or type(error).__name__
            return f"does not agree on TLS: {reason}"
        case socket.gaierror(strerror=str(reason)):
            return f"cannot be resolved: {reason}"
        case ConnectionResetError() | BrokenPipeError() | ConnectionAbortedError():
            return "hung up"
        case OSError(strerror=str(reason)):
            return f"cannot be reached: {reason}"
    return f"cannot be reached: {error}"
