"""`/`: what stands now, the worst first; and what keeps the bridge from seeing or telling more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from aiohttp import web

from alarmbridge.core.alarm import Alarm, Origin, State
from alarmbridge.core.operator import OperatorState
from alarmbridge.core.severity import Severity
from alarmbridge.store.alarm_filter import AlarmFilter
from alarmbridge.store.alarm_lists import list_alarms
from alarmbridge.store.alarms import active_bridge_alarms
from alarmbridge.store.census import count_active_by_severity
from alarmbridge.store.device_states import Overview, look_over
from alarmbridge.store.transaction import Transaction
from alarmbridge.web.alarm_questions import AlarmQuestion
from alarmbridge.web.pages.page import Desk
from alarmbridge.web.questions import read_filled

# So many rows are read at a look, and are soon drawn.
_MOST, _MOST_BLIND = 150, 20


@dataclass(frozen=True, slots=True)
class _Standing:
    """What the page shows. alarms: the worst first, of one severity the newest."""

    alarms: Sequence[Alarm]
    more: bool
    counts: Mapping[Severity, int]
    troubles: Sequence[Alarm]
    devices: Overview


class Active:
    """The first page."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.RouteDef]:
        """List what this answers."""
        return [web.get("/", self._show)]

    async def _show(self, request: web.Request) -> web.Response:
        person = self._desk.guard.require(request)
        question = read_filled(request, AlarmQuestion)
        standing = await self._load(question)
        return self._desk.renderer.page(
            request,
            "active.html",
            person=person,
            question=question,
            severities=list(Severity),
            open_alarms=[one for one in standing.alarms if not _is_closed(one)],
            closed_alarms=[one for one in standing.alarms if _is_closed(one)],
            more=standing.more,
            counts=standing.counts,
            total=sum(standing.counts.values()),
            troubles=standing.troubles,
            devices=standing.devices,
        )

    async def _load(self, question: AlarmQuestion) -> _Standing:
        asked = question.model_copy(update={"state": (State.ACTIVE,)})
        async with self._desk.archive.read() as tx:
            alarms, more = await _load_worst(tx, asked.as_filter())
            counts = await count_active_by_severity(tx)
            troubles = await active_bridge_alarms(tx)
            devices = await look_over(tx, limit=_MOST_BLIND)
        return _Standing(alarms, more, counts, troubles, devices)


async def _load_worst(tx: Transaction, wanted: AlarmFilter) -> tuple[list[Alarm], bool]:
    """Load the first alarms of the worst severities; tells whether there are more."""
    found: list[Alarm] = []
    for severity in sorted(wanted.all_severities or Severity, key=lambda one: -one.rank):
        one = replace(wanted, severities=(severity,), min_severity=None)
        page = await list_alarms(tx, one, limit=_MOST + 1 - len(found))
        found += page.items
        if len(found) > _MOST:
            return found[:_MOST], True
    return found, False


def _is_closed(alarm: Alarm) -> bool:
    return alarm.operator_state is OperatorState.CLOSED and alarm.origin is Origin.DEVICE
