"""Puts the parts together, starts them, and stops them in the right order."""

import asyncio
import gc
import logging
import signal
from contextlib import AsyncExitStack
from datetime import timedelta

from alarmbridge import __version__
from alarmbridge.core.errors import StoreError
from alarmbridge.mediant.client import AlarmsClient
from alarmbridge.mediant.http import HttpTransport
from alarmbridge.mediant.inspector import Inspector
from alarmbridge.mediant.network import HttpNetwork
from alarmbridge.runtime.census import Census
from alarmbridge.runtime.chores import (
    EndedSilences,
    Repeats,
    Retention,
    StatusKeeper,
    Sweep,
)
from alarmbridge.runtime.engine import Engine
from alarmbridge.runtime.gauges import show_all
from alarmbridge.runtime.life import Life
from alarmbridge.runtime.lookout import Lookout
from alarmbridge.runtime.loop import Stop
from alarmbridge.runtime.ports import Bell
from alarmbridge.runtime.registration import register
from alarmbridge.runtime.schedule import Schedule
from alarmbridge.runtime.watch.desk import Desk
from alarmbridge.runtime.watch.unwatched import end_unwatched
from alarmbridge.runtime.watch.watcher import Watcher
from alarmbridge.settings.models import ApiSettings, DeviceSettings, Settings
from alarmbridge.store.archive import Archive, open_archive
from alarmbridge.store.devices import DeviceEntry
from alarmbridge.store.lock import lock_database
from alarmbridge.store.schema import check, check_ready, upgrade
from alarmbridge.system import SystemClock, allow_many_connections, draw_secret, system_dice
from alarmbridge.telemetry.metrics import Metrics
from alarmbridge.translation import (
    access_of,
    calendar_of,
    destination_of,
    door_of,
    rounds_of,
    subscription_of,
    target_of,
    watched_on,
    web_page_of,
)
from alarmbridge.web.news import News
from alarmbridge.web.pages.web_pages import OpenPage
from alarmbridge.web.server import WebServer
from alarmbridge.web.site import Inside, make_server

_log = logging.getLogger(__name__)

_SWEEP_EVERY = timedelta(seconds=5)
_STATUS_EVERY = timedelta(minutes=15)
_REPEATS_EVERY = timedelta(seconds=20)
_ENDED_SILENCES_EVERY = timedelta(seconds=20)
_RETENTION_EVERY = timedelta(hours=1)
_COLLECT_AFTER = (10_000, 20, 20)


async def run(settings: Settings) -> None:
    """Run the daemon until SIGTERM or SIGINT.

    Raises ConfigError and StoreError when it cannot start, before any device is asked.
    """
    allow_many_connections()
    async with AsyncExitStack() as stack:
        stack.enter_context(lock_database(settings.database.location))
        await prepare_schema(settings)
        program = await Program.assemble(settings, stack)
        program.stop_on_signals()
        spare_the_collector()
        await program.run()


def spare_the_collector() -> None:
    """Have what was assembled left out of garbage collection, which then runs less often.

    Because it stays until the end, a thousand devices' parts among it: looking through it again
    and again took a quarter of a quiet poll's CPU.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)


async def prepare_schema(settings: Settings) -> None:
    """Bring the database to this program's schema where that is allowed, and check it."""
    if settings.database.may_upgrade:
        await upgrade(settings.database.location)
    await check(settings.database.location)


class Program:
    """All parts of one daemon."""

    def __init__(self, settings: Settings, archive: Archive, network: HttpNetwork) -> None:
        self._clock = SystemClock()
        self._dice = system_dice()
        self._metrics = Metrics()
        self._life = Life(clock=self._clock, metrics=self._metrics)
        self._archive = archive
        self._settings = settings
        self._calendar = calendar_of(settings)
        bell = Bell()
        self._news = News(archive, wake=bell.ring)
        self._lookout = Lookout(self._news, bell=bell, clock=self._clock)
        destinations = [(config, destination_of(config)) for config in settings.sinks]
        self._engine = Engine(
            [(to, subscription_of(config, to.sink)) for config, to in destinations],
            archive=archive,
            clock=self._clock,
            dice=self._dice,
            metrics=self._metrics,
            calendar=self._calendar.at,
            heard=bell.ring,
        )
        self._watchers: list[Watcher] = []
        self._web_pages: dict[str, OpenPage] = {}
        for device in settings.devices:
            self._follow(device, network)
        self._census = Census(
            self._engine.lanes, archive=archive, clock=self._clock, metrics=self._metrics
        )
        show_all(
            self._metrics,
            version=__version__,
            pollers=self._engine.pollers,
            lanes=self._engine.lanes,
            watchers=self._watchers,
            readers=lambda: self._news.listeners,
        )
        self._web = self._make_web_server(settings.api)

    @classmethod
    async def assemble(cls, settings: Settings, stack: AsyncExitStack) -> "Program":
        """Open what has to be open, in this order, so that it closes in the other."""
        archive = open_archive(settings.database.location)
        stack.push_async_callback(archive.dispose)
        network = HttpNetwork(SystemClock().monotonic)
        stack.push_async_callback(network.aclose)
        program = cls(settings, archive, network)
        await program._web.start()
        stack.push_async_callback(program._web.close)
        stack.callback(program._news.close)
        await program.register()
        return program

    @property
    def stop(self) -> Stop:
        """The wish to stop."""
        return self._life.stop

    async def register(self) -> None:
        """Tell the archive which devices are configured, and what is watched on them no longer."""
        entries = [
            DeviceEntry(name=device.name, url=device.url, tags=device.tags)
            for device in self._settings.devices
        ]
        now, devices = self._clock.now(), self._settings.devices
        await register(self._archive, self._engine.recorder, entries, now=now)
        await end_unwatched(
            self._archive,
            self._engine.recorder,
            {device.name: watched_on(device) for device in devices},
            facts={poller.name: poller.facts for poller in self._engine.pollers},
            now=now,
        )

    def stop_on_signals(self) -> None:
        """Take SIGTERM and SIGINT for the wish to stop."""
        loop = asyncio.get_running_loop()
        for wish in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(wish, self.stop.wish)

    async def run(self) -> None:
        """Run every loop until the wish to stop; see `Life.run`."""
        settings = self._settings
        schedule = Schedule(
            [
                (Sweep(self._engine.pollers, clock=self._clock), _SWEEP_EVERY),
                (StatusKeeper(self._engine.pollers, archive=self._archive), _STATUS_EVERY),
                (
                    Repeats(self._engine.lanes, archive=self._archive, clock=self._clock),
                    _REPEATS_EVERY,
                ),
                (
                    EndedSilences(
                        self._engine.lanes,
                        archive=self._archive,
                        clock=self._clock,
                        calendar=self._calendar.at,
                    ),
                    _ENDED_SILENCES_EVERY,
                ),
                (
                    Retention(
                        archive=self._archive,
                        clock=self._clock,
                        keep=settings.database.retention,
                        sinks=[config.name for config in settings.sinks],
                    ),
                    _RETENTION_EVERY,
                ),
            ],
            clock=self._clock,
            metrics=self._metrics,
        )
        _log.info(
            "alarmbridge %s: %d devices, %d sinks, listening on %s",
            __version__,
            len(self._engine.pollers),
            len(self._engine.lanes),
            settings.api.listen,
        )
        loops = (*self._engine.loops, *self._watchers, self._census, self._lookout, schedule)
        schedule.start()
        try:
            await self._life.run(loops, self._engine.lanes)
        finally:
            schedule.stop()
        _log.info("stopped")

    def _make_web_server(self, api: ApiSettings) -> WebServer:
        inside = Inside(
            archive=self._archive,
            calendar=self._calendar,
            metrics=self._metrics,
            readiness=self._find_unwell,
            now=self._clock.now,
            monotonic=self._clock.monotonic,
            draw=draw_secret,
            wake=self._engine.wake,
            news=self._news,
            web_pages=self._web_pages,
        )
        return make_server(door_of(api), inside)

    def _follow(self, device: DeviceSettings, network: HttpNetwork) -> None:
        """Make what follows a device, and what looks after it where that is switched on.

        Both ask over one line: what refuses the one's login, or is busy with it, does so for both.
        """
        line: HttpTransport
        if (web_pages := device.watch.web_pages) is None:
            line = network.open_line(access_of(device))
        else:
            line = full = network.open_full_line(access_of(device))
            self._web_pages[device.name] = web_page_of(
                device, web_pages, full, well=lambda: poller.health.well
            )
        desk = Desk(
            device=device.name,
            inspector=Inspector(device.name, line),
            archive=self._archive,
            recorder=self._engine.recorder,
            clock=self._clock,
            facts=lambda: poller.facts,
        )
        told = None
        if rounds := rounds_of(device, desk):
            watcher = Watcher(
                device.name,
                rounds,
                health=lambda: poller.health,
                clock=self._clock,
                dice=self._dice,
            )
            self._watchers.append(watcher)
            told = watcher.notice
        client = AlarmsClient(device.name, line)
        poller = self._engine.follow(target_of(device, dice=self._dice), client, told)

    async def _find_unwell(self) -> list[str]:
        unwell = self._life.unwell()
        try:
            await check_ready(self._archive)
        except StoreError as error:
            unwell.append(str(error))
        return unwell
