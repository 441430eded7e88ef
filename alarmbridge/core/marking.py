"""Marks: which rows of the history table have been dealt with, and which of them are anchors."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from alarmbridge.core.decision import HistoryMark
from alarmbridge.core.device_time import parse_device_time
from alarmbridge.core.matching import moved_with_the_zone
from alarmbridge.core.reading import Reading, Settled, Snapshot
from alarmbridge.core.restart import Restart

_MOST, _MOST_UNSETTLED = 2, 4
"""How many tables' worth of marks are kept before those that are listed no longer are forgotten."""

Marks = Mapping[str, HistoryMark]


def find_restart(marks: Marks, snapshot: Snapshot) -> Restart | None:
    """Find that ids began anew: most rows that are listed under known ids are others.

    Most, because a device that reuses ids one by one has not restarted for that. And none of
    those that were read bears its old date: then they are told in another language.
    """
    listed = [row for row in snapshot.history if row.id in marks]
    others = [row for row in listed if row.description != marks[row.id].description]
    same = any(
        _is_dated_alike(marks[row.id], snapshot.history_details.get(row.id)) for row in listed
    )
    if same or 2 * len(others) <= len(listed):
        return None
    return Restart("known ids came back with other content", wiped=True)


def standing_marks(marks: Marks, snapshot: Snapshot, restarted: Restart | None) -> Marks:
    """Say which marks still speak of the rows that bear their ids.

    Without a restart all do but those whose row reads otherwise; a row with another text under
    its old date is still the same row. After a restart ids begin anew, so that an old mark may
    stand on a new row. Where the other unit of a pair may have brought the table along, the
    dates of the rows that were read show whether it did, for the rows that were not read too.
    """
    if restarted is not None and restarted.wiped:
        return {}
    texts = {row.id: row.description for row in snapshot.history}
    read = snapshot.history_details
    dated_alike = {mark.id for mark in marks.values() if _is_dated_alike(mark, read.get(mark.id))}
    if restarted is None:
        return {
            mark.id: mark
            for mark in marks.values()
            if mark.id in dated_alike or texts.get(mark.id, mark.description) == mark.description
        }
    return {
        mark.id: mark
        for mark in marks.values()
        if dated_alike
        and texts.get(mark.id) == mark.description
        and (mark.id in dated_alike or mark.id not in read)
    }


def new_marks(
    snapshot: Snapshot, marks: Marks, *, waiting: Collection[str], gap: bool
) -> tuple[HistoryMark, ...]:
    """Mark what was dealt with, and make firm what a settled read still shows.

    marks: those that stand. waiting: ids of the rows whose meaning the next sync will tell. gap:
    one is declared by this read, so that what it did not see of older rows is told to be lost.
    """
    firm = gap or isinstance(snapshot, Settled)
    new = []
    for row in snapshot.history:
        old, reading = marks.get(row.id), snapshot.history_details.get(row.id)
        if old is not None:
            now = replace(old, description=row.description, firm=old.firm or firm)
            if now != old:
                new.append(now)
        elif reading is not None and row.id not in waiting:
            date = reading.date.raw if reading.date else None
            new.append(HistoryMark(row.id, row.description, firm, date, reading.cleared))
    return tuple(new)


def lost_marks(
    before: Marks, snapshot: Snapshot, marks: Marks, *, broken: bool, table_size: int
) -> tuple[str, ...]:
    """List the marks to be forgotten. before: all that are held; marks: those that stand.

    broken: the table shows no row that was known, by a restart or a gap.
    """
    listed = {row.id for row in snapshot.history}
    # An unsettled listing may have skipped a row; forgetting it would tell its alarm again.
    most = _MOST if isinstance(snapshot, Settled) else _MOST_UNSETTLED
    if not broken and len(before) < most * table_size:
        listed |= before.keys()
    return tuple(mark_id for mark_id in before if mark_id not in marks or mark_id not in listed)


def is_history_lost(
    before: Marks, snapshot: Snapshot, marks: Marks, *, restarted: bool, table_size: int
) -> bool:
    """Say whether no anchor is left.

    The oldest rows go first, so one firm row that is still there proves that every newer one is.
    Where there was none yet, a table that is full now, began anew, or shows none of the rows that
    were seen in passing has none to show either.
    """
    known = [marks[row.id] for row in snapshot.history if row.id in marks]
    if any(mark.firm for mark in known):
        return False
    had_firm = any(mark.firm for mark in before.values())
    none_left = bool(before) and not known
    return had_firm or none_left or restarted or len(snapshot.history) >= table_size


def _is_dated_alike(mark: HistoryMark, reading: Reading | None) -> bool:
    if mark.date is None or reading is None or reading.date is None:
        return False
    date = parse_device_time(mark.date)
    return date.same_moment(reading.date) or moved_with_the_zone(date, reading.date)
