"""Who may do what: tokens with their roles; and without tokens, whoever is on this machine.

A browser is on this machine as well, and does what any page tells it. So where no token is asked
for, a request must be meant for this machine by its Host (otherwise a name that somebody points
at 127.0.0.1 would make his page one of ours), and whatever changes something must not come from
a page of another origin.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web

from alarmbridge.web.problems import Refused

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class Role(StrEnum):
    """What somebody may do: read; or change something as well."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What somebody shows, and who that is."""

    name: str
    role: Role
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may ask. name: what the archive calls who changed something."""

    name: str
    role: Role


_ANYBODY = Person("api", Role.ADMIN)


class Guard:
    """Decides over requests. Without tokens everybody on this machine may do everything."""

    def __init__(self, tokens: Sequence[Token] = ()) -> None:
        # Only digests are kept, and all of them are compared, so that neither memory nor time
        # tells a token.
        self._people = tuple((_digest(one.token), Person(one.name, one.role)) for one in tokens)

    def who(self, request: web.Request) -> Person | None:
        """Say whose token a request shows; None where it has none of ours."""
        if not self._people:
            return _ANYBODY
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        given = _digest(token.strip())
        found = [person for digest, person in self._people if hmac.compare_digest(given, digest)]
        return found[0] if found and scheme.lower() == "bearer" else None

    def admits(self, request: web.Request) -> bool:
        """Say whether this request may be made."""
        try:
            self.require(request)
        except Refused:
            return False
        return True

    def require(self, request: web.Request) -> Person:
        """Say who asks; raises Refused where that is nobody who may."""
        person = self.who(request)
        if person is None:
            raise Refused(HTTPStatus.UNAUTHORIZED, "", headers={"WWW-Authenticate": "Bearer"})
        if not self._people:
            _check_host(request)
        if request.method not in _READING:
            if not self._people:
                _check_origin(request)
            if person.role is Role.VIEWER:
                raise Refused(
                    HTTPStatus.FORBIDDEN,
                    f"The token {person.name} is a viewer's; to change something takes an "
                    "operator's or an admin's.",
                )
        return person


def _check_host(request: web.Request) -> None:
    host = request.headers.get("Host")
    # Every browser sends one; what sends none is no browser.
    if host is not None and not _is_here(host):
        raise Refused(
            HTTPStatus.MISDIRECTED_REQUEST,
            "Without api.tokens only 127.0.0.1, [::1] and localhost are answered.",
        )


def _check_origin(request: web.Request) -> None:
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"http://{request.headers.get('Host')}":
        raise Refused(
            HTTPStatus.FORBIDDEN, "A page of another origin may not change anything here."
        )


def _is_here(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def _digest(token: str) -> bytes:
    # A header that is no UTF-8 comes as lone surrogates.
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()
