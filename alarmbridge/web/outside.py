"""The outside: how whoever asks sees this site, through a reverse proxy or not."""

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

from aiohttp import web

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(:[0-9]{1,5})?", re.ASCII)
_PREFIX = re.compile(r"(/[\w.~-]+)+", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """How a request came. origin: scheme, host and port, as a browser names a page's.

    prefix: what stands before every path, "" or `/alarmbridge`; left: what of it a proxy may have
    left in the path. client: who asks, an address.
    """

    origin: str
    prefix: str
    client: str
    left: str = field(default="", compare=False)

    @property
    def secure(self) -> bool:
        """Whether nobody on the way can read along."""
        return self.origin.startswith("https://")

    def link(self, path: str) -> str:
        """Name a path of ours as the outside has it."""
        return self.prefix + path

    def inner(self, path: str) -> str:
        """Name a path that was asked for as we have it."""
        return path.removeprefix(self.left) if path.startswith(f"{self.left}/") else path


_KEY = web.RequestKey("outside", Outside)


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """What stands before this site: its path prefix, and the proxies that are believed."""

    prefix: str = ""
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()

    def see(self, request: web.Request) -> Outside:
        """Find out how a request came.

        `X-Forwarded-For`, `-Proto`, `-Host` and `-Prefix` count from a trusted proxy only, and
        only what the nearest one says; what cannot be is passed over.
        """
        peer, host = _plain(request.remote or ""), request.headers.get("Host", "")
        if not self._trusts(peer):
            return Outside(
                origin=f"{request.scheme}://{host.lower()}",
                prefix=self.prefix,
                client=peer,
                left=self.prefix,
            )
        scheme = _last(request, "X-Forwarded-Proto").lower()
        outer = _last(request, "X-Forwarded-Host")
        prefix = _last(request, "X-Forwarded-Prefix").rstrip("/")
        if scheme not in {"http", "https"}:
            scheme = request.scheme
        host = outer if re.fullmatch(_HOST, outer) else host
        return Outside(
            origin=f"{scheme}://{host.lower()}",
            prefix=prefix if re.fullmatch(_PREFIX, prefix) else self.prefix,
            client=self._client(request, peer),
            left=self.prefix,
        )

    def _client(self, request: web.Request, peer: str) -> str:
        """Find who asked the outermost proxy that is trusted."""
        said = ",".join(request.headers.getall("X-Forwarded-For", ()))
        client = peer
        for address in reversed([part.strip() for part in said.split(",")]):
            if not self._trusts(client) or not _is_address(address):
                break
            client = _plain(address)
        return client

    def _trusts(self, address: str) -> bool:
        return _is_address(address) and any(
            ip_address(address) in network for network in self.proxies
        )


def outside_of(request: web.Request) -> Outside:
    """Say how a request came; the server has found it out."""
    return request[_KEY]


def set_outside(request: web.Request, outside: Outside) -> None:
    """Note how a request came."""
    request[_KEY] = outside


def _last(request: web.Request, header: str) -> str:
    return ",".join(request.headers.getall(header, ())).rpartition(",")[2].strip()


def _plain(address: str) -> str:
    """Write an address as networks are configured: IPv4 as such, and without a zone."""
    # Who listens on [::] sees IPv4 as ::ffff:192.0.2.1.
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or found)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
