"""`/api/v1/report`: the report of a period by ISA-18.2 and EEMUA 191."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from alarmbridge.core.durations import parse_duration
from alarmbridge.core.report import Report, make_report
from alarmbridge.core.report_figures import LONGEST, SLOT, Period, period_of
from alarmbridge.core.report_json import report_as_json
from alarmbridge.core.severity import Severity
from alarmbridge.store.archive import Archive
from alarmbridge.store.report import load_figures
from alarmbridge.store.report_scope import ReportFilter
from alarmbridge.web.operations import API, Asked, Operation
from alarmbridge.web.parameters import Tags, Texts, Time, by_key
from alarmbridge.web.problems import BadRequest, Mistake
from alarmbridge.web.questions import Question
from alarmbridge.web.report_shapes import ReportShape

USUAL = timedelta(days=7)
"""How long a period is, unless another is asked for."""


def _read_length(text: object) -> timedelta:
    length = parse_duration(text)
    if not SLOT <= length <= LONGEST:
        raise ValueError(f"must be from 10m to {LONGEST.days}d")
    return length


Length = Annotated[
    timedelta,
    BeforeValidator(_read_length),
    WithJsonSchema({"type": "string", "pattern": "^[1-9][0-9]?d$"}),
]


class ReportQuestion(Question):
    """Which period, and of which alarms."""

    since: Annotated[Time | None, Field(description="From then on; usually a week ago.")] = None
    until: Annotated[Time | None, Field(description="Up to then; usually now.")] = None
    length: Annotated[
        Length | None,
        Field(alias="for", description="For so long, `30d`, in place of one of the two."),
    ] = None
    device: Annotated[Texts, Field(description="Of a device of this name.")] = ()
    tag: Annotated[
        Tags,
        Field(description="Of a device with this tag, `site:ams`; of several keys each must fit."),
    ] = ()
    min_severity: Annotated[Severity | None, Field(description="Of this or a worse one.")] = None

    def period(self, now: datetime) -> Period:
        """Say which period that is; raises BadRequest."""
        if self.since and self.until and self.length:
            raise BadRequest([Mistake("for", "is one too many beside since and until")])
        length = self.length or USUAL
        until = self.until or (self.since + length if self.since and self.length else now)
        since = self.since or until - length
        if not timedelta(0) < until - since <= LONGEST:
            name = "since" if self.since else "until"
            raise BadRequest(
                [Mistake(name, f"must be before the end, by {LONGEST.days}d at the most")]
            )
        return period_of(since, until)

    def as_filter(self) -> ReportFilter:
        """Say it as the store is asked."""
        return ReportFilter(
            devices=self.device, tags=by_key(self.tag), min_severity=self.min_severity
        )


class Reports:
    """Makes reports. now: the clock."""

    topic = "report"

    def __init__(self, *, archive: Archive, now: Callable[[], datetime]) -> None:
        self._archive = archive
        self._now = now
        # One at a time: each keeps one of the archive's few readers busy for seconds.
        self._turn = asyncio.Lock()

    def operations(self) -> list[Operation]:
        """List what can be asked."""
        return [
            Operation(
                path=f"{API}/report",
                handler=self._show,
                name="show_report",
                summary="Report on a period by ISA-18.2 and EEMUA 191",
                about="The period is widened to whole ten minutes of the clock (UTC).",
                query=ReportQuestion,
                answer=ReportShape,
            )
        ]

    async def make(self, question: ReportQuestion) -> Report:
        """Make the report that is asked for; raises BadRequest."""
        now = self._now()
        period = question.period(now)
        async with self._turn, self._archive.read() as tx:
            figures = await load_figures(tx, period, now=now, wanted=question.as_filter())
        return make_report(figures)

    async def _show(self, asked: Asked[ReportQuestion, None]) -> object:
        return report_as_json(await self.make(asked.query))
