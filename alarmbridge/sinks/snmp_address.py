"""Where an SNMP manager listens: as it is written, and as it is resolved."""

import asyncio
import re
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from alarmbridge.core.errors import SinkError

_ADDRESS = re.compile(r"(?:\[(?P<v6>[^\]\s]+)\]|(?P<host>[^:\[\]\s]+))(?::(?P<port>[0-9]{1,5}))?")
_PORT = 162
_LAST_PORT = 65535
_RESOLVED_FOR = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Manager:
    """Where a manager listens, as it was written."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_manager(value: object) -> Manager:
    """Read `127.0.0.1:162`, `[::1]:162` or `nms.example`; raises ValueError."""
    if isinstance(value, Manager):
        return value
    written = re.fullmatch(_ADDRESS, str(value))
    port = int(written["port"] or _PORT) if written else 0
    if written is None or not 0 < port <= _LAST_PORT:
        raise ValueError("must be host:port such as 127.0.0.1:162 or [::1]:162")
    return Manager(written["v6"] or written["host"], port)


@dataclass(frozen=True, slots=True)
class Address:
    """A socket's address as the resolver gives it."""

    family: socket.AddressFamily
    sockaddr: tuple[Any, ...]


class Resolver:
    """Finds a manager's address, by name every half a minute, and never in the loop."""

    def __init__(self, manager: Manager, *, timeout: timedelta) -> None:
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
