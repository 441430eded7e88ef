"""The site: every part of it, put together from what the daemon hands in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from alarmbridge.recurrence import Calendar
from alarmbridge.store.archive import Archive
from alarmbridge.telemetry.metrics import Metrics
from alarmbridge.web.access import Guard, Token
from alarmbridge.web.actions import Actions
from alarmbridge.web.alarms import Alarms
from alarmbridge.web.alertmanager.api import Alertmanager
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
from alarmbridge.web.pages.active import Active
from alarmbridge.web.pages.alarm import AlarmPage
from alarmbridge.web.pages.archive import ArchivePage
from alarmbridge.web.pages.charts import Charts
from alarmbridge.web.pages.deliveries import DeliveriesPage
from alarmbridge.web.pages.devices import DevicePages
from alarmbridge.web.pages.failures import Failures
from alarmbridge.web.pages.login import Login
from alarmbridge.web.pages.page import Desk
from alarmbridge.web.pages.renderer import Renderer
from alarmbridge.web.pages.report import ReportPage
from alarmbridge.web.pages.silences import SilencesPage
from alarmbridge.web.pages.static import Static
from alarmbridge.web.pages.web_pages import WebPageLinks, WebPages
from alarmbridge.web.probes import Probes, Readiness
from alarmbridge.web.report import Reports
from alarmbridge.web.server import Part, WebServer
from alarmbridge.web.sessions import Sessions
from alarmbridge.web.silence_book import SilenceBook
from alarmbridge.web.silences import Silences
from alarmbridge.web.stream import Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """What the site shows and works with.

    now, monotonic: the clock. draw: gives bytes that nobody can guess. wake: called when
    something that was held may go. news: what streams tell. web_pages: of devices that have their
    own opened from here.
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
    web_pages: WebPages = field(default_factory=dict)


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
    renderer = Renderer(guard=guard, now=inside.now)
    book = SilenceBook(archive=inside.archive, calendar=inside.calendar, wake=inside.wake)
    reports = Reports(archive=inside.archive, now=inside.now)
    parts: list[Part] = [
        Probes(metrics=inside.metrics, readiness=inside.readiness, guard=guard),
        Api(_groups_of(inside, guard, book, reports), guard=guard),
        Live(inside.news, guard=guard, monotonic=inside.monotonic),
        Alertmanager(
            archive=inside.archive,
            calendar=inside.calendar,
            book=book,
            guard=guard,
            now=inside.now,
        ),
        Static(),
        Login(guard, seconds=int(door.session.total_seconds())),
        *_pages_of(inside, guard, renderer, book, reports),
    ]
    return WebServer(
        host=door.host,
        port=door.port,
        guard=guard,
        front=door.front,
        parts=parts,
        explain=Failures(renderer, guard).explain,
    )


def _pages_of(
    inside: Inside, guard: Guard, renderer: Renderer, book: SilenceBook, reports: Reports
) -> list[Part]:
    desk = Desk(
        archive=inside.archive,
        guard=guard,
        renderer=renderer,
        now=inside.now,
        wake=inside.wake,
        web_pages=frozenset(inside.web_pages),
    )
    return [
        Active(desk),
        ArchivePage(desk),
        AlarmPage(desk),
        DevicePages(desk),
        DeliveriesPage(desk),
        SilencesPage(desk, book),
        ReportPage(desk, reports),
        Charts(desk),
        WebPageLinks(desk, inside.web_pages),
    ]


def _groups_of(inside: Inside, guard: Guard, book: SilenceBook, reports: Reports) -> list[Group]:
    archive = inside.archive
    groups: list[Group] = [
        Alarms(archive=archive, now=inside.now),
        Exports(archive),
        Events(archive),
        Stream(archive, news=inside.news, guard=guard, monotonic=inside.monotonic),
        Devices(archive),
        Deliveries(archive=archive, now=inside.now, wake=inside.wake),
        Silences(book, archive=archive, now=inside.now),
        reports,
        Actions(archive),
    ]
    return [*groups, Description(groups)]
