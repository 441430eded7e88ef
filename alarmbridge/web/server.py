"""The HTTP server: listens, lets in who may, and answers what goes wrong."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from aiohttp import web, web_response
from aiohttp.http import HttpProcessingError

from alarmbridge.core.errors import AlarmbridgeError, StoreError
from alarmbridge.web.access import Guard
from alarmbridge.web.probes import OPEN
from alarmbridge.web.problems import Refused, answer_problem

_LARGEST_BODY = 64 * 1024
_log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Part(Protocol):
    """Some routes that belong together."""

    def routes(self) -> Sequence[web.RouteDef]:
        """List what this answers."""
        ...


class WebServer:
    """Listens on one address until it is closed."""

    def __init__(self, *, host: str, port: int, guard: Guard, parts: Sequence[Part]) -> None:
        self._host = host
        self._port = port
        self._guard = guard
        self._parts = tuple(parts)
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen. Raises AlarmbridgeError when the address cannot be had."""
        app = web.Application(middlewares=[self._let_in], client_max_size=_LARGEST_BODY)
        # aiohttp would tell everybody its version and Python's, to be attacked by, and has no other
        # door for what it answers to those who speak no HTTP.
        web_response.SERVER_SOFTWARE = "alarmbridge"  # type: ignore[attr-defined]
        for part in self._parts:
            app.router.add_routes(part.routes())
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
    async def _let_in(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            if request.path not in OPEN:
                self._guard.require(request)
            return await handler(request)
        except Refused as refused:
            return answer_problem(
                refused.status, str(refused), mistakes=refused.mistakes, headers=refused.headers
            )
        except web.HTTPException as error:
            # aiohttp's own: no such path, another method, too large a body.
            return _answer_for(error)
        except StoreError as error:
            return answer_problem(503, str(error))
        except (ConnectionError, web.PayloadAccessError, web.RequestPayloadError):
            # The asker has hung up before his body ended, or sent one that is none.
            return answer_problem(400)
        except Exception:  # noqa: BLE001 - a bug in one answer must not take the others with it
            _log.exception("%s %s failed; please report it", request.method, request.path)
            return answer_problem(500)


def _answer_for(error: web.HTTPException) -> web.Response:
    allow = error.headers.get("Allow")
    return answer_problem(error.status, headers={"Allow": allow} if allow else None)


def _is_ours(record: logging.LogRecord) -> bool:
    # Otherwise anybody who speaks no HTTP, a scanner of ports for one, could fill the log.
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError)


_log.addFilter(_is_ours)
