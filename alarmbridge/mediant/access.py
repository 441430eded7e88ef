"""How a device is reached: its URL, its credentials, its bounds."""

from dataclasses import dataclass, field

import aiohttp
from yarl import URL

from alarmbridge.core.errors import ConfigError
from alarmbridge.mediant.tls import Trust

_SYSTEM_TRUST = Trust()


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How a device is reached.

    name: as configured; it stands in every error. url: scheme and host, at most a path after it.
    timeout: seconds for one request, from connecting to the last byte.
    max_connections: requests at once, the bound of all that is sent to the device.
    """

    name: str
    url: str
    username: str = field(repr=False)
    password: str = field(repr=False)
    timeout: float = 10.0
    max_connections: int = 2
    trust: Trust = _SYSTEM_TRUST


def authorization_of(access: Access) -> str:
    """Give the Authorization header (RFC 7617); raises ConfigError."""
    if ":" in access.username:
        raise ConfigError([f"{access.name}: username must not hold a colon (RFC 7617)"])
    return aiohttp.encode_basic_auth(access.username, access.password, encoding="utf-8")


def base_url_of(access: Access) -> str:
    """Give what stands before every path, without a slash at its end; raises ConfigError."""
    try:
        url = URL(access.url)
    except ValueError as error:
        raise ConfigError([f"{access.name}: url cannot be read: {error}"]) from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise ConfigError([f"{access.name}: url must begin with http:// or https:// and a host"])
    if url.raw_user is not None or url.raw_password is not None:
        raise ConfigError([f"{access.name}: url must not hold a user; use username and password"])
    if url.raw_query_string or url.raw_fragment:
        raise ConfigError([f"{access.name}: url must not hold a query or a fragment"])
    return str(url).rstrip("/")
