"""One request to a far end over HTTP, within bounds, and what came of it in our own errors."""

import asyncio
import ssl
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import aiohttp
from aiohttp import hdrs
from pydantic import AfterValidator, SecretStr
from yarl import URL

from alarmbridge import __version__
from alarmbridge.core.errors import SinkError
from alarmbridge.sinks.answers import judge
from alarmbridge.sinks.base import SinkConfig

_FAILURES = (aiohttp.ClientError, OSError)
"""All that a request may raise; TimeoutError and ssl.SSLError are OSErrors."""

_HEADERS = {
    hdrs.USER_AGENT: f"alarmbridge/{__version__}",
    hdrs.ACCEPT: "*/*",
    hdrs.ACCEPT_ENCODING: "identity",
}
_LONGEST_ANSWER = 100_000
_DRAIN_WITHIN = 1.0
# Shorter than the 5 s after which common servers hang up, or a notice is sent into a dead line.
_KEEP_ALIVE = 4.0


def parse_far_url(text: str) -> URL:
    """Read the URL of a far end, as it stands; raises ValueError without showing any of it."""
    try:
        # Encoded as given: a signature in the query need not survive being written otherwise.
        url = URL(text, encoded=text.isascii())
        # A host that the resolver's codec cannot write fails here and not at the first notice.
        host = (url.host or "").encode("idna")
    except ValueError:
        url, host = URL(), b""
    if not text.isprintable() or " " in text or url.scheme not in {"http", "https"} or not host:
        raise ValueError("must begin with http:// or https:// and a host, and hold no space")
    if ":" in (url.user or ""):
        raise ValueError("must not have a colon in its user name (RFC 7617)")
    return url


def _check_far_url(url: SecretStr) -> SecretStr:
    parse_far_url(url.get_secret_value())
    return url


FarUrl = Annotated[SecretStr, AfterValidator(_check_far_url)]
"""The URL of a far end in a configuration; secret as a whole, since it may hold credentials."""


def _check_has_no_user(url: SecretStr) -> SecretStr:
    if parse_far_url(url.get_secret_value()).raw_user is not None:
        raise ValueError("must not have a user in it: the credentials have keys of their own")
    return url


FarUrlWithoutUser = Annotated[FarUrl, AfterValidator(_check_has_no_user)]
"""The same for a sink that logs in by what else it is given."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a far end answered. body: as text, 100 kB of it at most; what is no UTF-8 is replaced.

    Not to be shown: it may echo what was sent.
    """

    status: int
    body: str = field(repr=False)

    def __str__(self) -> str:
        return f"HTTP {self.status}"


def make_far_end(
    url: SecretStr,
    config: SinkConfig,
    *,
    ca_file: Path | None,
    user: tuple[str, str] | None = None,
) -> "FarEnd":
    """Make the far end of a configured sink. user: name and password that are not in its URL."""
    far_url = parse_far_url(url.get_secret_value())
    if user is not None:
        far_url = far_url.with_user(user[0]).with_password(user[1])
    return FarEnd(far_url, timeout=config.timeout, connections=config.concurrency, ca_file=ca_file)


class FarEnd:
    """An address that takes requests. Nothing is opened before the first.

    url: may hold credentials, as userinfo, in its path or query; userinfo becomes Basic auth.
    timeout: from connecting to the end of the answer's headers, or of its body where that is
    asked for. connections: requests at once.
    ca_file: authorities to believe instead of the system's, as PEM.
    """

    def __init__(
        self, url: URL, *, timeout: timedelta, connections: int, ca_file: Path | None = None
    ) -> None:
        # What may be shown of it: the rest of such URLs is often the only secret there is.
        self.name = f"{url.scheme}://{url.host_port_subcomponent}"
        self._url = url.with_user(None)
        self._authorization = _authorization(url)
        self._timeout = timeout.total_seconds()
        self._connections = connections
        self._ca_file = ca_file
        self._session: aiohttp.ClientSession | None = None

    async def post(
        self, body: bytes, headers: Mapping[str, str], *, path: str = "", now: datetime
    ) -> str:
        """Send a body; return "HTTP 204" or the like once it was accepted. Raises SinkError.

        path: what follows the URL's own, encoded, perhaps with a query.
        """
        response = await self._request(hdrs.METH_POST, path, body, headers)
        try:
            await _drain(response)
        finally:
            response.release()
        self._judge(response, now)
        return f"HTTP {response.status}"

    async def send(
        self,
        method: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        path: str = "",
        known: Collection[int] = (),
        now: datetime,
    ) -> Answer:
        """Send a body by any method; return what was answered, for a sink that has to read it.

        known: statuses that the sink judges by itself, as no refusal. Raises SinkError for other
        refusals, and when the answer's body does not come to its end.
        """
        response = await self._request(method, path, body, headers)
        try:
            if response.status not in known:
                self._judge(response, now)
            return Answer(response.status, await _read(response))
        except _FAILURES as error:
            raise SinkError(f"{self.name} {_words(error, self._timeout)}") from None
        finally:
            response.release()

    async def aclose(self) -> None:
        """Close every connection."""
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    async def _request(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> aiohttp.ClientResponse:
        try:
            # Redirects are failures: another host must not get what this one was trusted with.
            return await self._opened().request(
                method,
                _below(self._url, path),
                data=body,
                headers={**self._authorization, **headers},
                allow_redirects=False,
            )
        except _FAILURES as error:
            # From None: aiohttp's own words hold the whole URL, and a traceback would show them.
            raise SinkError(f"{self.name} {_words(error, self._timeout)}") from None

    def _judge(self, response: aiohttp.ClientResponse, now: datetime) -> None:
        refusal = judge(
            far_end=self.name,
            status=response.status,
            retry_after=response.headers.get(hdrs.RETRY_AFTER),
            now=now,
        )
        if refusal is not None:
            raise refusal

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            trust = ssl.create_default_context(cafile=self._ca_file) if self._ca_file else True
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._connections, keepalive_timeout=_KEEP_ALIVE, ssl=trust
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=_HEADERS,
                timeout=aiohttp.ClientTimeout(total=self._timeout),
                auto_decompress=False,
                trust_env=False,
            )
        return self._session


def _authorization(url: URL) -> dict[str, str]:
    if url.user is None and url.password is None:
        return {}
    return {hdrs.AUTHORIZATION: aiohttp.encode_basic_auth(url.user or "", url.password or "")}


def _below(url: URL, path: str) -> URL:
    """Append a path, which is encoded and may have a query, and keep the URL's own query."""
    if not path:
        return url
    path, _, query = path.partition("?")
    queries = "&".join(filter(None, (url.raw_query_string, query)))
    below = f"{url.origin()}{url.raw_path.rstrip('/')}{path}"
    return URL(f"{below}?{queries}" if queries else below, encoded=True)


async def _read(response: aiohttp.ClientResponse) -> str:
    taken = bytearray()
    while part := await response.content.read(_LONGEST_ANSWER - len(taken)):
        taken += part
    return taken.decode(errors="replace")


async def _drain(response: aiohttp.ClientResponse) -> None:
    """Read what little follows the headers, so that the connection can be used again.

    A failure here is none: the status has been said, and the connection is given up.
    """
    left = _LONGEST_ANSWER
    with suppress(*_FAILURES):
        async with asyncio.timeout(_DRAIN_WITHIN):
            while left > 0 and (part := await response.content.read(left)):
                left -= len(part)


def _words(error: Exception, timeout: float) -> str:
    """Say what happened without a URL, which the texts of aiohttp's errors hold."""
    match error:
        case TimeoutError():
            words = f"did not answer within {timeout:g} s"
        case aiohttp.ClientConnectorCertificateError():
            words = f"is not trusted: {_reason(error.certificate_error)}; set ca_file"
        case aiohttp.ClientConnectorDNSError():
            words = f"cannot be resolved: {_reason(error.os_error)}"
        case aiohttp.ClientConnectorError():
            words = f"cannot be reached: {_reason(error.os_error)}"
        case aiohttp.ServerDisconnectedError():
            words = "hung up without an answer"
        case aiohttp.ClientResponseError():
            words = "does not speak HTTP"
        case _:
            words = f"broke off: {_reason(error)}"
    return words


def _reason(error: Exception) -> str:
    match error:
        case ssl.SSLCertVerificationError(verify_message=str(reason)):
            return reason
        case OSError(strerror=str(reason)):
            return reason
    # Only the kind: the text of an unknown error may hold a URL.
    return type(error).__name__
