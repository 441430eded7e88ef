"""`/`: what stands now, the worst first; and what keeps the bridge from seeing or telling more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from alarmbridge.core.alarm import Alarm, Origin, State
from alarmbridge.core.operator import OperatorState
from alarmbridge.core.severity import Severity
from alarmbridge.store.alarm_lists import list_alarms
from alarmbridge.store.alarms import active_bridge_alarms
from alarmbridge.store.census import count_active_by_severity
from alarmbridge.store.device_states import DeviceState, list_all_states
from alarmbridge.store.page import MOST
from alarmbridge.web.alarm_questions import AlarmQuestion
from alarmbridge.web.pages.page import Desk
from alarmbridge.web.questions import read_filled


@dataclass(frozen=True, slots=True)
class _Standing:
    """What the page shows. alarms: the worst first, of one severity the newest."""

    alarms: Sequence[Alarm]
    more: bool
    counts: Mapping[Severity, int]
    troubles: Sequence[Alarm]
    devices: Sequence[DeviceState]


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
        followed = [one for one in standing.devices if one.record.removed_at is None]
        read = [one.record.read_at for one in followed if one.record.read_at is not None]
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
            followed=len(followed),
            blind=[one for one in followed if one.blind is not None],
            read_at=max(read, default=None),
        )

    async def _load(self, question: AlarmQuestion) -> _Standing:
        asked = question.model_copy(update={"state": (State.ACTIVE,)})
        async with self._desk.archive.read() as tx:
            page = await list_alarms(tx, asked.as_filter(), limit=MOST)
            counts = await count_active_by_severity(tx)
            troubles = await active_bridge_alarms(tx)
            devices = await list_all_states(tx)
        worst_first = sorted(page.items, key=lambda one: -one.severity.rank)
        return _Standing(worst_first, page.next is not None, counts, troubles, devices)


def _is_closed(alarm: Alarm) -> bool:
    return alarm.operator_state is OperatorState.CLOSED and alarm.origin is Origin.DEVICE
