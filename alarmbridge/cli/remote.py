"""Answers of a running daemon, by its API; what it says is checked before it is believed."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any

import aiohttp
from pydantic import TypeAdapter, ValidationError
from yarl import URL

from alarmbridge import __version__
from alarmbridge.cli.answers import Document, Kind, Listing, Wanted
from alarmbridge.cli.messages import Messages
from alarmbridge.core.errors import AlarmbridgeError
from alarmbridge.telemetry.logs import printable
from alarmbridge.web.events import EventListQuery
from alarmbridge.web.operations import API
from alarmbridge.web.report import ReportQuestion
from alarmbridge.web.report_shapes import ReportShape
from alarmbridge.web.shapes import EventShape

_LARGEST = 256 * 1024 * 1024
_SHOWN = 300
_PATIENCE = aiohttp.ClientTimeout(total=60, connect=10)
# A stream says something every 15 s; after three times that nobody is there any more.
_ENDLESS = aiohttp.ClientTimeout(total=None, connect=10, sock_read=45)
_AGAIN_AFTER = 2.0
# Millions of alarms are counted for one.
_PATIENCE_TO_COUNT = aiohttp.ClientTimeout(total=600, connect=10)
_EVENT: TypeAdapter[Any] = TypeAdapter(EventShape)
_REPORT: TypeAdapter[Any] = TypeAdapter(ReportShape)


@dataclass(frozen=True, slots=True, kw_only=True)
class Daemon:
    """Where a daemon is, and by what it lets us in. tls: None verifies as this machine does."""

    url: URL
    token: str | None = field(default=None, repr=False)
    tls: ssl.SSLContext | None = None

    @property
    def tells_its_token_to_anybody(self) -> bool:
        """Whether the token goes over a network as it is."""
        return bool(self.token) and self.url.scheme == "http" and not _is_here(self.url)


class RemoteAnswers:
    """What a daemon answers."""

    def __init__(self, session: aiohttp.ClientSession, daemon: Daemon) -> None:
        self._session = session
        self._daemon = daemon

    async def ask(self, kind: Kind, wanted: Wanted) -> Listing:
        """Fetch a page."""
        wanted.read(kind.question)
        body = await self.fetch(f"{API}/{kind.name}", wanted)
        try:
            kind.page.validate_json(body)
        except ValidationError as error:
            raise self._odd(_first_of(error)) from None
        document = json.loads(body)
        return Listing(tuple(document["items"]), document["next"])

    async def report(self, wanted: Wanted) -> Document:
        """Fetch a report."""
        wanted.read(ReportQuestion)
        body = await self.fetch(f"{API}/report", wanted, _PATIENCE_TO_COUNT)
        try:
            _REPORT.validate_json(body)
        except ValidationError as error:
            raise self._odd(_first_of(error)) from None
        made: Document = json.loads(body)
        return made

    async def fetch(
        self, path: str, wanted: Wanted, patience: aiohttp.ClientTimeout = _PATIENCE
    ) -> bytes:
        """Fetch a document of the API, by its path below the daemon's URL."""
        try:
            async with self._get(path, wanted, patience) as response:
                if response.content_type != "application/json":
                    raise self._odd(f"it is {response.content_type}")
                body = bytearray()
                async for piece in response.content.iter_any():
                    body += piece
                    if len(body) > _LARGEST:
                        raise self._odd("it does not end")
                return bytes(body)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise self._unreachable(error) from error

    async def follow(self, wanted: Wanted) -> AsyncIterator[Document]:
        """Follow the stream; what breaks is taken up again where it broke, until it is refused."""
        query = wanted.read(EventListQuery)
        asked = Wanted(type=query.type, device=query.device)
        messages, begun = Messages(), False
        while True:
            try:
                async with self._get(
                    f"{API}/events/stream", asked, _ENDLESS, place=messages.place
                ) as response:
                    if response.content_type != "text/event-stream":
                        raise self._odd(f"it is {response.content_type}")
                    begun = True
                    async for piece in response.content.iter_any():
                        for _, document in messages.feed(piece):
                            yield self._checked(document)
            except (aiohttp.ClientError, TimeoutError) as error:
                if not begun:
                    raise self._unreachable(error) from error
            messages.restart()
            await asyncio.sleep(_AGAIN_AFTER)

    @asynccontextmanager
    async def _get(
        self,
        path: str,
        wanted: Wanted,
        patience: aiohttp.ClientTimeout,
        *,
        place: str | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        headers = {} if place is None else {"Last-Event-ID": place}
        if self._daemon.token:
            headers["Authorization"] = f"Bearer {self._daemon.token}"
        async with self._session.get(
            self._daemon.url.joinpath(path.lstrip("/")).with_query(wanted.parameters),
            headers=headers,
            timeout=patience,
            ssl=self._daemon.tls or True,
            # Otherwise the token would be told to whoever is named there.
            allow_redirects=False,
        ) as response:
            if response.status in {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE}:
                raise aiohttp.ClientError(f"it answers {response.status}")
            if response.status != HTTPStatus.OK:
                raise AlarmbridgeError(await self._word(response))
            yield response

    async def _word(self, response: aiohttp.ClientResponse) -> str:
        where = self._daemon.url
        if response.status == HTTPStatus.UNAUTHORIZED:
            how = "wants a token; name its file by --token-file or $ALARMBRIDGE_TOKEN_FILE"
            return f"{where} {'does not know this token' if self._daemon.token else how}."
        detail = _detail_of(await response.content.read(64 * 1024)) or response.reason or ""
        return f"{where} answers {response.status}: {printable(detail)[:_SHOWN]}"

    def _checked(self, document: Any) -> Document:
        try:
            _EVENT.validate_json(json.dumps(document))
        except ValidationError as error:
            raise self._odd(_first_of(error)) from None
        checked: Document = document
        return checked

    def _odd(self, why: str) -> AlarmbridgeError:
        return AlarmbridgeError(
            f"{self._daemon.url} answers what alarmbridge {__version__} does not: "
            f"{printable(why)[:_SHOWN]}. Is it one, and of the same version?"
        )

    def _unreachable(self, error: Exception) -> AlarmbridgeError:
        why = printable(str(error) or "no answer in time")[:_SHOWN]
        return AlarmbridgeError(f"{self._daemon.url} cannot be asked: {why}")


@asynccontextmanager
async def connected(daemon: Daemon) -> AsyncIterator[RemoteAnswers]:
    """Open connections to a daemon for as long as this lasts."""
    # Not by a proxy of the environment: a token is for the daemon alone.
    async with aiohttp.ClientSession(trust_env=False) as session:
        yield RemoteAnswers(session, daemon)


def _detail_of(body: bytes) -> str:
    """Say what a problem document (RFC 9457) has to say."""
    try:
        problem = json.loads(body)
        said = [problem.get("detail", ""), *(_mistake(one) for one in problem.get("errors", ()))]
        return "; ".join(str(one) for one in said if one)
    except (ValueError, AttributeError, TypeError, RecursionError):
        return ""


def _mistake(error: Any) -> str:
    return f"{error.get('parameter', error.get('pointer', ''))}: {error.get('detail', '')}"


def _first_of(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'the whole'}: {first['msg']}"


def _is_here(url: URL) -> bool:
    try:
        return url.host == "localhost" or ip_address(url.host or "").is_loopback
    except ValueError:
        return False
