"""The transport over HTTP, by aiohttp.

A device is asked by one request at a time until it has accepted the credentials once, and by
none after it has refused them, because a device locks a user, or our whole address, out after a
few wrong passwords.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlencode

import aiohttp
from aiohttp import hdrs
from yarl import URL

from alarmbridge.core.errors import BadAnswer, DeviceError, LoginFailed, Unreachable
from alarmbridge.mediant.access import Access, authorization_of, base_url_of
from alarmbridge.mediant.body import MAX_FILE, read_body
from alarmbridge.mediant.failures import FAILURES, is_break, translate
from alarmbridge.mediant.tls import TlsSetting
from alarmbridge.mediant.transport import NO_QUERY, Answer

ANY_KIND: Mapping[str, str] = {hdrs.ACCEPT: "application/json, application/octet-stream, */*"}
"""For what may be JSON or a file: a device refuses whoever does not accept what it has (406)."""

_REFUSALS = {
    401: "refused the user name or password (401); correct them, or reset the user's password",
    403: "refused the user's rights (403); give the user the level Security Administrator",
}
_FORBIDDEN = 403

_ALONE = 3600.0
"""Seconds for which a device that takes one connection is asked by one request at a time; after
them it costs one failed request to learn that it still is such a device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is sent beside a path and its query, and how the answer is taken.

    data: what aiohttp sends as the body. read: reads the answer's body to its end. spare: a 403
    is about this one resource, and comes back. timeout: None for the device's own.
    """

    method: str = hdrs.METH_GET
    headers: Mapping[str, str] = field(default_factory=dict)
    data: bytes | AsyncIterator[bytes] | None = None
    read: Callable[..., Awaitable[bytes]] = read_body
    spare: bool = False
    timeout: aiohttp.ClientTimeout | None = None


_LOOK = Request()
_INSPECTION = Request(headers=ANY_KIND, read=partial(read_body, bound=MAX_FILE), spare=True)


class _Flight:
    """A request under way. saw_break: the device broke another connection beside it."""

    __slots__ = ("saw_break",)

    def __init__(self) -> None:
        self.saw_break = False


class HttpTransport:
    """One device's line; see `transport.Transport` for what it promises."""

    __slots__ = (
        "_alone_until",
        "_authorization",
        "_base",
        "_clock",
        "_credentials",
        "_flying",
        "_name",
        "_proving",
        "_refusal",
        "_session",
        "_slots",
        "_timeout",
        "_tls",
        "_trusted",
    )

    def __init__(
        self,
        session: aiohttp.ClientSession,
        access: Access,
        tls: TlsSetting,
        timeout: aiohttp.ClientTimeout,
        *,
        clock: Callable[[], float],
    ) -> None:
        self._session = session
        self._name = access.name
        self._base = base_url_of(access)
        self._authorization = authorization_of(access)
        self._credentials = self._authorization.removeprefix("Basic ").encode()
        self._tls = tls
        self._timeout = timeout
        self._clock = clock
        self._slots = asyncio.Semaphore(access.max_connections)
        self._proving = asyncio.Lock()
        self._trusted = False
        self._refusal: str | None = None
        self._flying: set[_Flight] = set()
        self._alone_until = -math.inf

    async def get(self, path: str, query: Mapping[str, str] = NO_QUERY) -> Answer:
        """Ask for a path and return what came; see `transport.Transport.get`."""
        return await self._send(path, query, _LOOK)

    def web_page(self, token: str) -> str:
        """Give the URL that opens the device's own web pages with an authentication token."""
        return f"{self._base}/index.html?{urlencode({'mode': 'web', 'authToken': token})}"

    def allow_login(self) -> None:
        """Let the credentials be tried again, by one request at first."""
        self._refusal = None
        self._trusted = False

    async def inspect(self, path: str, query: Mapping[str, str] = NO_QUERY) -> Answer:
        """Ask for what no alarm depends on; see `transport.InspectionTransport.inspect`."""
        return await self._send(path, query, _INSPECTION)

    async def _send(self, path: str, query: Mapping[str, str], request: Request) -> Answer:
        async with self._slots:
            if self._trusted and self._clock() >= self._alone_until:
                return await self._fly(path, query, request)
            async with self._proving:
                return await self._fly(path, query, request)

    async def _fly(self, path: str, query: Mapping[str, str], request: Request) -> Answer:
        """Ask, and notice a device that takes one connection: it breaks one, answers another."""
        flight = _Flight()
        self._flying.add(flight)
        try:
            answer = await self._ask(path, query, request)
        except Unreachable as error:
            if is_break(error.__cause__):
                for other in self._flying:
                    other.saw_break = True
            raise
        finally:
            self._flying.remove(flight)
        # What fails beside a break is an outage, and says nothing.
        if flight.saw_break:
            self._alone_until = self._clock() + _ALONE
        return answer

    async def _ask(self, path: str, query: Mapping[str, str], request: Request) -> Answer:
        if self._refusal is not None:
            raise LoginFailed(self._refusal, asked=False)
        target = f"{self._base}{path}?{urlencode(query)}" if query else self._base + path
        asked_at = self._clock()
        response = await self._open(target, request)
        body = await self._take(response, path, request)
        kind = response.headers.get(hdrs.CONTENT_TYPE, "")
        return Answer(response.status, kind, body, asked_at, self._clock())

    async def _open(self, target: str, request: Request) -> aiohttp.ClientResponse:
        """Send a request and wait for the head of its answer."""
        try:
            return await self._session.request(
                request.method,
                URL(target, encoded=True),
                headers={hdrs.AUTHORIZATION: self._authorization, **request.headers},
                data=request.data,
                ssl=self._tls,
                timeout=request.timeout or self._timeout,
                allow_redirects=False,
            )
        except FAILURES as error:
            raise self._in_words(error, request) from error

    async def _take(self, response: aiohttp.ClientResponse, path: str, request: Request) -> bytes:
        """Judge an answer by its head, and read its body."""
        try:
            self._judge(response, path, spare=request.spare)
            body = await request.read(response, device=self._name)
        except FAILURES as error:
            raise self._in_words(error, request) from error
        finally:
            # What has been read to its end is back in the pool by now and survives this.
            response.close()
        if self._credentials in body:
            # What a device says of its troubles ends up in logs, alarms and chats.
            raise BadAnswer(f"{self._name} sends our own credentials back for {path}")
        return body

    def _in_words(self, error: Exception, request: Request) -> DeviceError:
        timeout = request.timeout or self._timeout
        limit = timeout.total or timeout.connect or 0.0
        return translate(error, device=self._name, timeout=limit)

    def _judge(self, response: aiohttp.ClientResponse, path: str, *, spare: bool) -> None:
        """Take note of what a status says about the credentials; raise for what is not read on."""
        status = response.status
        if status in _REFUSALS and not (spare and status == _FORBIDDEN):
            self._refusal = f"{self._name} {_REFUSALS[status]}"
            raise LoginFailed(self._refusal)
        if 300 <= status < 400:  # noqa: PLR2004 - HTTP's own classes
            raise BadAnswer(f"{self._name} redirects {path} elsewhere ({status}); use its own URL")
        if 200 <= status < 300:  # noqa: PLR2004 - HTTP's own classes
            self._trusted = True
