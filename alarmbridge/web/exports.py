"""`/api/v1/alarms.csv` and `.ndjson`: all alarms that are asked for, in one answer."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence

from aiohttp import web

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.csv_rows import csv_head, csv_rows
from alarmbridge.core.payload import listed_alarm_as_json
from alarmbridge.store.archive import Archive
from alarmbridge.store.export import export_alarms
from alarmbridge.store.page import MOST
from alarmbridge.web.alarm_questions import AlarmQuestion
from alarmbridge.web.operations import API, Asked, Operation
from alarmbridge.web.pieces import answer_pieces
from alarmbridge.web.shapes import ListedAlarm

COLUMNS = tuple(ListedAlarm.__annotations__)
"""Of the table, in its order: the keys of an alarm in a list."""

Pages = AsyncIterator[Sequence[Alarm]]

_CSV = "text/csv"
_NDJSON = "application/x-ndjson"
_ABOUT = (
    "With the filters of the list, and in its order. An answer that breaks off before its end is "
    "not whole: the connection is cut then. "
)


class Exports:
    """The archive's alarms as files, of any size: never more than a page of them in memory.

    page: how many that is.
    """

    topic = "alarms"

    def __init__(self, archive: Archive, *, page: int = MOST) -> None:
        self._archive = archive
        self._page = page

    def operations(self) -> list[Operation]:
        """List what can be asked."""
        return [
            Operation(
                path=f"{API}/alarms.csv",
                handler=self._csv,
                name="export_alarms_csv",
                summary="Export alarms as CSV",
                about=_ABOUT + "Cells are safe in a spreadsheet: each is one line, and what it "
                "would take for a formula begins with an apostrophe.",
                query=AlarmQuestion,
                media=_CSV,
            ),
            Operation(
                path=f"{API}/alarms.ndjson",
                handler=self._ndjson,
                name="export_alarms_ndjson",
                summary="Export alarms as JSON, one a line",
                about=_ABOUT + "Each line is an alarm as the list has it.",
                query=AlarmQuestion,
                media=_NDJSON,
            ),
        ]

    async def _csv(self, asked: Asked[AlarmQuestion, None]) -> object:
        return await _answer(asked.request, write_csv(self._pages(asked)), _CSV)

    async def _ndjson(self, asked: Asked[AlarmQuestion, None]) -> object:
        return await _answer(asked.request, write_ndjson(self._pages(asked)), _NDJSON)

    def _pages(self, asked: Asked[AlarmQuestion, None]) -> Pages:
        return export_alarms(self._archive, asked.query.as_filter(), size=self._page)


async def write_csv(pages: Pages) -> AsyncIterator[str]:
    """Write alarms as a table, piece by piece."""
    yield csv_head(COLUMNS)
    async for alarms in pages:
        yield csv_rows(COLUMNS, map(listed_alarm_as_json, alarms))


async def write_ndjson(pages: Pages) -> AsyncIterator[str]:
    """Write alarms as JSON, one a line, piece by piece."""
    async for alarms in pages:
        yield "".join(_line(listed_alarm_as_json(alarm)) for alarm in alarms)


def _line(document: Mapping[str, object]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"


async def _answer(
    request: web.Request, pieces: AsyncIterator[str], media: str
) -> web.StreamResponse:
    name = request.path.rpartition("/")[2]
    attached = {"Content-Disposition": f'attachment; filename="{name}"'}
    return await answer_pieces(request, pieces, media, headers=attached)
