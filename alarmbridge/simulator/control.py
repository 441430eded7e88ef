"""The control surface: lets a person with curl, or another process, pull a farm's strings.

    GET  /control/devices                     every device: name, url, login, what stands
    GET  /control/devices/{name}              one of them
    GET  /control/devices/{name}/truth        its transitions; ?after=N for those past number N
    GET  /control/devices/{name}/counters     what was asked of it
    GET  /control/devices/{name}/files        what was uploaded to it last, and what it runs
    POST /control/devices/{name}/{verb}       do something to it; {name} may be `all`
    POST /control/play                        start a script, {"script": "storm", "alarms": 100}

The verbs and the JSON object that each takes are in `orders`. Errors are {"error": "…"}, with 404
for an unknown device or verb and 400 for whatever else cannot be done.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from alarmbridge.simulator.device import Device
from alarmbridge.simulator.farm import Farm
from alarmbridge.simulator.orders import Order, perform
from alarmbridge.simulator.script import SCRIPTS

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Control:
    """Serves one farm's strings on a port of its own; `url` has it once it has started."""

    def __init__(self, farm: Farm, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._farm = farm
        self._host = host
        self._port = port
        self._runner: web.AppRunner | None = None
        self._plays: set[asyncio.Task[None]] = set()
        self.url = ""

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def start(self) -> None:
        """Open the port. OSError: it is taken."""
        application = web.Application(middlewares=[_excuse])
        application.add_routes(
            [
                web.get("/control/devices", self._list),
                web.get("/control/devices/{name}", self._show),
                web.get("/control/devices/{name}/truth", self._truth),
                web.get("/control/devices/{name}/counters", self._counters),
                web.get("/control/devices/{name}/files", self._files),
                web.post("/control/devices/{name}/{verb}", self._order),
                web.post("/control/play", self._play),
            ]
        )
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.05)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        self.url = "http://{}:{}".format(*self._runner.addresses[0][:2])

    async def aclose(self) -> None:
        """Stop the scripts it started, and close the port."""
        for play in self._plays:
            play.cancel()
        await asyncio.gather(*self._plays, return_exceptions=True)
        if self._runner is not None:
            await self._runner.cleanup()

    async def _list(self, _: web.Request) -> web.Response:
        shown = [self._describe(device) for device in self._farm.devices.values()]
        return web.json_response({"devices": shown})

    async def _show(self, request: web.Request) -> web.Response:
        return web.json_response(self._describe(self._device(request)))

    async def _truth(self, request: web.Request) -> web.Response:
        after = int(request.query.get("after", "-1"))
        chronicle = self._device(request).model.chronicle
        shown = []
        for transition in chronicle.transitions[after + 1 :]:
            gone = chronicle.evictions.get(transition.number)
            shown.append({**asdict(transition), "evicted": asdict(gone) if gone else None})
        return web.json_response({"truth": shown, "epoch": chronicle.epoch})

    async def _counters(self, request: web.Request) -> web.Response:
        device = self._device(request)
        counters = device.counters
        return web.json_response(
            {
                "total": counters.total,
                "requests": dict(counters.requests),
                "unauthorized": counters.unauthorized,
                "unauthorized_at": list(counters.unauthorized_at),
                "wrong_logins": device.login.wrong,
                "lockouts": device.login.lockouts,
                "not_get": counters.not_get,
                "faults": dict(counters.faults),
                "in_flight": counters.in_flight,
                "max_in_flight": counters.max_in_flight,
            }
        )

    async def _files(self, request: web.Request) -> web.Response:
        model = self._device(request).model
        taken = {sort: asdict(upload) for sort, upload in model.box.files.uploads.items()}
        return web.json_response(
            {
                "uploads": taken,
                "version": model.identity.version,
                "save_needed": model.box.configuration.save_needed,
                "license": model.box.license.key,
            }
        )

    async def _order(self, request: web.Request) -> web.Response:
        name, verb = request.match_info["name"], request.match_info["verb"]
        body = await _object(request)
        names = list(self._farm.devices) if name == "all" else [self._device(request).name]
        answers = {each: await perform(verb, Order(self._farm, each, body)) for each in names}
        return web.json_response(answers if name == "all" else answers[name])

    async def _play(self, request: web.Request) -> web.Response:
        options = await _object(request)
        name = options.pop("script", None)
        if name not in SCRIPTS:
            raise ValueError(f"unknown script {name!r}; known are {', '.join(SCRIPTS)}")
        devices = options.pop("devices", list(self._farm.devices))
        if not set(devices) <= set(self._farm.devices):
            raise ValueError("devices must be a list of this farm's names")
        play = asyncio.create_task(self._farm.play(SCRIPTS[name](devices, **options)))
        self._plays.add(play)
        play.add_done_callback(self._plays.discard)
        return web.json_response({"playing": name})

    def _device(self, request: web.Request) -> Device:
        name = request.match_info["name"]
        if name not in self._farm.devices:
            raise LookupError(f"unknown device {name!r}")
        return self._farm.devices[name]

    def _describe(self, device: Device) -> dict[str, object]:
        model = device.model
        return {
            "name": device.name,
            "url": self._farm.url(device.name),
            "username": device.login.username,
            "password": device.login.password,
            "serial_number": model.identity.serial_number,
            "version": model.identity.version,
            "high_availability": model.identity.high_availability,
            "level": device.login.level,
            "epoch": model.chronicle.epoch,
            "active": model.active_count,
            "history": model.history_count,
            "standing": {number: asdict(last) for number, last in model.standing.items()},
            "faults": [type(fault).__name__ for fault in device.faults],
            "habits": asdict(model.habits),
        }


async def _object(request: web.Request) -> dict[str, Any]:
    text = await request.text()
    found = json.loads(text) if text.strip() else {}
    if not isinstance(found, dict):
        raise TypeError("the body must be a JSON object")
    return found


@web.middleware
async def _excuse(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Say a mistake of the asker in words instead of a stack trace."""
    try:
        return await handler(request)
    except KeyError as error:
        return web.json_response({"error": f"missing {error}"}, status=400)
    except LookupError as error:
        return web.json_response({"error": str(error)}, status=404)
    except (TypeError, ValueError) as error:
        return web.json_response({"error": str(error)}, status=400)
