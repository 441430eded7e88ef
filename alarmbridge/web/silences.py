"""`/api/v1/silences`: what is silenced, silencing something, and ending that."""

from collections.abc import Callable, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from pydantic import Field

from alarmbridge.core.silence import Silence, silence_as_json
from alarmbridge.store.archive import Archive
from alarmbridge.store.page import Page as StoredPage
from alarmbridge.store.silences import list_silences
from alarmbridge.store.transaction import Transaction
from alarmbridge.web.operations import API, Asked, Operation, Reply
from alarmbridge.web.outside import outside_of
from alarmbridge.web.parameters import Flag, Paged
from alarmbridge.web.questions import Question
from alarmbridge.web.shapes import Page, SilenceShape
from alarmbridge.web.silence_book import NO_SILENCE, SilenceBook
from alarmbridge.web.silence_request import AskedSilence

_PATH = f"{API}/silences"
# An id of the configuration has slashes in it.
_ONE = f"{_PATH}/{{id:.+}}"
_PARTS = {"id": "Its id, as lists say it."}


class SilenceListQuery(Paged):
    """Asks for a page of silences."""

    all: Annotated[Flag, Field(description="Also those that have ended.")] = False

    async def load(
        self, tx: Transaction, configured: Sequence[Silence], *, now: datetime
    ) -> StoredPage[Silence]:
        """Load it, those of the configuration first; raises BadCursor."""
        return await list_silences(
            tx,
            now=now,
            configured=configured,
            include_ended=self.all,
            limit=self.limit,
            after=self.after,
        )


class Silences:
    """The archive's silences, and those of the configuration to look at. now: the clock."""

    topic = "silences"

    def __init__(self, book: SilenceBook, *, archive: Archive, now: Callable[[], datetime]) -> None:
        self._book = book
        self._archive = archive
        self._now = now

    def operations(self) -> list[Operation]:
        """List what can be asked."""
        return [
            Operation(
                path=_PATH,
                handler=self._list,
                name="list_silences",
                summary="List silences in force or to come",
                about="Those of the configuration come first, in the order in which they begin.",
                query=SilenceListQuery,
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
                problems={HTTPStatus.NOT_FOUND: NO_SILENCE},
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
                    HTTPStatus.NOT_FOUND: NO_SILENCE,
                    HTTPStatus.CONFLICT: "It stands in the configuration, or is over already.",
                },
            ),
        ]

    async def _list(self, asked: Asked[SilenceListQuery, None]) -> object:
        query, now = asked.query, self._now()
        async with self._archive.read() as tx:
            page = await query.load(tx, self._book.configured(now), now=now)
        return {
            "items": [silence_as_json(one, now=now) for one in page.items],
            "next": page.next,
        }

    async def _add(self, asked: Asked[Question, AskedSilence]) -> object:
        now, who = self._now(), asked.person.name
        added = await self._book.add(asked.body.settle(author=who, now=now), who=who, now=now)
        place = outside_of(asked.request).link(f"{_PATH}/{added.id}")
        return Reply(silence_as_json(added, now=now), {"Location": place})

    async def _show(self, asked: Asked[Question, None]) -> object:
        now = self._now()
        return silence_as_json(await self._book.find(asked.part(), now), now=now)

    async def _expire(self, asked: Asked[Question, None]) -> object:
        await self._book.expire(asked.part(), who=asked.person.name, now=self._now())
        return None
