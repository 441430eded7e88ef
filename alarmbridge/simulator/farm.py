"""A farm: many simulated devices behind real sockets, in one process."""

import asyncio
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from random import Random
from types import TracebackType
from typing import Literal, Self
from urllib.parse import parse_qsl, unquote

from aiohttp import web

from alarmbridge.simulator.bodies import Identity
from alarmbridge.simulator.device import Device
from alarmbridge.simulator.faults import Drop
from alarmbridge.simulator.habits import Habits
from alarmbridge.simulator.intake import take_in
from alarmbridge.simulator.login import Level, Login
from alarmbridge.simulator.misdeed import misbehave, plain
from alarmbridge.simulator.model import Mediant
from alarmbridge.simulator.player import Player
from alarmbridge.simulator.steps import Step

Addressing = Literal["ports", "addresses"]
HabitsFor = Callable[[Random], Habits]

_LOOPBACK = ipaddress.IPv4Address("127.1.0.0")
_BACKLOG = 4096
_NO_QUERY: Mapping[str, str] = {}


def make_device(
    name: str,
    number: int,
    *,
    seed: int = 0,
    now: float = 0.0,
    login: Login,
    habits: Habits | HabitsFor | None = None,
    tokens: bool = False,
) -> Device:
    """Make the device of a farm that has this number, without a socket; see `Farm`."""
    dice = Random(f"{seed}/{name}/identity")
    identity = Identity(
        address=f"10.4.{number // 250}.{number % 250 + 1}",
        serial_number=str(dice.randrange(10**14, 10**15)),
        mac_address=f"00908f{dice.randrange(16**6):06x}",
        product=dice.choice(("Mediant SW", "Mediant VE SBC", "Mediant 800C", "Mediant 4000B")),
    )
    own = habits(dice) if callable(habits) else habits
    model = Mediant(name, seed=seed, now=now, identity=identity, habits=own, tokens=tokens)
    return Device(model, login)


class Farm:
    """Devices `sim-1`, `sim-2`, … and the sockets on which they answer.

    count: how many; or names: theirs. seed: of everything that is drawn. habits: the same for
    all, or drawn for each (`draw_habits`). tokens: see `Chronicle`. username, password, level: of
    every device.
    addressing: "ports" gives each device a port of its own on `host`, from `port` upwards, or any
    free ones; "addresses" gives all one port and each a loopback address of its own, 127.1.0.1,
    127.1.0.2, … (Linux). ssl_context: serve https. clock: UTC seconds.
    """

    def __init__(
        self,
        count: int = 3,
        *,
        names: Sequence[str] | None = None,
        seed: int = 0,
        habits: Habits | HabitsFor | None = None,
        tokens: bool = False,
        username: str = "monitor",
        password: str = "alarmbridge",  # noqa: S107 - a simulated device guards nothing
        level: Level = "admin",
        addressing: Addressing = "ports",
        host: str = "127.0.0.1",
        port: int = 0,
        ssl_context: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.clock = clock
        self._addressing = addressing
        self._host = host
        self._port = port
        self._ssl = ssl_context
        self._runner: web.ServerRunner | None = None
        self._sites: dict[str, web.SockSite] = {}
        self._addresses: dict[str, tuple[str, int]] = {}
        self._called: dict[int | str, Device] = {}
        self.devices: dict[str, Device] = {
            name: make_device(
                name,
                number,
                seed=seed,
                now=clock(),
                login=Login(username, password, level=level),
                habits=habits,
                tokens=tokens,
            )
            for number, name in enumerate(names or [f"sim-{n + 1}" for n in range(count)])
        }

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

    def url(self, name: str) -> str:
        """Tell a device's base URL, once the farm has started; it has no path."""
        host, port = self._addresses[name]
        return f"{'https' if self._ssl else 'http'}://{host}:{port}"

    async def start(self) -> None:
        """Open the sockets. OSError: a port is taken; those that were opened are closed again."""
        # Otherwise a silence would outlive the client that gave it up, and stopping would wait.
        server = web.Server(self._handle, handler_cancellation=True, access_log=None)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.05)
        await self._runner.setup()
        try:
            await self._open_all()
        except OSError:
            await self.aclose()
            raise

    async def aclose(self) -> None:
        """Close everything at once, whatever is still being answered."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def refuse(self, name: str) -> None:
        """Have a device's port closed, so that connecting is refused, until `accept`.

        Where all share one port only the connections are cut.
        """
        self.devices[name].faults.add(Drop())
        site = self._sites.pop(name, None)
        if site is not None:
            await site.stop()

    async def accept(self, name: str) -> None:
        """Undo `refuse`: the same port is open again."""
        self.devices[name].faults.lift(Drop)
        if self._addressing == "ports" and name not in self._sites:
            await self._open(name, self._addresses[name][1])

    async def play(self, steps: Iterable[Step]) -> None:
        """Carry a script out in real time, from now on; returns when it ends, if it does."""
        player = Player(self.devices)
        started = time.monotonic()
        for step in steps:
            wait = started + step.at - time.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
            player.apply(step, self.clock())

    async def _open_all(self) -> None:
        if self._addressing == "addresses":
            await self._open_one_for_all()
            return
        for index, name in enumerate(self.devices):
            await self._open(name, self._port + index if self._port else 0)

    async def _open(self, name: str, port: int) -> None:
        listening = _listen(self._host, port)
        await self._serve(name, listening)
        port = listening.getsockname()[1]
        self._addresses[name] = (self._host, port)
        self._called[port] = self.devices[name]

    async def _open_one_for_all(self) -> None:
        # All interfaces, because no single socket takes 127.0.0.0/8 alone; who calls from outside
        # calls on an address that is no device's, and gets nothing.
        listening = _listen("0.0.0.0", self._port)  # noqa: S104 - see above
        port = listening.getsockname()[1]
        for number, (name, device) in enumerate(self.devices.items(), start=1):
            address = str(_LOOPBACK + number)
            self._addresses[name] = (address, port)
            self._called[address] = device
        await self._serve("", listening)

    async def _serve(self, name: str, listening: socket.socket) -> None:
        if self._runner is None:
            raise ValueError("the farm has not started")
        site = web.SockSite(self._runner, listening, ssl_context=self._ssl, backlog=_BACKLOG)
        await site.start()
        self._sites[name] = site

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        device = self._device_called(request)
        if device is None:
            return web.Response(status=421)
        device.counters.enter()
        try:
            return await self._answer(device, request)
        finally:
            device.counters.leave()

    def _device_called(self, request: web.BaseRequest) -> Device | None:
        if request.transport is None:
            return None
        address, port = request.transport.get_extra_info("sockname")[:2]
        return self._called.get(port if self._addressing == "ports" else address)

    async def _answer(self, device: Device, request: web.BaseRequest) -> web.StreamResponse:
        body = None if request.method == "GET" else await take_in(request)
        path, _, query = request.raw_path.partition("?")
        reply = device.handle(
            unquote(path) if "%" in path else path,
            dict(parse_qsl(query, keep_blank_values=True)) if query else _NO_QUERY,
            self.clock(),
            method=request.method,
            authorization=request.headers.get("Authorization"),
            accept=request.headers.get("Accept", "*/*"),
            body=body,
        )
        return plain(reply.answer) if reply.fault is None else await misbehave(request, reply)


def _listen(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    return listening
