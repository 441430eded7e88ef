"""One sync: both tables of a device, read so that it shows how far they can be believed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from alarmbridge.core.device_time import DeviceTime
from alarmbridge.core.errors import Restarted
from alarmbridge.core.reading import DeviceStatus, Known, Reading, Row, Settled, Unsettled
from alarmbridge.core.restart import restart_between
from alarmbridge.mediant.client import AlarmsClient, Table
from alarmbridge.mediant.details import (
    ActiveDetails,
    HistoryDetails,
    read_active,
    read_each,
    read_history,
)
from alarmbridge.mediant.paging import Listing, fetch_table

MAX_DETAILS = 200
ACTIVE_CAP = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a device said before its tables are read: first its lastChange, then its status.

    second_over: whether, by these two, no further change can still carry this lastChange
    (`core.settle`).
    """

    last_change: DeviceTime | None
    status: DeviceStatus
    second_over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveyed:
    """What one sync saw.

    last_change: as it was after the tables were read.
    newest_last: the direction of the history table, None when this sync did not show it.
    """

    snapshot: Settled | Unsettled
    last_change: DeviceTime | None
    newest_last: bool | None


async def survey(
    client: AlarmsClient,
    known: Known,
    opening: Opening,
    *,
    max_details: int = MAX_DETAILS,
    active_cap: int = ACTIVE_CAP,
) -> Surveyed:
    """Read both tables, and what is not known of them.

    1. The active list.
    2. The history list.
    3. The details that bring news, active alarms first, then the history from its oldest row on;
       at most max_details of them, the rest waits for the next sync.
    4. lastChange again.
    5. Each held alarm that the active list lacks by its own URL, and one row of the history if
       its list lacks all that are known. A list that left out what answers after all was torn.
    6. Settled, if nothing moved, nothing can have moved unnoticed, both lists are whole and
       nothing is left over; and complete, if the active list is below the table's cap.
    7. Unsettled: the status again, because a read across a restart is no read.

    known: what need not be read again.
    Raises DeviceErrors, Restarted among them; then nothing of the sync is to be believed.
    """
    active_list = await fetch_table(client, Table.ACTIVE)
    history_list = await fetch_table(client, Table.HISTORY)
    active = await read_active(client, known, active_list.rows, budget=max_details)
    history = await read_history(
        client, known, history_list.rows, budget=max_details - active.asked
    )
    after = await client.fetch_last_change()
    missing = _missing(known, active)[:max_details]
    found, gone = await read_each(client.fetch_active, missing)
    anchor = await _fetch_anchor(client, known, history_list.rows)
    reason = (
        _moved(opening.last_change, after)
        or _unclosed(opening.second_over)
        or _untold(after, active_list, history_list)
        or _flawed(active_list, Table.ACTIVE)
        or _flawed(history_list, Table.HISTORY)
        or _unfinished(active, history)
        or _left_out(found, Table.ACTIVE)
        or _left_out(anchor or {}, Table.HISTORY)
    )
    if reason is not None:
        await _check_same_boot(client, opening.status)
    snapshot = _snapshot(
        active,
        history,
        found=found,
        gone=gone,
        anchor_gone=anchor == {},
        reason=reason,
        cap=active_cap,
    )
    return Surveyed(snapshot=snapshot, last_change=after, newest_last=history.newest_last)


def _moved(before: DeviceTime | None, after: DeviceTime | None) -> str | None:
    was, became = before.raw if before else None, after.raw if after else None
    return f"lastChange went from {was} to {became}" if was != became else None


def _unclosed(over: bool) -> str | None:
    return None if over else "the second of the last change may not be over"


def _untold(after: DeviceTime | None, *listings: Listing) -> str | None:
    # No change since boot, and yet there are alarms: such a lastChange tells of nothing.
    if after is None and any(listing.rows for listing in listings):
        return "there are alarms, and no lastChange to tell when they changed"
    return None


def _flawed(listing: Listing, table: Table) -> str | None:
    if listing.torn_reason is not None:
        return f"the {table} table was torn: {listing.torn_reason}"
    return None if listing.complete else f"the {table} table came without a cursor"


def _unfinished(active: ActiveDetails, history: HistoryDetails) -> str | None:
    if active.gone:
        return "an active alarm went away while it was read"
    left = active.left + history.left
    return f"more to read: {left} alarms" if left else None


def _left_out(found: Mapping[str, Reading], table: Table) -> str | None:
    if not found:
        return None
    return f"the {table} list left out {next(iter(found))}, which its own URL shows"


async def _fetch_anchor(
    client: AlarmsClient, known: Known, listed: Sequence[Row]
) -> dict[str, Reading] | None:
    """Fetch a row that is known if the list shows none; any may do, a late one best.

    None when there was nothing to ask, empty when that row is there no longer.
    """
    if not known.history or any(row.id in known.history for row in listed):
        return None
    anchor = max(known.history, key=lambda row_id: (len(row_id), row_id))
    reading = await client.fetch_history(anchor)
    if reading is None or reading.description != known.history[anchor]:
        return {}
    return {anchor: reading}


def _snapshot(
    active: ActiveDetails,
    history: HistoryDetails,
    *,
    found: Mapping[str, Reading],
    gone: frozenset[str],
    anchor_gone: bool,
    reason: str | None,
    cap: int,
) -> Settled | Unsettled:
    rows = active.rows + tuple(Row(one.id, one.description) for one in found.values())
    make = (
        partial(Settled, complete=len(rows) < cap)
        if reason is None
        else partial(Unsettled, reason=reason)
    )
    return make(
        active=rows,
        details={**active.details, **found},
        history=history.rows,
        history_details=history.details,
        gone=gone,
        anchor_gone=anchor_gone,
    )


def _missing(known: Known, active: ActiveDetails) -> Sequence[str]:
    listed = {row.id for row in active.rows} | active.gone
    return [alarm_id for alarm_id in known.active if alarm_id not in listed]


async def _check_same_boot(client: AlarmsClient, before: DeviceStatus) -> None:
    after = await client.fetch_status()
    restart = restart_between(
        serial_number=before.serial_number, uptime=before.uptime, status=after
    )
    if restart is not None:
        reason = f"{client.name} restarted while it was read: {restart.reason}"
        raise Restarted(reason, wiped=restart.wiped)
