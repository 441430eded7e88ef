"""Lists of alarms: by all that can be asked for, page by page, however many there are.

Three orders, each with an index that has it. Usually those come first that the bridge saw last: by
our clock and not by the device's, because one device with a wrong clock would bury its alarms or
stand on top for ever. Who asks for a time has them by that time, otherwise a window of years ago
would be a walk through all since. Who searches has them as they were entered (see `search`).

Of several severities or devices each is asked for alone, and what they give is laid together (see
`branches`). What comes next is found by indexes alone; only a page's alarms are read.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Row,
    Select,
    Text,
    bindparam,
    func,
    literal,
    literal_column,
    select,
    tuple_,
)

from alarmbridge.core.alarm import Alarm, Origin, State
from alarmbridge.core.search_words import wanted_words
from alarmbridge.core.severity import Severity
from alarmbridge.store.alarm_rows import alarm_of, select_alarms
from alarmbridge.store.branches import DEVICE, SEVERITY, branches_of
from alarmbridge.store.column_types import Instant
from alarmbridge.store.devices import tagged
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
from alarmbridge.store.transaction import Transaction, batches

_BY_TIME = "raised~"

# So many branches are asked right away, so many rows of them are laid together without asking how
# far the page reaches, and so many of the newest alarms are looked at first where there are more.
_FEW_BRANCHES, _FEW_ROWS, _LOOK = 120, 2000, 5000

_MOST_TOKENS = 120
"""Devices that a search asks the index of words for; of more it asks each alarm that is found."""


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
            and (least is None or one in least.and_worse)
        )


_ANY = AlarmFilter()


_each = alarms.alias("each")
_NUMBERS, _SEVERITIES = bindparam("numbers", type_=Text), bindparam("severities", type_=Text)
_ASKED = {"device_id", "severity", "state", "origin", "source", "name", "dated_at"}
_DATES = select(
    select(func.min(alarms.c.dated_at)).scalar_subquery().label("first"),
    select(func.max(alarms.c.dated_at)).scalar_subquery().label("last"),
)
_LOAD = select_alarms().where(alarms.c.id.in_(bindparam("alarm_ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class _Order:
    """An order of alarms by a moment. prefix: of its cursors, so that none is taken for another."""

    prefix: str
    moment: ColumnElement[datetime]

    def behind(self, cursor: str) -> ColumnElement[bool]:
        if not cursor.startswith(self.prefix):
            raise BadCursor(f"{cursor!r} is no cursor of this list; start without one.")
        at, alarm_id = parse_moment(cursor.removeprefix(self.prefix))
        here = tuple_(self.moment, _each.c.id)
        return here < tuple_(literal(at, Instant), literal(alarm_id, Text))

    def select(self, conditions: Sequence[ColumnElement[bool]], size: int) -> Select[Any]:
        """Ask for the first places in this order."""
        return (
            select(self.moment.label("at"), _each.c.id)
            .where(*conditions)
            .order_by(self.moment.desc(), _each.c.id.desc())
            .limit(size)
        )

    def cursor(self, place: Row[Any]) -> str:
        return self.prefix + moment_place(place.at, place.id)


_SEEN = _Order("", _each.c.seen_at)
_DATED = _Order(_BY_TIME, _each.c.dated_at)


async def list_alarms(
    tx: Transaction, wanted: AlarmFilter = _ANY, *, limit: int = 100, after: str | None = None
) -> Page[Alarm]:
    """List alarms, the newest first. Raises BadCursor for one that this list did not give."""
    size = size_of(limit) + 1
    if wanted.text is not None:
        return await _search(tx, wanted, wanted.text, size, limit=limit, after=after)
    timed = wanted.raised_after is not None or wanted.raised_before is not None
    order = _DATED if timed else _SEEN
    behind = [order.behind(after)] if after is not None else []
    places = await _places(tx, wanted, order, behind, size)
    found = await _load(tx, [place.id for place in places])
    return page_of(found, [order.cursor(place) for place in places], limit=limit)


async def _places(
    tx: Transaction,
    wanted: AlarmFilter,
    order: _Order,
    behind: Sequence[ColumnElement[bool]],
    size: int,
) -> Sequence[Row[Any]]:
    """Find where the alarms of a page stand in their order.

    1. Without devices and severities an index gives them right away, else each pair of them is a
       branch.
    2. Of many branches the newest alarms at all are looked at first: mostly they are enough.
    3. A few of each branch tell how far the page reaches at the most.
    4. What is as new as that, of each branch, is the page.
    """
    meant = await _devices(tx, wanted)
    if meant is not None and not meant:
        return ()
    severities = wanted.all_severities
    conditions = [*_conditions(wanted, _each), *behind]
    if meant is None and not severities:
        return (await tx.execute(order.select(conditions, size))).rows
    if meant is not None and not severities and set(wanted.states) != {State.ACTIVE}:
        # The indexes of a device's alarms have its severities apart.
        severities = tuple(Severity)
    branches = len(meant or "1") * len(severities or "1")
    if branches > _FEW_BRANCHES:
        places = (await tx.execute(_look(wanted, order, behind, size))).rows
        if len(places) == size:
            return places
    conditions += [] if meant is None else [_each.c.device_id == DEVICE]
    conditions += [_each.c.severity == SEVERITY] if severities else []
    about = {
        "numbers": json.dumps([device.id for device in meant or ()] or [0]),
        "severities": json.dumps(severities or [""]),
    }
    some = max(2, _FEW_ROWS // branches)
    if some < size:
        first = (await tx.execute(_merged(order, conditions, size, some), about)).rows
        if len(first) == size:
            conditions.append(order.moment >= first[-1].at)
    return (await tx.execute(_merged(order, conditions, size, size), about)).rows


def _look(
    wanted: AlarmFilter, order: _Order, behind: Sequence[ColumnElement[bool]], size: int
) -> Select[Any]:
    """Ask for those of the newest alarms that fit."""
    columns = [column for column in _each.c if column.name in _ASKED]
    newest = order.select(behind, _LOOK).add_columns(*columns).subquery("newest")
    fit = _conditions(wanted, newest)
    if wanted.all_severities:
        fit.append(newest.c.severity.in_([str(one) for one in wanted.all_severities]))
    if wanted.devices or wanted.tags:
        fit.append(newest.c.device_id.in_(_meant(wanted).with_only_columns(devices.c.id)))
    places = select(newest.c.at, newest.c.id).where(*fit)
    return places.order_by(newest.c.at.desc(), newest.c.id.desc()).limit(size)


def _merged(
    order: _Order, conditions: Sequence[ColumnElement[bool]], size: int, each: int
) -> Select[Any]:
    """Ask for the first places of all branches, of each no more than so many."""
    table = branches_of(_NUMBERS, _SEVERITIES, order.select(conditions, each))
    places = select(table.c.at, table.c.id)
    return places.order_by(table.c.at.desc(), table.c.id.desc()).limit(size)


async def _load(tx: Transaction, alarm_ids: Sequence[str]) -> list[Alarm]:
    """Load alarms in the order of their ids here; one that has left meanwhile is left out."""
    found: dict[str, Alarm] = {}
    for batch in batches(alarm_ids):
        for row in (await tx.execute(_LOAD, {"alarm_ids": batch})).rows:
            found[row.id] = alarm_of(row)
    return [found[alarm_id] for alarm_id in alarm_ids]


async def _search(
    tx: Transaction, wanted: AlarmFilter, text: str, size: int, *, limit: int, after: str | None
) -> Page[Alarm]:
    behind = [] if after is None else [alarm_words.c.rowid < parse_number(after)]
    words = wanted_words(text)
    meant = await _devices(tx, wanted)
    if not words or (meant is not None and not meant):
        return Page(())
    few = meant is not None and len(meant) <= _MOST_TOKENS
    conditions = [
        has_words(
            words,
            severities=wanted.all_severities,
            states=wanted.states,
            devices=[device.name for device in meant or ()] if few else (),
            span=await _span(tx, wanted),
        ),
        *behind,
    ]
    exact = _conditions(replace(wanted, states=()), alarms)
    if meant is not None and not few:
        exact.append(alarms.c.device_id.in_(_meant(wanted).with_only_columns(devices.c.id)))
    rows = await _hits(tx, conditions, exact, size)
    found = await _load(tx, [row.alarm_id for row in rows])
    return page_of(found, [str(row.rowid) for row in rows], limit=limit)


async def _hits(
    tx: Transaction,
    conditions: Sequence[ColumnElement[bool]],
    exact: Sequence[ColumnElement[bool]],
    size: int,
) -> Sequence[Row[Any]]:
    statement = (
        select(alarm_words.c.rowid, alarm_texts.c.alarm_id)
        .join(alarm_texts, alarm_texts.c.number == alarm_words.c.rowid)
        .where(*conditions)
        .order_by(alarm_words.c.rowid.desc())
        .limit(size)
    )
    if exact:
        statement = statement.join(alarms, alarms.c.id == alarm_texts.c.alarm_id).where(*exact)
    return (await tx.execute(statement)).rows


async def _span(tx: Transaction, wanted: AlarmFilter) -> tuple[datetime, datetime] | None:
    """Bound the time that is asked for by what there is; None where none is."""
    first, last = wanted.raised_after, wanted.raised_before
    if first is None and last is None:
        return None
    found = (await tx.execute(_DATES)).rows[0]
    if found.first is None:
        return None
    return max(first or found.first, found.first), min(last or found.last, found.last)


async def _devices(tx: Transaction, wanted: AlarmFilter) -> Sequence[Row[Any]] | None:
    """Load the ids and names of the devices that are asked for; None where any will do."""
    if not wanted.devices and not wanted.tags:
        return None
    return (await tx.execute(_meant(wanted))).rows


def _meant(wanted: AlarmFilter) -> Select[Any]:
    statement = select(devices.c.id, devices.c.name)
    if wanted.devices:
        statement = statement.where(devices.c.name.in_(wanted.devices))
    return statement.where(*tagged(wanted.tags))


def _conditions(wanted: AlarmFilter, table: FromClause) -> list[ColumnElement[bool]]:
    """Say all but the severities and devices."""
    conditions: list[ColumnElement[bool]] = [
        table.c[name].in_([str(value) for value in values])
        for name, values in (
            ("source", wanted.sources),
            ("name", wanted.names),
            ("origin", wanted.origins),
        )
        if values
    ]
    if len(set(wanted.states)) == 1:
        # In the SQL itself, so that the index of active alarms is seen.
        word: ColumnElement[Any] = literal_column(f"'{wanted.states[0].value}'", Text)
        conditions.append(table.c.state == word)
    if wanted.raised_after is not None:
        conditions.append(table.c.dated_at > wanted.raised_after)
    if wanted.raised_before is not None:
        conditions.append(table.c.dated_at < wanted.raised_before)
    return conditions
