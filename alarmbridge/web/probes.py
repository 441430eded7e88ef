"""The two probes and the metrics."""

from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web

from alarmbridge.telemetry.metrics import Metrics
from alarmbridge.web.access import Guard

Readiness = Callable[[], Awaitable[list[str]]]
"""Says what is not well, one line each; nothing when all is."""

ALIVE = "/healthz"
OPEN = (ALIVE, "/readyz")
"""What answers whoever asks."""


class Probes:
    """Says how the daemon is."""

    def __init__(self, *, metrics: Metrics, readiness: Readiness, guard: Guard) -> None:
        self._metrics = metrics
        self._readiness = readiness
        self._guard = guard

    def routes(self) -> Sequence[web.RouteDef]:
        """List what this answers."""
        return (
            web.get(ALIVE, self._healthz),
            web.get("/readyz", self._readyz),
            web.get("/metrics", self._show_metrics),
        )

    async def _healthz(self, _: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def _readyz(self, request: web.Request) -> web.Response:
        unwell = await self._readiness()
        if not unwell:
            return web.Response(text="ready\n")
        # What is wrong names devices and sinks, which are nobody's business from outside.
        lines = unwell if self._guard.admits(request) else ["not ready"]
        return web.Response(status=503, text="".join(f"{line}\n" for line in lines))

    async def _show_metrics(self, request: web.Request) -> web.Response:
        body, media = self._metrics.render(request.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": media})
