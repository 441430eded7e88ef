"""The two probes and the metrics, as an HTTP server."""

import hashlib
import hmac
import logging
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web, web_response
from aiohttp.http import HttpProcessingError

from alarmbridge.core.errors import AlarmbridgeError
from alarmbridge.telemetry.metrics import Metrics

Readiness = Callable[[], Awaitable[list[str]]]
"""Says what is not well, one line each; nothing when all is."""

_OPEN = ("/healthz", "/readyz")
_log = logging.getLogger(__name__)


class WebServer:
    """Listens on one address until it is closed."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        metrics: Metrics,
        readiness: Readiness,
        tokens: Sequence[str] = (),
    ) -> None:
        self._host = host
        self._port = port
        self._metrics = metrics
        self._readiness = readiness
        # Only digests are kept, and all of them are compared, so that neither memory nor time
        # tells a token.
        self._digests = tuple(_digest(token) for token in tokens)
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen. Raises AlarmbridgeError when the address cannot be had."""
        app = web.Application(middlewares=[self._guard])
        # aiohttp would tell everybody its version and Python's, to be attacked by, and has no other
        # door for what it answers to those who speak no HTTP.
        web_response.SERVER_SOFTWARE = "alarmbridge"  # type: ignore[attr-defined]
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._show_metrics)
        self._runner = web.AppRunner(
            app, access_log=None, handle_signals=False, shutdown_timeout=2, logger=_log
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            where = f"{self._host}:{self._port}"
            raise AlarmbridgeError(
                f"api.listen: {where} cannot be used: {error.strerror or error}; is another "
                "alarmbridge running?"
            ) from error

    async def close(self) -> None:
        """Stop listening; answers under way get two seconds."""
        if self._runner is not None:
            await self._runner.cleanup()

    @web.middleware
    async def _guard(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        if self._digests and request.path not in _OPEN and not self._is_known(request):
            return web.Response(status=401, headers={"WWW-Authenticate": "Bearer"})
        return await handler(request)

    def _is_known(self, request: web.Request) -> bool:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        given = _digest(token.strip())
        matches = [hmac.compare_digest(given, digest) for digest in self._digests]
        return scheme.lower() == "bearer" and any(matches)

    async def _healthz(self, _: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def _readyz(self, request: web.Request) -> web.Response:
        unwell = await self._readiness()
        if not unwell:
            return web.Response(text="ready\n")
        # What is wrong names devices and sinks, which are nobody's business from outside.
        lines = unwell if not self._digests or self._is_known(request) else ["not ready"]
        return web.Response(status=503, text="".join(f"{line}\n" for line in lines))

    async def _show_metrics(self, _: web.Request) -> web.Response:
        return web.Response(
            body=self._metrics.render(),
            headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"},
        )


def _is_ours(record: logging.LogRecord) -> bool:
    # Otherwise anybody who speaks no HTTP, a scanner of ports for one, could fill the log.
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError)


_log.addFilter(_is_ours)


def _digest(token: str) -> bytes:
    # A header that is no UTF-8 comes as lone surrogates.
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()
