"""The site: every part of it, put together from what the daemon hands in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alarmbridge.recurrence import Calendar
from alarmbridge.store.archive import Archive
from alarmbridge.telemetry.metrics import Metrics
from alarmbridge.web.access import Guard, Token
from alarmbridge.web.actions import Actions
from alarmbridge.web.alarms import Alarms
from alarmbridge.web.api import Api
from alarmbridge.web.attempts import Attempts
from alarmbridge.web.deliveries import Deliveries
from alarmbridge.web.description import Description
from alarmbridge.web.devices import Devices
from alarmbridge.web.events import Events
from alarmbridge.web.exports import Exports
from alarmbridge.web.live import Live
from alarmbridge.web.news import News
from alarmbridge.web.operations import Group
from alarmbridge.web.outside import Front
from alarmbridge.web.probes import Probes, Readiness
from alarmbridge.web.server import WebServer
from alarmbridge.web.sessions import Sessions
from alarmbridge.web.silences import Silences
from alarmbridge.web.stream import Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """What the site shows and works with.

    now, monotonic: the clock. draw: gives bytes that nobody can guess. wake: called when
    something that was held may go. news: what streams tell.
    """

    archive: Archive
    calendar: Calendar
    metrics: Metrics
    readiness: Readiness
    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    draw: Callable[[int], bytes]
    wake: Callable[[], None]
    news: News


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where the site listens, who may come in, and for how long a browser stays in."""

    host: str
    port: int
    tokens: Sequence[Token]
    front: Front
    session: timedelta


def make_server(door: Door, inside: Inside) -> WebServer:
    """Make the server of the whole site; it listens once it is started."""
    guard = Guard(
        door.tokens,
        sessions=Sessions(
            archive=inside.archive, now=inside.now, draw=inside.draw, lasts=door.session
        ),
        attempts=Attempts(inside.monotonic, count=inside.metrics.refused_logins.inc),
    )
    probes = Probes(metrics=inside.metrics, readiness=inside.readiness, guard=guard)
    api = Api(_groups_of(inside, guard), guard=guard)
    live = Live(inside.news, guard=guard, monotonic=inside.monotonic)
    return WebServer(
        host=door.host, port=door.port, guard=guard, front=door.front, parts=(probes, api, live)
    )


def _groups_of(inside: Inside, guard: Guard) -> list[Group]:
    archive = inside.archive
    groups: list[Group] = [
        Alarms(archive=archive, now=inside.now),
        Exports(archive),
        Events(archive),
        Stream(archive, news=inside.news, guard=guard, monotonic=inside.monotonic),
        Devices(archive),
        Deliveries(archive=archive, now=inside.now, wake=inside.wake),
        Silences(archive=archive, calendar=inside.calendar, now=inside.now, wake=inside.wake),
        Actions(archive),
    ]
    return [*groups, Description(groups)]
