"""The HTTP server: listens, lets in who may, and answers what goes wrong."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Protocol

from aiohttp import web, web_response
from aiohttp.http import HttpProcessingError

from alarmbridge.core.errors import AlarmbridgeError, StoreError
from alarmbridge.store.page import BadCursor
from alarmbridge.web.access import Guard
from alarmbridge.web.headers import protect
from alarmbridge.web.outside import Front, outside_of, set_outside
from alarmbridge.web.probes import ALIVE, OPEN
from alarmbridge.web.problems import (
    BadRequest,
    Mistake,
    RequestRefused,
    answer_problem,
    answer_refusal,
)

LOGIN = "/login"
LOGOUT = "/logout"
"""Where somebody shows a token for a session, and where that ends: each looks after itself."""

_NOTHING_BEFORE = Front()
# Of a request, which holds all its parameters: of those that are repeated there may be many.
_LONGEST_LINE = 256 * 1024
_LARGEST_BODY = 64 * 1024
_log = logging.getLogger(__name__)

Explain = Callable[[web.Request, RequestRefused], web.StreamResponse]
"""Answers a request that is refused, in the form that whoever asks can read."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Part(Protocol):
    """Some routes that belong together."""

    def routes(self) -> Sequence[web.RouteDef]:
        """List what this answers."""
        ...


class WebServer:
    """Listens on one address until it is closed."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        guard: Guard,
        parts: Sequence[Part],
        front: Front = _NOTHING_BEFORE,
        explain: Explain = answer_refusal,
    ) -> None:
        self._host = host
        self.port = port
        self._guard = guard
        self._parts = tuple(parts)
        self._front = front
        self._explain = explain
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen. Raises AlarmbridgeError when the address cannot be had."""
        app = web.Application(middlewares=[self._let_in], client_max_size=_LARGEST_BODY)
        # aiohttp would tell everybody its version and Python's, to be attacked by, and has no other
        # door for what it answers to those who speak no HTTP.
        web_response.SERVER_SOFTWARE = "alarmbridge"  # type: ignore[attr-defined]
        for part in self._parts:
            routes = part.routes()
            app.router.add_routes(routes)
            if self._front.prefix:
                # A proxy may take the prefix off, or leave it.
                app.router.add_routes([_below(self._front.prefix, route) for route in routes])
        app.on_response_prepare.append(protect)
        self._runner = web.AppRunner(
            app,
            access_log=None,
            handle_signals=False,
            shutdown_timeout=2,
            logger=_log,
            max_line_size=_LONGEST_LINE,
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self.port)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            where = f"{self._host}:{self.port}"
            raise AlarmbridgeError(
                f"api.listen: {where} cannot be used: {error.strerror or error}; is another "
                "alarmbridge running?"
            ) from error

    async def close(self) -> None:
        """Stop listening; answers under way get two seconds."""
        if self._runner is not None:
            await self._runner.cleanup()

    @web.middleware
    async def _let_in(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        set_outside(request, self._front.see(request))
        try:
            return await self._answer(request, handler)
        except RequestRefused as refused:
            return self._explain(request, refused)
        except web.HTTPException as error:
            # aiohttp's own: no such path, another method, too large a body.
            return self._explain(request, _refusal_for(error))
        except StoreError as error:
            return self._explain(request, _refusal_of(error))
        except (ConnectionError, web.PayloadAccessError, web.RequestPayloadError):
            # The asker has hung up before his body ended, or sent one that is none.
            return answer_problem(400)
        except Exception:  # noqa: BLE001 - a bug in one answer must not take the others with it
            _log.exception("%s %s failed; please report it", request.method, request.path)
            return self._explain(request, RequestRefused(HTTPStatus.INTERNAL_SERVER_ERROR, ""))

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        path = outside_of(request).inner(request.path)
        if path == ALIVE:
            # The process lives, whatever has become of its archive.
            return await handler(request)
        try:
            await self._guard.identify(request)
        except (StoreError, RequestRefused):
            if path not in OPEN:
                raise
        if path not in {*OPEN, LOGIN, LOGOUT} or request.match_info.http_exception is not None:
            self._guard.require(request)
        return await handler(request)


def _below(prefix: str, route: web.RouteDef) -> web.RouteDef:
    return web.route(route.method, prefix + route.path, route.handler)


def _refusal_for(error: web.HTTPException) -> RequestRefused:
    allow = error.headers.get("Allow")
    return RequestRefused(HTTPStatus(error.status), "", headers={"Allow": allow} if allow else None)


def _refusal_of(error: StoreError) -> RequestRefused:
    """Tell a list that was asked to go on from nowhere from an archive that has failed."""
    if isinstance(error, BadCursor):
        return BadRequest([Mistake("after", str(error))])
    return RequestRefused(HTTPStatus.SERVICE_UNAVAILABLE, str(error))


def _is_ours(record: logging.LogRecord) -> bool:
    # Otherwise anybody who speaks no HTTP, a scanner of ports for one, could fill the log.
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError)


_log.addFilter(_is_ours)
