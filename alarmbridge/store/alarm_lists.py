"""Lists of alarms: by all that can be asked for, page by page, however many there are.

Three orders, each with an index that has it. Usually those come first that the bridge saw last: by
our clock and not by the device's, because one device with a wrong clock would bury its alarms or
stand on top for ever. Who asks for a time has them by that time, otherwise a window of years ago
would be a walk through all since. Who searches has them as they were entered (see `alarm_search`).

Of several severities or devices each is asked for alone, and what they give is laid together (see
`branches`). What comes next is found by indexes alone; only a page's alarms are read.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Text, bindparam, literal, select, tuple_

from alarmbridge.core.alarm import Alarm, State
from alarmbridge.core.severity import Severity
from alarmbridge.store.alarm_filter import (
    AlarmFilter,
    conditions_of,
    load_alarms,
    load_meant,
    of_meant,
    window_of,
)
from alarmbridge.store.alarm_search import search_alarms
from alarmbridge.store.branches import DEVICE, SEVERITY, branches_of
from alarmbridge.store.column_types import Instant
from alarmbridge.store.page import Cursors, Page, moment_place, page_of, size_of
from alarmbridge.store.tables import alarms
from alarmbridge.store.transaction import Transaction

SEEN = Cursors("alarms by when they were seen")
DATED = Cursors("alarms by when they were raised")
"""The cursors of both orders by a moment."""

# So many branches are asked right away, so many rows of them are laid together without asking how
# far the page reaches, and so many of the newest alarms are looked at first where there are more.
_FEW_BRANCHES, _FEW_ROWS, _LOOK = 120, 2000, 5000

_ANY = AlarmFilter()


_each = alarms.alias("each")
_NUMBERS, _SEVERITIES = bindparam("numbers", type_=Text), bindparam("severities", type_=Text)
_ASKED = {"device_id", "severity", "state", "origin", "source", "name", "dated_at"}


@dataclass(frozen=True, slots=True)
class _Order:
    """An order of alarms by a moment."""

    cursors: Cursors
    moment: ColumnElement[datetime]

    def behind(self, cursor: str) -> ColumnElement[bool]:
        at, alarm_id = self.cursors.read_moment(cursor)
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


_BY_SEEN = _Order(SEEN, _each.c.seen_at)
_BY_DATED = _Order(DATED, _each.c.dated_at)


async def list_alarms(
    tx: Transaction, wanted: AlarmFilter = _ANY, *, limit: int = 100, after: str | None = None
) -> Page[Alarm]:
    """List alarms, the newest first. Raises BadCursor for one that this list did not give."""
    if wanted.text is not None:
        return await search_alarms(tx, wanted, wanted.text, limit=limit, after=after)
    size = size_of(limit) + 1
    timed = wanted.raised_after is not None or wanted.raised_before is not None
    order = _BY_DATED if timed else _BY_SEEN
    behind = [order.behind(after)] if after is not None else []
    places = await _places(tx, wanted, order, behind, size)
    found = await load_alarms(tx, [place.id for place in places])
    stand = [moment_place(place.at, place.id) for place in places]
    return page_of(found, stand, order.cursors, limit=limit)


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
    meant = await load_meant(tx, wanted)
    if meant is not None and not meant:
        return ()
    severities = wanted.all_severities
    conditions = [*conditions_of(wanted, _each), *behind]
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
    within = [*behind, *window_of(wanted, _each)]
    newest = order.select(within, _LOOK).add_columns(*columns).subquery("newest")
    fit = conditions_of(wanted, newest)
    if wanted.all_severities:
        fit.append(newest.c.severity.in_([str(one) for one in wanted.all_severities]))
    if wanted.devices or wanted.tags:
        fit.append(of_meant(wanted, newest.c.device_id))
    places = select(newest.c.at, newest.c.id).where(*fit)
    return places.order_by(newest.c.at.desc(), newest.c.id.desc()).limit(size)


def _merged(
    order: _Order, conditions: Sequence[ColumnElement[bool]], size: int, each: int
) -> Select[Any]:
    """Ask for the first places of all branches, of each no more than so many."""
    table = branches_of(_NUMBERS, _SEVERITIES, order.select(conditions, each))
    places = select(table.c.at, table.c.id)
    return places.order_by(table.c.at.desc(), table.c.id.desc()).limit(size)
