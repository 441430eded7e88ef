"""Where an SNMP manager listens: as it is written, and as it is resolved."""

import asyncio
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from alarmbridge.core.errors import SinkError
from alarmbridge.sinks.host_port import HostPort, read_host_port

_PORT = 162
_RESOLVED_FOR = timedelta(seconds=30)


def parse_manager(value: object) -> HostPort:
    """Read where a manager listens: `127.0.0.1:162`, `[::1]:162` or `nms.example`.

    Raises ValueError.
    """
    if isinstance(value, HostPort):
        return value
    found = read_host_port(str(value), usual=_PORT)
    if found is None:
        raise ValueError("must be host:port such as 127.0.0.1:162 or [::1]:162")
    return found


@dataclass(frozen=True, slots=True)
class Address:
    """A socket's address as the resolver gives it."""

    family: socket.AddressFamily
    sockaddr: tuple[Any, ...]


class Resolver:
    """Finds a manager's address, by name every half a minute, and never in the loop."""

    def __init__(self, manager: HostPort, *, timeout: timedelta) -> None:
        self._manager = manager
        self._timeout = timeout.total_seconds()
        self._found: Address | None = None
        self._found_at: datetime | None = None

    async def resolve(self, now: datetime) -> Address:
        """Give the address; the last one while the resolver fails. Raises SinkError."""
        if self._found and self._found_at and abs(now - self._found_at) < _RESOLVED_FOR:
            return self._found
        try:
            found = await self._look_up()
        except OSError as error:
            if self._found is None:
                reason = error.strerror or f"nobody answered within {self._timeout:g} s"
                raise SinkError(f"{self._manager} cannot be resolved: {reason}") from None
            found = [self._found]
        # A name of several addresses gives them in turn; the one in use is as good as the next.
        self._found = self._found if self._found in found else found[0]
        self._found_at = now
        return self._found

    async def _look_up(self) -> list[Address]:
        loop = asyncio.get_running_loop()
        host, port = self._manager.host, self._manager.port
        async with asyncio.timeout(self._timeout):
            infos = await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        return [Address(family, sockaddr) for family, _, _, _, sockaddr in infos]
