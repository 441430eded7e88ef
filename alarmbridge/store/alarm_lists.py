"""Lists of alarms: by all that can be asked for, page by page, however many there are.

Three orders, each with an index that has it. Usually those come first that the bridge saw last: by
our clock and not by the device's, because one device with a wrong clock would bury its alarms or
stand on top for ever. Who asks for a time has them by that time, otherwise a window of years ago
would be a walk through all since. Who searches has them as they were entered (see `search`).

Of several severities or devices each is asked for alone, as many as a page holds, and the pages
are laid together: no planner does that by itself.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import product
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Text,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
)

from alarmbridge.core.alarm import Alarm, Origin, State
from alarmbridge.core.search_words import wanted_words
from alarmbridge.core.severity import Severity
from alarmbridge.store.alarm_rows import alarm_of, select_alarms
from alarmbridge.store.column_types import Instant
from alarmbridge.store.page import (
    BadCursor,
    Page,
    moment_place,
    page_of,
    parse_moment,
    parse_number,
    size_of,
)
from alarmbridge.store.search import alarm_words, has_words
from alarmbridge.store.tables import alarm_texts, alarms, devices
from alarmbridge.store.transaction import Transaction

_MOST_PARTS = 120
_BY_TIME = "raised~"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmFilter:
    """Which alarms are asked for (DESIGN section 7). Empty means any; values mean any of them.

    tags: each key must have one of the values. raised_after, raised_before: the device's time,
    exclusive; where it gave none, when the bridge first saw the alarm. text: each of its words
    must be among the alarm's, or begin one where a star follows it; without words finds nothing.
    """

    states: tuple[State, ...] = ()
    severities: tuple[Severity, ...] = ()
    min_severity: Severity | None = None
    devices: tuple[str, ...] = ()
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    origins: tuple[Origin, ...] = ()
    raised_after: datetime | None = None
    raised_before: datetime | None = None
    text: str | None = None

    @property
    def all_severities(self) -> tuple[Severity, ...]:
        """Which severities fit; () where any does."""
        least = self.min_severity
        if not self.severities and least is None:
            return ()
        return tuple(
            one
            for one in Severity
            if (not self.severities or one in self.severities)
            and (least is None or one.rank >= least.rank)
        )


_ANY = AlarmFilter()


@dataclass(frozen=True, slots=True)
class _Order:
    """An order of alarms by a moment. prefix: of its cursors, so that none is taken for another."""

    prefix: str
    moment: ColumnElement[datetime]
    moment_of: Callable[[Row[Any]], datetime]

    @property
    def columns(self) -> tuple[ColumnElement[Any], ...]:
        return (self.moment.desc(), alarms.c.id.desc())

    def behind(self, cursor: str) -> ColumnElement[bool]:
        if not cursor.startswith(self.prefix):
            raise BadCursor(f"{cursor!r} is no cursor of this list; start without one.")
        at, alarm_id = parse_moment(cursor.removeprefix(self.prefix))
        here = tuple_(self.moment, alarms.c.id)
        return here < tuple_(literal(at, Instant), literal(alarm_id, Text))

    def place(self, row: Row[Any]) -> str:
        return self.prefix + moment_place(self.moment_of(row), row.id)


_SEEN = _Order("", alarms.c.seen_at, lambda row: row.seen_at)
_DATED = _Order(_BY_TIME, alarms.c.dated_at, lambda row: row.dated_at)


async def list_alarms(
    tx: Transaction, wanted: AlarmFilter = _ANY, *, limit: int = 100, after: str | None = None
) -> Page[Alarm]:
    """List alarms, the newest first. Raises BadCursor for one that this list did not give."""
    size = size_of(limit) + 1
    if wanted.text is not None:
        return await _search(tx, wanted, wanted.text, size, limit=limit, after=after)
    wanted = await _with_tagged(tx, wanted)
    timed = wanted.raised_after is not None or wanted.raised_before is not None
    order = _DATED if timed else _SEEN
    behind = [order.behind(after)] if after is not None else []
    statement = _parted(wanted, order, [*_conditions(wanted), *behind], size)
    rows = (await tx.execute(statement.order_by(*order.columns).limit(size))).rows
    return page_of([alarm_of(row) for row in rows], [order.place(row) for row in rows], limit=limit)


def _parted(
    wanted: AlarmFilter, order: _Order, conditions: Sequence[ColumnElement[bool]], size: int
) -> Select[Any]:
    """Ask for each severity and device alone where there are several, but not too many."""
    # A device's index has its severities apart: all are asked for where any will do.
    each = wanted.all_severities or (tuple(Severity) if wanted.devices and order is _SEEN else ())
    severities = [alarms.c.severity == one.value for one in each]
    groups = [group for group in (severities, _of_devices(wanted)) if group]
    parts = list(product(*groups))
    if len(parts) > _MOST_PARTS:
        return select_alarms().where(*conditions, *(or_(*group) for group in groups))
    if len(parts) == 1:
        return select_alarms().where(*conditions, *parts[0])
    pages = [
        select(alarms.c.id)
        .where(*conditions, *part)
        .order_by(*order.columns)
        .limit(size)
        .subquery()
        for part in parts
    ]
    together = union_all(*(select(page.c.id) for page in pages))
    return select_alarms().where(alarms.c.id.in_(together))


async def _search(
    tx: Transaction, wanted: AlarmFilter, text: str, size: int, *, limit: int, after: str | None
) -> Page[Alarm]:
    behind = [] if after is None else [alarm_words.c.rowid < parse_number(after)]
    words = wanted_words(text)
    if not words:
        return Page(())
    names = _of_devices(wanted)
    found = has_words(
        words, severities=wanted.all_severities, states=wanted.states, devices=wanted.devices
    )
    statement = (
        select_alarms()
        .add_columns(alarm_texts.c.number)
        .join(alarm_texts, alarm_texts.c.alarm_id == alarms.c.id)
        .join(alarm_words, alarm_words.c.rowid == alarm_texts.c.number)
        .where(found, *behind)
        .where(*_conditions(wanted), *([or_(*names)] if names else []))
        .order_by(alarm_words.c.rowid.desc())
        .limit(size)
    )
    rows = (await tx.execute(statement)).rows
    return page_of([alarm_of(row) for row in rows], [str(row.number) for row in rows], limit=limit)


async def _with_tagged(tx: Transaction, wanted: AlarmFilter) -> AlarmFilter:
    """Name the devices that have the tags, where they are few enough to be asked for alone."""
    if not wanted.tags or wanted.devices:
        return wanted
    tagged = select(devices.c.name).where(devices.c.id.in_(_tagged(wanted)))
    names = tuple(row.name for row in (await tx.execute(tagged.limit(_MOST_PARTS + 1))).rows)
    return replace(wanted, devices=names) if 1 <= len(names) <= _MOST_PARTS else wanted


def _tagged(wanted: AlarmFilter) -> Select[Any]:
    statement = select(devices.c.id)
    for key, values in wanted.tags.items():
        tag = devices.c.tags[key].as_string()
        statement = statement.where(or_(*(tag == value for value in values)))
    return statement


def _conditions(wanted: AlarmFilter) -> list[ColumnElement[bool]]:
    """Say all but the severities and devices."""
    conditions: list[ColumnElement[bool]] = [
        column.in_([str(value) for value in values])
        for column, values in (
            (alarms.c.source, wanted.sources),
            (alarms.c.name, wanted.names),
            (alarms.c.origin, wanted.origins),
        )
        if values
    ]
    if len(set(wanted.states)) == 1:
        # In the SQL itself, so that the index of active alarms is seen.
        word: ColumnElement[Any] = literal_column(f"'{wanted.states[0].value}'", Text)
        conditions.append(alarms.c.state == word)
    if wanted.tags:
        conditions.append(alarms.c.device_id.in_(_tagged(wanted)))
    if wanted.raised_after is not None:
        conditions.append(alarms.c.dated_at > wanted.raised_after)
    if wanted.raised_before is not None:
        conditions.append(alarms.c.dated_at < wanted.raised_before)
    return conditions


def _of_devices(wanted: AlarmFilter) -> list[ColumnElement[bool]]:
    return [
        alarms.c.device_id == select(devices.c.id).where(devices.c.name == name).scalar_subquery()
        for name in dict.fromkeys(wanted.devices)
    ]
