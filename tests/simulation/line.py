"""The line to the devices: aiohttp's session as far as the real HttpTransport uses one."""

import asyncio
from collections.abc import Callable, Mapping

import aiohttp
from yarl import URL

from alarmbridge.simulator.device import Reply
from alarmbridge.simulator.faults import CutOff, Drip, Drop, Silence, Slow

from .device_world import DeviceWorld
from .loop import PROCESS

Tell = Callable[..., None]


class ModelSession:
    """Carries requests to the models, each with a delay before and after the answer is made."""

    def __init__(self, devices: Mapping[str, DeviceWorld], tell: Tell) -> None:
        self._devices = devices
        self._tell = tell

    async def request(
        self,
        method: str,
        url: URL,
        *,
        headers: Mapping[str, str],
        data: object,
        ssl: object,
        timeout: aiohttp.ClientTimeout,
        allow_redirects: bool,
    ) -> "ModelResponse":
        """Do what ClientSession.request does for a device of ours."""
        assert not allow_redirects, "no redirect may ever be followed"
        assert (method, data) == ("GET", None), "the daemon changes nothing on a device"
        del ssl
        world = self._devices[url.raw_host or ""]
        process = PROCESS.get()
        world.flying[process] += 1
        world.most_flying = max(world.most_flying, world.flying[process])
        loop = asyncio.get_running_loop()
        future: asyncio.Future[ModelResponse] = loop.create_future()
        out = world.plan.latency * (0.5 + world.dice.random())
        call = _Call(self._tell, world, url, headers["Authorization"], future, loop.time())
        loop.call_later(out, call.arrive, timeout.total or 1e9)
        try:
            return await future
        finally:
            world.flying[process] -= 1

    async def close(self) -> None:
        """Hold nothing."""


class _Call:
    __slots__ = ("_asked_at", "_authorization", "_future", "_tell", "_url", "_world")

    def __init__(
        self,
        tell: Tell,
        world: DeviceWorld,
        url: URL,
        authorization: str,
        future: "asyncio.Future[ModelResponse]",
        asked_at: float,
    ) -> None:
        self._tell = tell
        self._world = world
        self._url = url
        self._authorization = authorization
        self._future = future
        self._asked_at = asked_at

    def arrive(self, limit: float) -> None:
        """Have the device answer, and send the answer on its way."""
        if self._future.done():
            return
        loop, world, url = self._future.get_loop(), self._world, self._url
        now, path = loop.time(), url.raw_path
        query = dict(url.query) if url.raw_query_string else {}
        reply = world.handle(path, query, now, self._authorization)
        back = world.plan.latency * (0.5 + world.dice.random())
        outcome: ModelResponse | Exception
        delay, outcome = _carry(reply, back)
        self._tell("answer", world.name, path, reply.answer.status)
        if now + delay - self._asked_at > limit:
            delay, outcome = self._asked_at + limit - now, TimeoutError()
        elif reply.answer.status == 401:
            world.refusals.append((PROCESS.get(), self._asked_at, now + delay))
        loop.call_later(delay, self._settle, outcome)

    def _settle(self, outcome: "ModelResponse | Exception") -> None:
        if self._future.done():
            return
        if isinstance(outcome, Exception):
            self._future.set_exception(outcome)
        else:
            self._future.set_result(outcome)


def _carry(reply: Reply, back: float) -> "tuple[float, ModelResponse | Exception]":
    answer = ModelResponse(reply)
    match reply.fault:
        case None | CutOff():
            return back, answer
        case Slow(seconds=seconds):
            return back + seconds, answer
        case Drip(every=every):
            return back + every * len(reply.answer.body), answer
        case Silence():
            return 1e12, answer
        case Drop():
            return back, aiohttp.ServerDisconnectedError()
    raise AssertionError(f"no plan has {reply.fault}")


class ModelResponse:
    """What of a ClientResponse is looked at. Also its own stream: the body comes in one piece."""

    __slots__ = ("_cut", "_eof", "_reply", "headers", "status")

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self._cut = isinstance(reply.fault, CutOff)
        self._eof = False
        self.status = reply.answer.status
        self.headers = reply.answer.headers

    @property
    def content(self) -> "ModelResponse":
        """The stream of the body."""
        return self

    async def readany(self) -> bytes:
        """Give the body, or break in its middle."""
        if self._cut:
            raise aiohttp.ClientPayloadError
        self._eof = True
        return self._reply.answer.body

    def at_eof(self) -> bool:
        """Whether the body is over."""
        return self._eof

    def close(self) -> None:
        """Hold nothing."""
