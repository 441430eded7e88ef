"""`/api/v1/silences`: what is silenced, silencing something, and ending that."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, TypeVar

from aiohttp import web

from alarmbridge.core.filters import Match
from alarmbridge.core.instants import parse_instant
from alarmbridge.core.match_json import BadMatch, parse_match
from alarmbridge.core.silence import Place, Silence, parse_comment, place_of, silence_as_json
from alarmbridge.recurrence import Calendar
from alarmbridge.sinks.fields import parse_duration
from alarmbridge.store.archive import Archive
from alarmbridge.store.page import BadCursor, read_row_id
from alarmbridge.store.silences import (
    add_silence,
    expire_silence,
    fetch_silence,
    list_silences,
)
from alarmbridge.web.access import Guard
from alarmbridge.web.answers import answer
from alarmbridge.web.problems import BadRequest, Mistake, Refused
from alarmbridge.web.questions import Query, bad_cursor, read_object

_PATH = "/api/v1/silences"
_KEYS = ("match", "everything", "starts_at", "ends_at", "for", "comment")
_SHOWN = 40

T = TypeVar("T")


class Silences:
    """The archive's silences, and those of the configuration to look at.

    now: the clock. wake: called when something that was held may go.
    """

    def __init__(
        self,
        *,
        archive: Archive,
        calendar: Calendar,
        guard: Guard,
        now: Callable[[], datetime],
        wake: Callable[[], None],
    ) -> None:
        self._archive = archive
        self._calendar = calendar
        self._guard = guard
        self._now = now
        self._wake = wake

    def routes(self) -> list[web.RouteDef]:
        """List what this answers."""
        # An id of the configuration has slashes in it.
        one = f"{_PATH}/{{id:.+}}"
        return [
            web.get(_PATH, self._list),
            web.post(_PATH, self._add),
            web.get(one, self._show),
            web.delete(one, self._expire),
        ]

    async def _list(self, request: web.Request) -> web.Response:
        """List what is in force or to come; those of the configuration on the first page."""
        query = Query(request, ("all", "limit", "after"))
        ended, limit, after = query.flag("all"), query.limit(), query.cursor()
        query.check()
        now = self._now()
        try:
            async with self._archive.read() as tx:
                page = await list_silences(
                    tx, now=now, include_ended=ended, limit=limit, after=after
                )
        except BadCursor as error:
            raise bad_cursor(error) from None
        configured = () if after else self._calendar.coming(now)
        items = [silence_as_json(one, now=now) for one in (*configured, *page.items)]
        return answer({"items": items, "next": page.next})

    async def _add(self, request: web.Request) -> web.Response:
        Query(request, ()).check()
        person, now = self._guard.require(request), self._now()
        asked = parse_asked(await read_object(request), now=now)
        async with self._archive.begin() as tx:
            silence = await add_silence(
                tx,
                match=asked.match,
                starts_at=asked.starts_at,
                ends_at=asked.ends_at,
                comment=asked.comment,
                author=person.name,
                now=now,
            )
        return answer(
            silence_as_json(silence, now=now),
            status=HTTPStatus.CREATED,
            headers={"Location": f"{_PATH}/{silence.id}"},
        )

    async def _show(self, request: web.Request) -> web.Response:
        Query(request, ()).check()
        now, silence_id = self._now(), request.match_info["id"]
        return answer(silence_as_json(await self._find(silence_id, now), now=now))

    async def _expire(self, request: web.Request) -> web.Response:
        Query(request, ()).check()
        now, silence_id = self._now(), request.match_info["id"]
        silence = await self._find(silence_id, now)
        if silence.place is not Place.ARCHIVE:
            raise Refused(
                HTTPStatus.CONFLICT,
                f"{silence_id} stands in the configuration; it can be ended only there.",
            )
        async with self._archive.begin() as tx:
            ended = await expire_silence(tx, int(silence.id), now=now)
        if not ended:
            raise Refused(HTTPStatus.CONFLICT, f"Silence {silence.id} is over already.")
        self._wake()
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def _find(self, silence_id: str, now: datetime) -> Silence:
        found: Silence | None = None
        if place_of(silence_id) is not Place.ARCHIVE:
            known = (one for one in self._calendar.coming(now) if one.id == silence_id)
            found = next(known, None)
        elif (number := read_row_id(silence_id)) is not None:
            async with self._archive.read() as tx:
                found = await fetch_silence(tx, number)
        if found is None:
            raise Refused(HTTPStatus.NOT_FOUND, "There is no such silence.")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A silence as it is asked for."""

    match: Match
    starts_at: datetime
    ends_at: datetime
    comment: str


def parse_asked(body: Mapping[str, Any], *, now: datetime) -> Asked:
    """Read what is to be silenced; raises BadRequest with every mistake."""
    reader = _Reader(body, now)
    asked = reader.read()
    if reader.mistakes:
        raise BadRequest(reader.mistakes)
    return asked


class _Reader:
    def __init__(self, body: Mapping[str, Any], now: datetime) -> None:
        self._body = body
        self._now = now
        self.mistakes: list[Mistake] = []

    def read(self) -> Asked:
        for key in self._body:
            if key not in _KEYS:
                self._note(key, f"is no known key; there are: {', '.join(_KEYS)}")
        match = self._match()
        starts_at = self._moment("starts_at") or self._now
        return Asked(
            match=match,
            starts_at=starts_at,
            ends_at=self._end(starts_at),
            comment=self._text("comment", parse_comment) or "",
        )

    def _match(self) -> Match:
        everything = self._body.get("everything", False)
        if not isinstance(everything, bool):
            self._note("everything", "must be true or false")
        try:
            match = parse_match(self._body.get("match", {}))
        except BadMatch as bad:
            self.mistakes += [Mistake(("match", *path), words) for path, words in bad.mistakes]
            return Match()
        if match == Match() and everything is False:
            self._note("match", "is needed; to silence every alarm say everything: true")
        if match != Match() and everything is True:
            self._note("everything", "is true, and there is a match as well; leave out one of them")
        return match

    def _end(self, starts_at: datetime) -> datetime:
        if ("ends_at" in self._body) == ("for" in self._body):
            self._note("ends_at", "is needed, or for, and not both")
            return starts_at
        ends_at = self._moment("ends_at")
        length = self._text("for", parse_duration)
        if length is not None:
            ends_at = starts_at + length
        key = "for" if "for" in self._body else "ends_at"
        if ends_at is not None and ends_at <= max(starts_at, self._now):
            self._note(key, "must end after starts_at, and not in the past")
        return ends_at or starts_at

    def _moment(self, key: str) -> datetime | None:
        return self._text(key, parse_instant)

    def _text(self, key: str, parse: Callable[[str], T]) -> T | None:
        """Read a value that is text; None where there is none, or none that can be read."""
        if key not in self._body:
            return None
        value = self._body[key]
        try:
            if isinstance(value, str):
                return parse(value)
            self._note(key, "must be text")
        except ValueError as error:
            self._note(key, str(error))
        return None

    def _note(self, key: str, words: str) -> None:
        self.mistakes.append(Mistake((key[:_SHOWN],), words))
