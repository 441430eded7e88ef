"""`/openapi.json` and `/docs`: what the API can be asked, for programs and for people."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from aiohttp import web

from alarmbridge.web.openapi import Document, build_document
from alarmbridge.web.operations import Asked, Group, Operation
from alarmbridge.web.outside import outside_of
from alarmbridge.web.questions import Question
from alarmbridge.web.templates import make_environment

_HTML = "text/html"
_TEMPLATES = make_environment("documents")


class Description:
    """Describes groups of operations, itself among them. Fetches nothing from elsewhere."""

    topic = "description"

    def __init__(self, groups: Sequence[Group]) -> None:
        self._groups = (*groups, self)

    def operations(self) -> list[Operation]:
        """List what can be asked."""
        return [
            Operation(
                path="/openapi.json",
                handler=self._show,
                name="describe",
                summary="Describe this API for programs",
                about="OpenAPI 3.1.",
                answer=dict[str, Any],
            ),
            Operation(
                path="/docs",
                handler=self._show_to_people,
                name="explain",
                summary="Describe this API for people",
                media=_HTML,
            ),
        ]

    async def _show(self, asked: Asked[Question, None]) -> object:
        return self._document(asked.request)

    async def _show_to_people(self, asked: Asked[Question, None]) -> object:
        outside = outside_of(asked.request)
        page = _TEMPLATES.get_template("docs.html").render(
            document=self._document(asked.request), link=outside.link
        )
        return web.Response(text=page, content_type=_HTML)

    def _document(self, request: web.Request) -> Document:
        return self._built | {"servers": [{"url": outside_of(request).link("/")}]}

    @cached_property
    def _built(self) -> Document:
        """The document but for where it is asked for; made once."""
        return build_document(self._groups)
