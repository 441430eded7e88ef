"""`/api/v2`: the routes of Alertmanager's API that read, and those of silences."""

import json
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus

from aiohttp import web

from alarmbridge import __version__
from alarmbridge.core.labels import STANDING_LABELS, label_name
from alarmbridge.core.payload import format_instant
from alarmbridge.core.silence import Silence
from alarmbridge.recurrence import Calendar
from alarmbridge.store.archive import Archive
from alarmbridge.store.devices import list_devices
from alarmbridge.store.page import MOST
from alarmbridge.store.silences import silences_shown
from alarmbridge.web.access import Guard, Person
from alarmbridge.web.alertmanager.alert_lists import AlertLists, read_question
from alarmbridge.web.alertmanager.alerts import RECEIVER
from alarmbridge.web.alertmanager.matchers import BadMatcher, Matcher, fit_all, parse_matcher
from alarmbridge.web.alertmanager.silences import read_silence, silence_as_json
from alarmbridge.web.alertmanager.translation import matchers_of
from alarmbridge.web.operations import JSON
from alarmbridge.web.pieces import answer_pieces
from alarmbridge.web.problems import RequestRefused
from alarmbridge.web.questions import read_object
from alarmbridge.web.silence_book import NewSilence, SilenceBook

_API = "/api/v2"
_SHOWN_FOR = timedelta(days=5)
"""How long silences that have ended are listed, as an Alertmanager keeps them; MOST at most."""
_BY = re.compile(r"( \(by [^()]*\))+\Z")
_UNCHANGED = {"POST": HTTPStatus.BAD_REQUEST, "DELETE": HTTPStatus.INTERNAL_SERVER_ERROR}
_CONFIG = f"route:\n  receiver: {RECEIVER}\nreceivers:\n- name: {RECEIVER}\n"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Alertmanager:
    """Answers as an Alertmanager. book: adds and ends our silences. now: the clock."""

    def __init__(
        self,
        *,
        archive: Archive,
        calendar: Calendar,
        book: SilenceBook,
        guard: Guard,
        now: Callable[[], datetime],
    ) -> None:
        self._archive = archive
        self._lists = AlertLists(archive=archive, calendar=calendar, now=now)
        self._book = book
        self._guard = guard
        self._now = now
        self._began = now()

    def routes(self) -> list[web.RouteDef]:
        """List what this answers."""
        return [
            web.get("/-/healthy", self._well),
            web.get("/-/ready", self._well),
            web.get(f"{_API}/status", self._status),
            web.get(f"{_API}/receivers", self._receivers),
            web.get(f"{_API}/alerts", _told(self._alerts)),
            web.get(f"{_API}/alerts/groups", _told(self._groups)),
            web.get(f"{_API}/silences", _told(self._list)),
            web.post(f"{_API}/silences", _told(self._add)),
            web.get(f"{_API}/silence/{{id:.+}}", _told(self._show)),
            web.delete(f"{_API}/silence/{{id:.+}}", _told(self._expire)),
        ]

    async def _well(self, _: web.Request) -> web.Response:
        return web.Response(text="OK")

    async def _status(self, _: web.Request) -> web.Response:
        version = dict.fromkeys(("revision", "branch", "buildUser", "buildDate", "goVersion"), "")
        return web.json_response(
            {
                "cluster": {"status": "disabled", "peers": []},
                "versionInfo": {"version": __version__, **version},
                "config": {"original": _CONFIG},
                "uptime": format_instant(self._began),
            }
        )

    async def _receivers(self, _: web.Request) -> web.Response:
        return web.json_response([{"name": RECEIVER}])

    async def _alerts(self, request: web.Request) -> web.StreamResponse:
        pieces = self._lists.write(read_question(request))
        return await answer_pieces(request, pieces, JSON)

    async def _groups(self, request: web.Request) -> web.StreamResponse:
        pieces = self._lists.write_groups(read_question(request))
        return await answer_pieces(request, pieces, JSON)

    async def _list(self, request: web.Request) -> web.Response:
        now = self._now()
        matchers = [parse_matcher(text) for text in request.query.getall("filter", ())]
        async with self._archive.read() as tx:
            kept = await silences_shown(tx, now, since=now - _SHOWN_FOR, limit=MOST)
        listed = [*self._book.configured(now), *kept]
        return web.json_response(
            [silence_as_json(one, now=now) for one in listed if _covers(one, matchers)]
        )

    async def _add(self, request: web.Request) -> web.Response:
        person, now = self._guard.require(request), self._now()
        body = await read_object(request)
        async with self._archive.read() as tx:
            tags = {label_name(key) for one in await list_devices(tx) for key in one.tags}
        asked = read_silence(body, known=STANDING_LABELS | tags, now=now)
        previous = await self._book.find(asked.replaces, now) if asked.replaces else None
        new = NewSilence(
            match=asked.match,
            starts_at=asked.starts_at,
            ends_at=asked.ends_at,
            comment=asked.comment,
            author=self._author(asked.author, person),
        )
        added = await self._book.add(new, who=person.name, now=now, instead_of=previous)
        return web.json_response({"silenceID": added.id})

    def _author(self, said: str, person: Person) -> str:
        """Keep what a tool says of who asks, so that it cannot pass for somebody else.

        What was added to it before goes, where it comes back with a silence that is edited.
        """
        if self._guard.open:
            return said or person.name
        said = re.sub(_BY, "", said)
        return said if said == person.name else f"{said} (by {person.name})".strip()

    async def _show(self, request: web.Request) -> web.Response:
        now = self._now()
        found = await self._book.find(request.match_info["id"], now)
        return web.json_response(silence_as_json(found, now=now))

    async def _expire(self, request: web.Request) -> web.Response:
        person = self._guard.require(request)
        silence_id = request.match_info["id"]
        await self._book.expire(silence_id, who=person.name, now=self._now())
        return web.Response()


def _told(handler: Handler) -> Handler:
    """Answer what goes wrong as an Alertmanager does: a JSON text."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except BadMatcher as error:
            status, words = HTTPStatus.BAD_REQUEST, str(error)
        except RequestRefused as refused:
            status, words = refused.status, str(refused) or refused.status.phrase
            if status is HTTPStatus.CONFLICT:
                # Of no other answer that there could be do its clients show the words.
                status = _UNCHANGED[request.method]
        return web.Response(text=json.dumps(words), status=status, content_type=JSON)

    return handle


def _covers(one: Silence, matchers: Sequence[Matcher]) -> bool:
    """Say whether a silence has a matcher of the same label and value for each."""
    own = {each.name: each.value for each in matchers_of(one.match)}
    return fit_all(matchers, own)
