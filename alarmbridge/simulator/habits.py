"""Habits: what one device does differently from another where the guide leaves it open."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Literal, get_args, get_type_hints

TimeStyle = Literal["utc", "local_z", "offset", "offset_space", "bare"]
"""How a moment is written: `2010-03-01T23:00:00.000Z` in UTC; the same shape showing local time
(a lie); `2022-07-06T21:36:39+01:00`; `2016-06-09 19:00:00+03:00`; local time without a zone."""

Order = Literal["ascending", "descending", "shuffled"]
HistoryOrder = Literal["oldest_first", "newest_first"]
Cursor = Literal["id", "position", "opaque"]
LostCursor = Literal["not_found", "bad_request", "no_content", "restart", "next"]
EndMark = Literal["minus_one", "no_content"]

_SELDOM, _EVENLY, _MOSTLY = 0.2, 0.5, 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """A device's switches (docs/design.md, "Reading a device"); the defaults follow the guide.

    page_cap, default_limit: most rows in one answer, and how many without `limit`.
    short_pages: pages of any length from 1 to what was asked, before the end too (guide 8.1).
    active_order, history_order: how the tables run.
    sparse_ids: ids rise by 1 to 7 instead of 1.
    history_ids: "own" counts history rows from 1; "shared" gives a raise's row the alarm's id and
    its clear's row the next number of the same counter.
    cursor: `after` names the last id of the page, an index that shifts when rows go, or a token.
    lost_cursor: what follows a cursor whose alarm has gone: 404, 400, an early 204, the table from
    its top, or the rows that would have followed. A position is never lost, only wrong.
    end_mark: the last page says after=-1, or names a row and the next page is 204.
    empty_list: an empty page is 204, or 200 with no alarms in it.
    status_time, last_change_time, date_time: how each moment is written.
    utc_offset: of the device's local time, in minutes.
    uptime_unit: of systemUpTime.
    active_cap, overflow: a full active table drops newcomers for good, or lets them wait for room.
    history_cap: the oldest row goes when there are more.
    clear_rows: a clear has a row of its own in the history, with severity Cleared.
    own_clear_text: that row has its own text instead of the raise's.
    severity_case: Major, MAJOR or major.
    without_oid, without_source, without_date: share of alarms that lack it, 0 to 1.
    changes_move_last_change: a new text or severity in place counts as a change of the table.
    reboot_keeps: alarms stand again after a reboot unless it is told otherwise.
    restart_moves_last_change: lastChange names the boot if alarms stood again; else it is 404.
    url_prefix: put before each `url` of a row, for devices that point elsewhere.
    error_body: what a 400 or 404 carries.
    extra_fields: details and status have fields that the guide does not know.
    boot_seconds: how long a reset that was asked for takes, with no answer to anybody.
    misprints: answers outside the alarms have the guide's own errors: a comma too many in every
    refusal that is described, a private key's state that is no JSON, files listed as octets.
    performance_path: where a measurement is, as the guide's heading says ("own") or as its
    examples do ("alarms": below /alarms; the list stays where it is).
    """

    page_cap: int = 100
    default_limit: int = 20
    short_pages: bool = False
    active_order: Order = "ascending"
    history_order: HistoryOrder = "oldest_first"
    sparse_ids: bool = False
    history_ids: Literal["own", "shared"] = "own"
    cursor: Cursor = "id"
    lost_cursor: LostCursor = "not_found"
    end_mark: EndMark = "minus_one"
    empty_list: Literal["no_content", "empty"] = "no_content"
    status_time: TimeStyle = "utc"
    last_change_time: TimeStyle = "offset_space"
    date_time: TimeStyle = "utc"
    utc_offset: int = 180
    uptime_unit: Literal["seconds", "hundredths"] = "seconds"
    active_cap: int = 120
    overflow: Literal["drop", "wait"] = "drop"
    history_cap: int = 500
    clear_rows: bool = True
    own_clear_text: bool = True
    severity_case: Literal["title", "upper", "lower"] = "title"
    without_oid: float = 0.0
    without_source: float = 0.0
    without_date: float = 0.0
    changes_move_last_change: bool = True
    reboot_keeps: bool = False
    restart_moves_last_change: bool = False
    url_prefix: str = ""
    error_body: Literal["empty", "json", "html"] = "empty"
    extra_fields: bool = False
    boot_seconds: float = 3.0
    misprints: bool = False
    performance_path: Literal["own", "alarms"] = "own"


def draw_habits(dice: Random) -> Habits:
    """Draw the habits of one device, so that a farm holds every variant; caps stay the usual ones.

    All alarms keep their date, source and oid or lose them by the same few shares, because a farm
    in which nothing can be told apart proves nothing.
    """
    styles: tuple[TimeStyle, ...] = ("utc", "local_z", "offset", "offset_space")
    return Habits(
        page_cap=dice.choice((5, 20, 50, 100)),
        short_pages=dice.random() < _SELDOM,
        active_order=dice.choice(("ascending", "descending", "shuffled")),
        history_order=dice.choice(("oldest_first", "newest_first")),
        sparse_ids=dice.random() < _EVENLY,
        history_ids=dice.choice(("own", "shared")),
        cursor=dice.choice(("id", "position", "opaque")),
        lost_cursor=dice.choice(("not_found", "bad_request", "no_content", "restart", "next")),
        end_mark=dice.choice(("minus_one", "no_content")),
        empty_list=dice.choice(("no_content", "empty")),
        status_time=dice.choice(styles),
        last_change_time=dice.choice(styles),
        date_time=dice.choice(styles),
        utc_offset=dice.choice((-480, -210, 0, 60, 180, 330)),
        uptime_unit=dice.choice(("seconds", "hundredths")),
        clear_rows=dice.random() < _MOSTLY,
        own_clear_text=dice.random() < _MOSTLY,
        severity_case=dice.choice(("title", "upper", "lower")),
        without_oid=dice.choice((0.0, 0.0, 0.2, 1.0)),
        without_source=dice.choice((0.0, 0.0, 0.1)),
        without_date=dice.choice((0.0, 0.0, 0.1)),
        changes_move_last_change=dice.random() < _MOSTLY,
        restart_moves_last_change=dice.random() < _EVENLY,
        error_body=dice.choice(("empty", "json")),
        extra_fields=dice.random() < _SELDOM,
    )


def altered(habits: Habits, changes: Mapping[str, Any]) -> Habits:
    """Change habits by name with values from outside. ValueError: no such habit or value."""
    hints = get_type_hints(Habits)
    for name, value in changes.items():
        if name not in hints:
            raise ValueError(f"unknown habit {name!r}; known are {', '.join(hints)}")
        words = get_args(hints[name])
        if words and value not in words:
            raise ValueError(f"{name} must be one of {', '.join(words)}, not {value!r}")
        if not words and type(value) not in {hints[name], int if hints[name] is float else None}:
            raise ValueError(f"{name} must be of type {hints[name].__name__}, not {value!r}")
    return replace(habits, **changes)
