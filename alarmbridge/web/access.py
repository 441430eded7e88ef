"""Who may do what: tokens with their roles, and the sessions that were opened with them; and
without tokens, whoever is on this machine.

A browser does what any page tells it. So where it would be let in by itself (on this machine, or
by the cookie of a session), whatever changes something must come from a page of ours. And where
no token is asked for, a request must be meant for this machine by its Host, otherwise a name that
somebody points at 127.0.0.1 would make his page one of ours. A bearer token no browser sends by
itself: whoever shows one means it.
"""

import hashlib
import hmac
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web

from alarmbridge.web.attempts import Attempts
from alarmbridge.web.outside import outside_of
from alarmbridge.web.problems import RequestRefused
from alarmbridge.web.sessions import Sessions

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_log = logging.getLogger(__name__)


class Role(StrEnum):
    """What somebody may do: read; change something as well; see who changed what."""

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

    @property
    def may_change(self) -> bool:
        """Whether it is more than looking."""
        return self.role is not Role.VIEWER


@dataclass(frozen=True, slots=True)
class _Visitor:
    """Who asks, as found out once for a request. by_browser: it lets itself in."""

    person: Person | None
    by_browser: bool


_KEY = web.RequestKey("visitor", _Visitor)
_ANYBODY = Person("api", Role.ADMIN)
_STRANGER = _Visitor(None, by_browser=False)


class Guard:
    """Decides over requests. Without tokens everybody on this machine may do everything.

    sessions, attempts: without them only bearer tokens count, and guessing has no bound.
    """

    def __init__(
        self,
        tokens: Sequence[Token] = (),
        *,
        sessions: Sessions | None = None,
        attempts: Attempts | None = None,
    ) -> None:
        # Only digests are kept, and all of them are compared, so that neither memory nor time
        # tells a token.
        self._people = tuple((_digest(one.token), Person(one.name, one.role)) for one in tokens)
        self._sessions = sessions
        self._attempts = attempts

    @property
    def open(self) -> bool:
        """Whether no token is asked for."""
        return not self._people

    async def identify(self, request: web.Request) -> None:
        """Find out who asks, for `require`; raises RequestRefused for who has guessed too often."""
        request[_KEY] = await self._identify(request)

    def who(self, request: web.Request) -> Person | None:
        """Say who asks, whatever he asks for; None for a stranger."""
        visitor: _Visitor = request.get(_KEY, _STRANGER)
        return visitor.person

    def admits(self, request: web.Request) -> bool:
        """Say whether this request may be made."""
        try:
            self.require(request)
        except RequestRefused:
            return False
        return True

    def require(self, request: web.Request) -> Person:
        """Say who asks; raises RequestRefused where that is nobody who may."""
        visitor: _Visitor = request.get(_KEY, _STRANGER)
        person = visitor.person
        if person is None:
            raise RequestRefused(
                HTTPStatus.UNAUTHORIZED, "", headers={"WWW-Authenticate": "Bearer"}
            )
        if self.open:
            _check_host(request)
        if request.method not in _READING:
            if visitor.by_browser:
                check_origin(request, strict=not self.open)
            if not person.may_change:
                raise RequestRefused(
                    HTTPStatus.FORBIDDEN,
                    f"The token {person.name} is a viewer's; to change something takes an "
                    "operator's or an admin's.",
                )
        return person

    async def _identify(self, request: web.Request) -> _Visitor:
        if self.open:
            return _Visitor(_ANYBODY, by_browser=True)
        header = request.headers.get("Authorization")
        scheme, _, token = (header or "").partition(" ")
        # Any other scheme is a proxy's before us, whose user logs in here by the form.
        if scheme.lower() == "bearer":
            return _Visitor(self.know(request, token.strip()), by_browser=False)
        return _Visitor(await self._by_session(request), by_browser=True)

    def know(self, request: web.Request, token: str) -> Person | None:
        """Say whose token that is; raises RequestRefused for who has guessed too often."""
        digest, client = _digest(token), outside_of(request).client
        if self._attempts is not None and (wait := self._attempts.wait(client, digest)):
            raise RequestRefused(
                HTTPStatus.TOO_MANY_REQUESTS, "", headers={"Retry-After": str(math.ceil(wait))}
            )
        found = [person for known, person in self._people if hmac.compare_digest(digest, known)]
        if self._attempts is not None:
            if found:
                self._attempts.succeed(client, digest)
            elif self._attempts.fail(client):
                _log.warning("%s shows one wrong token after the other; it has to wait", client)
        return found[0] if found else None

    async def open_session(self, token: str, person: Person) -> str | None:
        """Open a session for a token that was right; return what its cookie is to hold."""
        if self._sessions is None:
            return None
        return await self._sessions.open(_digest(token), who=person.name)

    async def end_session(self, request: web.Request) -> None:
        """End the session of whoever asks, if he has one."""
        visitor: _Visitor = request.get(_KEY, _STRANGER)
        number = request.cookies.get(cookie_of(request))
        if self._sessions is not None and number and visitor.person is not None:
            await self._sessions.end(number, who=visitor.person.name)

    async def _by_session(self, request: web.Request) -> Person | None:
        number = request.cookies.get(cookie_of(request))
        if self._sessions is None or number is None:
            return None
        digest = await self._sessions.find(number, [known for known, _ in self._people])
        return next((person for known, person in self._people if known == digest), None)


def cookie_of(request: web.Request) -> str:
    """Name the cookie of a session. Over https no page of a neighbour can plant one."""
    return "__Secure-alarmbridge" if outside_of(request).secure else "alarmbridge"


def check_origin(request: web.Request, *, strict: bool) -> None:
    """Raise RequestRefused unless a request comes from a page of ours.

    strict: a browser that says nothing of where it comes from is refused; without that it counts
    as no browser.
    """
    silent = "Origin" not in request.headers and "Sec-Fetch-Site" not in request.headers
    if not comes_from_ours(request) and (strict or not silent):
        raise RequestRefused(
            HTTPStatus.FORBIDDEN, "A page of another origin may not change anything here."
        )


def comes_from_ours(request: web.Request) -> bool:
    """Say whether a browser says that a page of ours has made it ask."""
    origin = request.headers.get("Origin")
    if origin is not None:
        return origin == outside_of(request).origin
    return request.headers.get("Sec-Fetch-Site") == "same-origin"


def _check_host(request: web.Request) -> None:
    host = request.headers.get("Host")
    # Every browser sends one; what sends none is no browser.
    if host is not None and not _is_here(host):
        raise RequestRefused(
            HTTPStatus.MISDIRECTED_REQUEST,
            "Without api.tokens only 127.0.0.1, [::1] and localhost are answered.",
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
