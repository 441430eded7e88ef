"""The renderer: makes a page of a template, with all that every page has around it."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

from aiohttp import web

from alarmbridge.core.durations import in_two_units
from alarmbridge.web.access import Guard, Person
from alarmbridge.web.outside import outside_of
from alarmbridge.web.pages import moments, texts
from alarmbridge.web.pages.static import EDITION
from alarmbridge.web.templates import make_environment

NAVIGATION = (
    ("/", "Active"),
    ("/archive", "Archive"),
    ("/devices", "Devices"),
    ("/deliveries", "Deliveries"),
    ("/silences", "Silences"),
    ("/report", "Report"),
    ("/charts", "Charts"),
)
"""The pages that every page leads to."""

# Without `same-origin` a browser would send `Origin: null` with our own forms.
_HEADERS = {"Referrer-Policy": "same-origin", "Vary": "Cookie, Accept"}


class Renderer:
    """Makes pages. now: the clock."""

    def __init__(self, *, guard: Guard, now: Callable[[], datetime]) -> None:
        self._guard = guard
        self._now = now
        self._templates = make_environment("pages/templates")
        self._templates.filters |= {
            "short": texts.short,
            "whole": texts.whole,
            "utc": moments.utc,
            "machine": moments.machine,
            "span": in_two_units,
        }
        self._templates.tests["long"] = texts.is_long
        self._templates.globals["edition"] = EDITION

    def page(
        self,
        request: web.Request,
        template: str,
        *,
        status: HTTPStatus = HTTPStatus.OK,
        person: Person | None = None,
        **values: object,
    ) -> web.Response:
        """Answer a request with a page. person: who asks; values: what the template shows."""
        now, outside = self._now(), outside_of(request)

        def age(moment: datetime | str) -> str:
            at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
            return in_two_units(now - at)

        text = self._templates.get_template(template).render(
            link=outside.link,
            here=outside.inner(request.rel_url.path_qs),
            place=outside.inner(request.path),
            navigation=NAVIGATION,
            person=person,
            guarded=not self._guard.open,
            may_change=person is not None and person.may_change,
            now=now,
            age=age,
            **values,
        )
        return web.Response(text=text, status=status, content_type="text/html", headers=_HEADERS)
