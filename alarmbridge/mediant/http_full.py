"""The transport by which a device is also changed, and files are moved: for commands."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import hdrs

from alarmbridge.core.errors import (
    AlarmbridgeError,
    BadAnswer,
    ConfigError,
    DeviceError,
    Unreachable,
)
from alarmbridge.mediant.answers import OK, SUCCESSES
from alarmbridge.mediant.body import read_body
from alarmbridge.mediant.failures import may_have_arrived
from alarmbridge.mediant.form import Form
from alarmbridge.mediant.http import ANY_KIND, HttpTransport, Request
from alarmbridge.mediant.paths import STATUS
from alarmbridge.mediant.transport import NO_QUERY, Answer, Progress, Upload

# aiohttp repeats a PUT by itself when its connection dies, as HTTP allows for what it calls
# idempotent. Loading software twice is not that. 3.14.0 knows the method by its capitals alone,
# 3.14.5 knows it anyway, but repeats no body that cannot be given again (`_once`).
_PUT = "put"

_PATIENCE = 300.0
"""Seconds without a byte after which a transfer counts as broken; a device that has a whole file
may take minutes to check it before it answers."""

_WORK = 120.0
"""Seconds for what a device has to do before it answers: make a key, write its memory."""


class _Sending:
    """A file while it is sent: how much of it has gone, and what of it went wrong on our side.

    begun: there is a connection, and it goes.
    """

    def __init__(self, upload: Upload) -> None:
        self._upload = upload
        self._form = Form(upload)
        self._gone = 0
        self.begun = False
        self._mistake: ConfigError | None = None

    @property
    def headers(self) -> dict[str, str]:
        return {
            **ANY_KIND,
            hdrs.CONTENT_TYPE: self._form.content_type,
            hdrs.CONTENT_LENGTH: str(self._form.size),
        }

    @property
    def complete(self) -> bool:
        return self._gone == self._upload.size

    async def pieces(self, moved: Progress) -> AsyncIterator[bytes]:
        def sent(size: int) -> None:
            self._gone = size
            moved(size)

        self.begun = True
        try:
            async for piece in self._form.pieces(sent):
                yield piece
        except ConfigError as error:
            # aiohttp makes of it that the device is gone.
            self._mistake = error
            raise

    def trouble_behind(self, error: DeviceError, *, device: str) -> AlarmbridgeError:
        """Say what really happened, when all that is known is that the request failed."""
        if self._mistake is not None:
            return self._mistake
        if isinstance(error.__cause__, aiohttp.ClientConnectorError):
            return error
        if isinstance(error.__cause__, aiohttp.ClientOSError | aiohttp.ServerDisconnectedError):
            sizes = f"{self._gone} of {self._upload.size} bytes"
            words = f"{device} broke off after {sizes} had gone, without an answer"
            return Unreachable(words, perhaps_done=error.perhaps_done)
        return error


class FullHttpTransport(HttpTransport):
    """One device's line for commands; see `transport.FullTransport` for what it promises."""

    __slots__ = ()

    async def post(self, path: str, attributes: Mapping[str, object] | None = None) -> Answer:
        """Send attributes as JSON, or nothing at all; see `transport.FullTransport.post`."""
        return await self._say(hdrs.METH_POST, path, attributes)

    async def put(self, path: str, attributes: Mapping[str, object]) -> Answer:
        """Send attributes as JSON."""
        return await self._say(_PUT, path, attributes)

    async def upload(
        self,
        path: str,
        upload: Upload,
        query: Mapping[str, str] = NO_QUERY,
        *,
        progress: Progress | None = None,
    ) -> Answer:
        """Send a file; see `transport.FullTransport.upload`."""
        await self._prove()
        sending = _Sending(upload)
        async with self._watched(progress, sending) as moved:
            request = self._transfer(_PUT, sending.headers, sending.pieces(moved))
            try:
                answer = await self._send(path, query, request)
            except DeviceError as error:
                # Without its cause: aiohttp's errors hold the URL, and a key's password is in it.
                raise sending.trouble_behind(error, device=self._name) from None
        if answer.status in SUCCESSES and not sending.complete:
            words = f"{self._name} says that it is done, and has not taken the whole file"
            raise BadAnswer(words, perhaps_done=True)
        return answer

    async def download(
        self, path: str, write: Callable[[bytes], object], *, progress: Progress | None = None
    ) -> Answer:
        """Ask for a file; see `transport.FullTransport.download`."""
        await self._prove()
        async with self._watched(progress) as moved:

            async def take(response: aiohttp.ClientResponse, *, device: str) -> bytes:
                if response.status != OK:
                    return await read_body(response, device=device)
                if hdrs.CONTENT_ENCODING in response.headers:
                    raise BadAnswer(f"{device} sent {path} in an encoding that was not asked for")
                size = 0
                async for piece in response.content.iter_any():
                    await self._keep(write, piece)
                    size += len(piece)
                    moved(size)
                return b""

            request = self._transfer(hdrs.METH_GET, ANY_KIND, None, read=take)
            return await self._send(path, NO_QUERY, request)

    async def _keep(self, write: Callable[[bytes], object], piece: bytes) -> None:
        try:
            await asyncio.to_thread(write, piece)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise ConfigError([f"what {self._name} sends cannot be written: {reason}"]) from error

    async def _say(self, method: str, path: str, attributes: Mapping[str, object] | None) -> Answer:
        headers: dict[str, str] = dict(ANY_KIND)
        data = None
        if attributes is not None:
            headers[hdrs.CONTENT_TYPE] = "application/json"
            body = json.dumps(attributes, indent=2).encode("ascii")
            headers[hdrs.CONTENT_LENGTH] = str(len(body))
            data = _once(body)
        limit = max(self._timeout.total or 0.0, _WORK)
        request = Request(
            method=method,
            headers=headers,
            data=data,
            spare=True,
            timeout=aiohttp.ClientTimeout(total=limit, connect=self._timeout.total),
        )
        return await self._send(path, NO_QUERY, request)

    async def _open(self, target: str, request: Request) -> aiohttp.ClientResponse:
        try:
            return await super()._open(target, request)
        except DeviceError as error:
            error.perhaps_done = _is_change(request) and may_have_arrived(error.__cause__)
            raise

    async def _take(self, response: aiohttp.ClientResponse, path: str, request: Request) -> bytes:
        try:
            return await super()._take(response, path, request)
        except DeviceError as error:
            # A refusal stands, also where the rest of it is lost.
            error.perhaps_done = _is_change(request) and response.status in SUCCESSES
            raise

    async def _prove(self) -> None:
        """Have the credentials accepted, before a hundred megabytes go with a wrong password."""
        if not self._trusted:
            await self.get(STATUS)

    def _transfer(
        self,
        method: str,
        headers: Mapping[str, str],
        data: AsyncIterator[bytes] | None,
        read: Callable[..., Any] = read_body,
    ) -> Request:
        timeout = aiohttp.ClientTimeout(total=None, connect=self._timeout.total)
        return Request(
            method=method, headers=headers, data=data, read=read, spare=True, timeout=timeout
        )

    @asynccontextmanager
    async def _watched(
        self, progress: Progress | None, sending: _Sending | None = None
    ) -> AsyncIterator[Progress]:
        """Give a transfer up once nothing has moved for long; gives what is told that it does."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_PATIENCE) as limit:

                def moved(size: int) -> None:
                    limit.reschedule(loop.time() + _PATIENCE)
                    if progress is not None:
                        progress(size)

                yield moved
        except TimeoutError as error:
            words = f"{self._name} let nothing through for {_PATIENCE:g} s"
            perhaps_done = sending is not None and sending.begun
            raise Unreachable(words, perhaps_done=perhaps_done) from error


def _is_change(request: Request) -> bool:
    return request.method != hdrs.METH_GET


async def _once(body: bytes) -> AsyncIterator[bytes]:
    """Give a body that cannot be given again."""
    yield body
