"""The book of silences: those of the archive to add and end, those of the configuration to see."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from alarmbridge.core.filters import Match
from alarmbridge.core.silence import Place, Silence, place_of
from alarmbridge.recurrence import Calendar
from alarmbridge.store.archive import Archive
from alarmbridge.store.operator_actions import end_silence, silence
from alarmbridge.store.page import read_row_id
from alarmbridge.store.silences import fetch_silence
from alarmbridge.web.problems import RequestRefused

NO_SILENCE = "There is no such silence."


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSilence:
    """A silence that is to be added. author: whom it is said to be of."""

    match: Match
    starts_at: datetime
    ends_at: datetime
    comment: str
    author: str


class SilenceBook:
    """Adds, finds and ends silences. wake: called when something that was held may go."""

    def __init__(self, *, archive: Archive, calendar: Calendar, wake: Callable[[], None]) -> None:
        self._archive = archive
        self._calendar = calendar
        self._wake = wake

    def configured(self, now: datetime) -> Sequence[Silence]:
        """List those of the configuration that are in force or to come, in order of starts."""
        return self._calendar.coming(now)

    async def add(
        self, new: NewSilence, *, who: str, now: datetime, instead_of: Silence | None = None
    ) -> Silence:
        """Add a silence, and end the one that it takes the place of, both or neither.

        Otherwise what waits for that one would go out in between. who: who asks. Raises
        RequestRefused where that one cannot be ended here.
        """
        if instead_of is not None:
            _check_place(instead_of)
        async with self._archive.begin() as tx:
            if instead_of is not None:
                await end_silence(tx, int(instead_of.id), who=who, now=now)
            added = await silence(
                tx,
                match=new.match,
                starts_at=new.starts_at,
                ends_at=new.ends_at,
                comment=new.comment,
                author=new.author,
                who=who,
                now=now,
            )
        if instead_of is not None:
            self._wake()
        return added

    async def find(self, silence_id: str, now: datetime) -> Silence:
        """Load a silence, wherever it stands; raises RequestRefused where there is none."""
        found: Silence | None = None
        if place_of(silence_id) is not Place.ARCHIVE:
            known = (one for one in self._calendar.coming(now) if one.id == silence_id)
            found = next(known, None)
        elif (number := read_row_id(silence_id)) is not None:
            async with self._archive.read() as tx:
                found = await fetch_silence(tx, number)
        if found is None:
            raise RequestRefused(HTTPStatus.NOT_FOUND, NO_SILENCE)
        return found

    async def expire(self, silence_id: str, *, who: str, now: datetime) -> None:
        """End a silence; raises RequestRefused where that cannot be."""
        found = await self.find(silence_id, now)
        _check_place(found)
        async with self._archive.begin() as tx:
            ended = await end_silence(tx, int(found.id), who=who, now=now)
        if not ended:
            raise RequestRefused(HTTPStatus.CONFLICT, f"Silence {found.id} is over already.")
        self._wake()


def _check_place(found: Silence) -> None:
    if found.place is not Place.ARCHIVE:
        raise RequestRefused(
            HTTPStatus.CONFLICT,
            f"{found.id} stands in the configuration; it can be ended only there.",
        )
