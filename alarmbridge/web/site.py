"""The site: every part of it, put together from what the daemon hands in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from alarmbridge.recurrence import Calendar
from alarmbridge.store.archive import Archive
from alarmbridge.telemetry.metrics import Metrics
from alarmbridge.web.access import Guard
from alarmbridge.web.alarms import Alarms
from alarmbridge.web.api import Api
from alarmbridge.web.operations import Group
from alarmbridge.web.probes import Probes, Readiness
from alarmbridge.web.server import WebServer
from alarmbridge.web.silences import Silences


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """What the site shows and works with.

    now: the clock. wake: called when something that was held may go.
    """

    archive: Archive
    calendar: Calendar
    metrics: Metrics
    readiness: Readiness
    now: Callable[[], datetime]
    wake: Callable[[], None]


def make_server(*, host: str, port: int, guard: Guard, inside: Inside) -> WebServer:
    """Make the server of the whole site; it listens once it is started."""
    probes = Probes(metrics=inside.metrics, readiness=inside.readiness, guard=guard)
    silences = Silences(
        archive=inside.archive,
        calendar=inside.calendar,
        guard=guard,
        now=inside.now,
        wake=inside.wake,
    )
    api = Api(_groups_of(inside), guard=guard)
    return WebServer(host=host, port=port, guard=guard, parts=(probes, silences, api))


def _groups_of(inside: Inside) -> list[Group]:
    return [Alarms(archive=inside.archive, now=inside.now)]
