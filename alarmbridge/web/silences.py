"""`/api/v1/silences`: what is silenced, silencing something, and ending that."""

from collections.abc import Callable, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from pydantic import Field

from alarmbridge.core.silence import Place, Silence, place_of, silence_as_json
from alarmbridge.recurrence import Calendar
from alarmbridge.store.archive import Archive
from alarmbridge.store.operator_actions import end_silence, silence
from alarmbridge.store.page import read_row_id
from alarmbridge.store.silences import fetch_silence, list_silences
from alarmbridge.web.operations import API, Asked, Operation, Reply
from alarmbridge.web.outside import outside_of
from alarmbridge.web.parameters import Flag, Paged
from alarmbridge.web.problems import Refused
from alarmbridge.web.questions import Question
from alarmbridge.web.shapes import Page, SilenceShape
from alarmbridge.web.silence_request import AskedSilence

_PATH = f"{API}/silences"
# An id of the configuration has slashes in it.
_ONE = f"{_PATH}/{{id:.+}}"
_PARTS = {"id": "Its id, as lists say it."}
_NONE = "There is no such silence."


class SilencePage(Paged):
    """A page of silences."""

    all: Annotated[Flag, Field(description="Also those that have ended.")] = False


class Silences:
    """The archive's silences, and those of the configuration to look at.

    now: the clock. wake: called when something that was held may go.
    """

    topic = "silences"

    def __init__(
        self,
        *,
        archive: Archive,
        calendar: Calendar,
        now: Callable[[], datetime],
        wake: Callable[[], None],
    ) -> None:
        self._archive = archive
        self._calendar = calendar
        self._now = now
        self.wake = wake

    def operations(self) -> list[Operation]:
        """List what can be asked."""
        return [
            Operation(
                path=_PATH,
                handler=self._list,
                name="list_silences",
                summary="List silences in force or to come",
                about="Those of the configuration stand on the first page, before the others.",
                query=SilencePage,
                answer=Page[SilenceShape],
            ),
            Operation(
                method="POST",
                path=_PATH,
                handler=self._add,
                name="add_silence",
                summary="Silence alarms",
                about="They are kept; a clear still goes to who was told of its raise.",
                body=AskedSilence,
                answer=SilenceShape,
                status=HTTPStatus.CREATED,
                headers={"Location": "Where the silence is."},
            ),
            Operation(
                path=_ONE,
                handler=self._show,
                name="show_silence",
                summary="Show a silence",
                parts=_PARTS,
                answer=SilenceShape,
                problems={HTTPStatus.NOT_FOUND: _NONE},
            ),
            Operation(
                method="DELETE",
                path=_ONE,
                handler=self._expire,
                name="expire_silence",
                summary="End a silence",
                about="What waited for it is told, as far as it still stands.",
                parts=_PARTS,
                status=HTTPStatus.NO_CONTENT,
                problems={
                    HTTPStatus.NOT_FOUND: _NONE,
                    HTTPStatus.CONFLICT: "It stands in the configuration, or is over already.",
                },
            ),
        ]

    async def _list(self, asked: Asked[SilencePage, None]) -> object:
        query, now = asked.query, self._now()
        async with self._archive.read() as tx:
            page = await list_silences(
                tx, now=now, include_ended=query.all, limit=query.limit, after=query.after
            )
        configured = () if query.after else self.configured(now)
        items = [silence_as_json(one, now=now) for one in (*configured, *page.items)]
        return {"items": items, "next": page.next}

    def configured(self, now: datetime) -> Sequence[Silence]:
        """List those of the configuration that are in force or to come."""
        return self._calendar.coming(now)

    async def _add(self, asked: Asked[Question, AskedSilence]) -> object:
        now = self._now()
        added = await self.add(asked.body, who=asked.person.name, now=now)
        place = outside_of(asked.request).link(f"{_PATH}/{added.id}")
        return Reply(silence_as_json(added, now=now), {"Location": place})

    async def add(self, wanted: AskedSilence, *, who: str, now: datetime) -> Silence:
        """Silence what somebody asked for; raises BadRequest."""
        starts_at, ends_at = wanted.span(now)
        async with self._archive.begin() as tx:
            return await silence(
                tx,
                match=wanted.match,
                starts_at=starts_at,
                ends_at=ends_at,
                comment=wanted.comment,
                author=who,
                who=who,
                now=now,
            )

    async def _show(self, asked: Asked[Question, None]) -> object:
        now = self._now()
        return silence_as_json(await self.find(asked.part(), now), now=now)

    async def _expire(self, asked: Asked[Question, None]) -> object:
        await self.expire(asked.part(), who=asked.person.name, now=self._now())
        return None

    async def expire(self, silence_id: str, *, who: str, now: datetime) -> None:
        """End a silence; raises Refused where that cannot be."""
        found = await self.find(silence_id, now)
        check_place(found)
        async with self._archive.begin() as tx:
            ended = await end_silence(tx, int(found.id), who=who, now=now)
        if not ended:
            raise Refused(HTTPStatus.CONFLICT, f"Silence {found.id} is over already.")
        self.wake()

    async def find(self, silence_id: str, now: datetime) -> Silence:
        """Load a silence, wherever it stands; raises Refused where there is none."""
        found: Silence | None = None
        if place_of(silence_id) is not Place.ARCHIVE:
            known = (one for one in self._calendar.coming(now) if one.id == silence_id)
            found = next(known, None)
        elif (number := read_row_id(silence_id)) is not None:
            async with self._archive.read() as tx:
                found = await fetch_silence(tx, number)
        if found is None:
            raise Refused(HTTPStatus.NOT_FOUND, _NONE)
        return found


def check_place(silence: Silence) -> None:
    """Let a silence pass that can be ended here; raises Refused."""
    if silence.place is not Place.ARCHIVE:
        raise Refused(
            HTTPStatus.CONFLICT,
            f"{silence.id} stands in the configuration; it can be ended only there.",
        )
