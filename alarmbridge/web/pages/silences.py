"""`/silences`: what is silenced, silencing something, and ending that."""

from collections.abc import Mapping

from aiohttp import web

from alarmbridge.core.severity import Severity
from alarmbridge.web.pages.forms import back_to, query_of, read_form
from alarmbridge.web.pages.page import Desk
from alarmbridge.web.questions import read_filled, read_keys
from alarmbridge.web.silence_book import SilenceBook
from alarmbridge.web.silence_request import AskedSilence
from alarmbridge.web.silences import SilenceListQuery

_LISTS = ("devices", "name", "source")


class SilencesPage:
    """The page of silences."""

    def __init__(self, desk: Desk, book: SilenceBook) -> None:
        self._desk = desk
        self._book = book

    def routes(self) -> list[web.RouteDef]:
        """List what this answers."""
        return [
            web.get("/silences", self._show),
            web.post("/silences", self._add),
            web.post("/silences/{id}/expire", self._expire),
        ]

    async def _show(self, request: web.Request) -> web.Response:
        person, now = self._desk.guard.require(request), self._desk.now()
        question = read_filled(request, SilenceListQuery)
        async with self._desk.archive.read() as tx:
            page = await question.load(tx, self._book.configured(now), now=now)
        older = query_of(question, after=page.next) if page.next else None
        return self._desk.renderer.page(
            request,
            "silences.html",
            person=person,
            question=question,
            severities=list(Severity),
            silences=page.items,
            older=older,
            given=request.query,
        )

    async def _add(self, request: web.Request) -> web.Response:
        person, form = self._desk.guard.require(request), await read_form(request)
        now, wanted = self._desk.now(), read_keys(AskedSilence, _keys_of(form))
        await self._book.add(wanted.settle(author=person.name, now=now), who=person.name, now=now)
        return back_to(request, "", "/silences")

    async def _expire(self, request: web.Request) -> web.Response:
        person = self._desk.guard.require(request)
        await read_form(request)
        silence_id = request.match_info["id"]
        await self._book.expire(silence_id, who=person.name, now=self._desk.now())
        return back_to(request, "", "/silences")


def _keys_of(form: Mapping[str, str]) -> dict[str, object]:
    """Say as the API does what a form's fields say: several globs are parted by commas."""
    match: dict[str, object] = {
        key: [part.strip() for part in form[key].split(",") if part.strip()]
        for key in _LISTS
        if form.get(key, "").strip()
    }
    if form.get("min_severity"):
        match["min_severity"] = form["min_severity"]
    keys: dict[str, object] = {
        "comment": form.get("comment", ""),
        "for": form.get("for", "").strip(),
    }
    if form.get("everything"):
        keys["everything"] = True
    return keys | ({"match": match} if match else {})
