"""A host and a port: as an address in the configuration has them."""

import re
from dataclasses import dataclass
from ipaddress import IPv6Address

_WRITTEN = re.compile(
    r"(?:\[(?P<v6>[^\[\]\s]+)\]|(?P<host>[^:\[\]/?#@\s]+))(?::(?P<port>[0-9]{1,5}))?"
)
_LAST_PORT = 65535


@dataclass(frozen=True, slots=True)
class HostPort:
    """Where something listens. host: without the brackets of an IPv6 literal."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def read_host_port(text: str, *, usual: int | None = None, least: int = 1) -> HostPort | None:
    """Read `127.0.0.1:162`, `[::1]:162` or `nms.example`; None for what is none of them.

    usual: the port that is meant where none is written; None where one must be. least: the lowest
    port; 0 where that stands for any that is free.
    """
    written = re.fullmatch(_WRITTEN, text)
    if written is None or not _is_host(written["v6"], written["host"]):
        return None
    port = usual if written["port"] is None else int(written["port"])
    if port is None or not least <= port <= _LAST_PORT:
        return None
    return HostPort(written["v6"] or written["host"], port)


def _is_host(v6: str | None, host: str) -> bool:
    try:
        return bool(IPv6Address(v6) if v6 else host.encode("idna"))
    except ValueError:
        return False
