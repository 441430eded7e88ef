"""`/charts`: how many alarms an hour, who raises most, and how long they stand unseen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field

from alarmbridge.core.severity import Severity
from alarmbridge.store.charts import noisiest_sources, raised_per_hour, time_in_states
from alarmbridge.web.pages.page import Desk
from alarmbridge.web.questions import Question, read_filled

_HOUR = timedelta(hours=1)
_SPANS = {"1d": timedelta(days=1), "3d": timedelta(days=3), "7d": timedelta(days=7)}
_HEIGHT = 200


class ChartsQuestion(Question):
    """Of which time the charts are."""

    span: Annotated[Literal["1d", "3d", "7d"], Field(description="So long until now.")] = "1d"


@dataclass(frozen=True, slots=True)
class Piece:
    """A severity's part of a column. top, height: in the units of the drawing."""

    severity: Severity
    top: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """An hour. counts: by severity, those that there were."""

    began: datetime
    total: int
    counts: Mapping[Severity, int]
    pieces: Sequence[Piece]


class Charts:
    """The page of charts."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.RouteDef]:
        """List what this answers."""
        return [web.get("/charts", self._show)]

    async def _show(self, request: web.Request) -> web.Response:
        person, now = self._desk.guard.require(request), self._desk.now()
        span = read_filled(request, ChartsQuestion).span
        until = now.replace(minute=0, second=0, microsecond=0) + _HOUR
        since = until - _SPANS[span]
        async with self._desk.archive.read() as tx:
            hours = await raised_per_hour(tx, since=since, until=until)
            noisy = await noisiest_sources(tx, since=since, until=until)
            spent = await time_in_states(tx, since=since, until=now)
        columns = columns_of(hours, since=since, until=until)
        states = (
            ("Nobody had acknowledged them", spent.unseen),
            ("Acknowledged", spent.acknowledged),
            ("Closed by an operator, and still active", spent.closed),
        )
        longest = max((length for _, length in states), default=timedelta(0))
        return self._desk.renderer.page(
            request,
            "charts.html",
            person=person,
            span=span,
            spans=list(_SPANS),
            columns=columns,
            highest=max((one.total for one in columns), default=0),
            height=_HEIGHT,
            severities=list(Severity),
            noisy=noisy,
            most=max((one.count for one in noisy), default=1),
            states=[(words, length, _share(length, longest)) for words, length in states],
        )


def columns_of(
    hours: Mapping[datetime, Mapping[Severity, int]], *, since: datetime, until: datetime
) -> list[Column]:
    """Lay out a column for each hour, the worst severity at the bottom."""
    highest = max((sum(counts.values()) for counts in hours.values()), default=0)
    columns = []
    began = since
    while began < until:
        counts = hours.get(began, {})
        columns.append(Column(began, sum(counts.values()), counts, _pieces(counts, highest)))
        began += _HOUR
    return columns


def _pieces(counts: Mapping[Severity, int], highest: int) -> list[Piece]:
    pieces, top = [], float(_HEIGHT)
    for severity in Severity:
        if number := counts.get(severity, 0):
            height = round(number / highest * _HEIGHT, 1)
            top = round(top - height, 1)
            pieces.append(Piece(severity, top, height))
    return pieces


def _share(length: timedelta, longest: timedelta) -> float:
    return round(length / longest * 100, 1) if longest else 0.0
