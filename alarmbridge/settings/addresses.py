"""Addresses in the configuration: of devices, of the API, of the database; and certificates."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr

from alarmbridge.sinks.host_port import HostPort, read_host_port

_DATABASE = re.compile(r"sqlite:///(?!:memory:).+|postgres(ql)?(\+asyncpg)?://.+", re.DOTALL)
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_PREFIX = re.compile(r"(/[A-Za-z0-9_.~-]+)+")
# Otherwise nobody could tell what stands behind a proxy's prefix from what stands here.
_OWN_PATHS = {
    "-", "alarms", "api", "archive", "charts", "deliveries", "devices", "docs", "healthz", "live",
    "login", "logout", "metrics", "openapi.json", "readyz", "report", "silences", "static",
}  # fmt: skip


class Listen(HostPort):
    """Where the API listens. port: 0 for any that is free."""

    __slots__ = ()

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def parse_listen(value: object) -> Listen:
    """Read `127.0.0.1:8480`, `[::1]:8480` or `localhost:8480`; raises ValueError."""
    if isinstance(value, Listen):
        return value
    found = read_host_port(str(value), least=0)
    if found is None:
        raise ValueError("must be host:port such as 127.0.0.1:8480 or [::1]:8480")
    return Listen(found.host, found.port)


def parse_device_url(text: str) -> str:
    """Read a device's scheme, host and port; raises ValueError without showing any of it."""
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").encode("idna")
        beyond = parts.path.strip("/") or parts.query or parts.fragment
        # Reading the port is what checks it.
        usable = parts.scheme in {"http", "https"} and host and parts.port != 0
    except ValueError:
        usable, beyond = False, ""
    if not usable or not text.isprintable() or " " in text:
        raise ValueError("must be http:// or https:// and a host, and a port if need be")
    if "@" in parts.netloc:
        raise ValueError("must not hold a user; use username and password")
    if beyond:
        raise ValueError("must end with the host or port; alarmbridge knows the paths itself")
    return f"{parts.scheme}://{parts.netloc}"


def parse_fingerprint(text: str) -> str:
    """Read a sha256 as hex with or without colons; return it plain and lower-case."""
    plain = text.replace(":", "").lower()
    if not re.fullmatch(_FINGERPRINT, plain):
        raise ValueError(
            "must be the sha256 of the certificate, 64 hex digits with or without colons; show it "
            "with: openssl s_client -connect HOST:443 </dev/null | "
            "openssl x509 -noout -fingerprint -sha256"
        )
    return plain


def _check_database_url(url: SecretStr) -> SecretStr:
    if not re.fullmatch(_DATABASE, url.get_secret_value()):
        raise ValueError("must be sqlite:///path/to/file or postgresql://user:password@host/name")
    return url


def parse_prefix(text: str) -> str:
    """Read a path such as `/alarmbridge`; raises ValueError. "" and "/" are none."""
    prefix = text.rstrip("/")
    if prefix and not re.fullmatch(_PREFIX, prefix):
        raise ValueError("must be a path such as /alarmbridge")
    if prefix and prefix.split("/")[1] in _OWN_PATHS:
        raise ValueError("must not begin as a path of alarmbridge's own does")
    return prefix


def parse_network(value: object) -> IPv4Network | IPv6Network:
    """Read an address or a network such as 10.0.0.0/8; raises ValueError."""
    try:
        return ip_network(str(value))
    except ValueError:
        raise ValueError("must be an address, or a network such as 10.0.0.0/8") from None


ListenAddress = Annotated[Listen, BeforeValidator(parse_listen)]
DeviceUrl = Annotated[str, AfterValidator(parse_device_url)]
Fingerprint = Annotated[str, AfterValidator(parse_fingerprint)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_check_database_url)]
PathPrefix = Annotated[str, AfterValidator(parse_prefix)]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(parse_network)]
