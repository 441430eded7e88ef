"""`/report`: how the alarms of a period are by ISA-18.2 and EEMUA 191, and what would help."""

from aiohttp import web

from alarmbridge.core.report_advice import Place
from alarmbridge.core.report_findings import Topic, Verdict
from alarmbridge.core.report_json import report_as_json
from alarmbridge.core.severity import Severity
from alarmbridge.web.pages.page import Desk
from alarmbridge.web.questions import read_filled
from alarmbridge.web.report import ReportQuestion, Reports

HEADINGS = {
    Topic.RATE: "How many alarms come?",
    Topic.FLOODS: "When were there more than anybody can follow?",
    Topic.FREQUENT: "Who makes the noise?",
    Topic.CHATTERING: "What is raised again and again?",
    Topic.FLEETING: "What is gone before anybody can act?",
    Topic.STANDING: "What stands for days?",
    Topic.SEVERITIES: "Does the urgent stand out?",
    Topic.ACKNOWLEDGED: "Does anybody look?",
    Topic.BLIND: "Where is the report blind?",
}
_PLACES = {
    Place.SINK: "Among the keys of a sink:",
    Place.PEOPLE: "Among the keys of a sink that people read (apprise):",
    Place.FILE: "In the file; add to the section where it has one:",
}
_SPANS = ("1d", "7d", "30d", "90d")
_HEIGHT = 120


class ReportPage:
    """The page of the report."""

    def __init__(self, desk: Desk, reports: Reports) -> None:
        self._desk = desk
        self._reports = reports

    def routes(self) -> list[web.RouteDef]:
        """List what this answers."""
        return [web.get("/report", self._show)]

    async def _show(self, request: web.Request) -> web.Response:
        person = self._desk.guard.require(request)
        question = read_filled(request, ReportQuestion)
        made = await self._reports.make(question)
        return self._desk.renderer.page(
            request,
            "report.html",
            person=person,
            question=question,
            length=request.query.get("for", ""),
            severities=list(Severity),
            spans=_SPANS,
            report=report_as_json(made),
            headings={topic.value: words for topic, words in HEADINGS.items()},
            places={place.value: words for place, words in _PLACES.items()},
            marks=_MARKS,
            busiest=max(made.days.values(), default=0),
            height=_HEIGHT,
        )


# Beside the words, for whoever sees colours and shapes sooner.
_MARKS = {Verdict.GOOD.value: "cleared", Verdict.LOOK.value: "minor", Verdict.BAD.value: "critical"}
