"""From what is held and what was read to what has happened: the heart of the bridge.

The order of thought, once:
1. `matching`: which held alarms still stand, which readings are new, what is missing.
2. `pairing`: what the new rows of the history say about raises and clears.
3. `chronicle`: each episode becomes facts, and nothing is cleared without its proof
   (docs/design.md, "Proof of a clear"). The facts are put in the order in which they happened,
   numbered, and become events.
4. `marking`: which rows of the history are dealt with now, and whether any were lost unread.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from alarmbridge.core.chronicle import Chronicle, completed, identity_of_reading
from alarmbridge.core.decision import Decision, Gap, Held, HistoryMark
from alarmbridge.core.episode import Episode
from alarmbridge.core.marking import (
    find_restart,
    is_history_lost,
    lost_marks,
    new_marks,
    standing_marks,
)
from alarmbridge.core.matching import Matching, match_active
from alarmbridge.core.pairing import Pairing, pair
from alarmbridge.core.reading import Known, Settled, Unsettled
from alarmbridge.core.restart import Restart


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a decision needs beside the two states.

    now: ours, UTC. occurrences: how many alarms of each identity the archive holds.
    known_until: the last moment at which the tables were known to be as held.
    restarted: how a restart since then shows, or None.
    active_table_size: rows of a full active table, beyond which no newcomer need ever be listed.
    history_table_size: rows the device keeps before it overwrites the oldest.
    """

    now: datetime
    occurrences: Mapping[str, int]
    known_until: datetime | None = None
    restarted: Restart | None = None
    active_table_size: int = 120
    history_table_size: int = 500


def known_of(held: Held, *, restarted: bool, verify: bool) -> Known:
    """Say what need not be read again. After a restart nothing in the history is known."""
    active = {
        alarm.device_alarm_id: alarm.description
        for alarm in held.active
        if alarm.device_alarm_id is not None
    }
    history = {} if restarted else {mark.id: mark.description for mark in held.marks.values()}
    return Known(active, history, held.newest_last, verify or restarted)


def identities_in(device: str, snapshot: Settled | Unsettled) -> frozenset[str]:
    """List every identity that a decision about this snapshot may give to a new alarm."""
    openings = [*snapshot.details.values(), *snapshot.history_details.values()]
    return frozenset(
        identity_of_reading(device, reading, listed=listed)
        for reading in openings
        for listed in (True, False)
    )


def reconcile(held: Held, snapshot: Settled | Unsettled, circumstances: Circumstances) -> Decision:
    """Decide what has happened on a device since its alarms were stored."""
    # A poll that finds nothing new knows more than was worth storing.
    held = replace(held, read_at=circumstances.known_until or held.read_at)
    restarted = circumstances.restarted or find_restart(held.marks, snapshot)
    marks = standing_marks(held.marks, snapshot, restarted)
    gap = _find_gap(held, snapshot, marks, circumstances, restarted)
    clear_rows = {mark.id for mark in held.marks.values() if mark.clears} | {
        reading.id for reading in snapshot.history_details.values() if reading.cleared
    }
    matching = match_active(
        held.active,
        snapshot,
        restarted=restarted,
        # What a gap swallowed, or another unit never knew, may have been a clear.
        clears_logged=bool(clear_rows) and gap is None and restarted is None,
    )
    # Ids that came back with other content tell of a restart as well.
    anew = restarted is not None or any(one.displaced for one in matching.missing)
    pairing = _pair(held, snapshot, marks, matching, restarted, anew=anew)
    complete = isinstance(snapshot, Settled) and snapshot.complete
    clears = [place for place, row in enumerate(snapshot.history) if row.id in clear_rows]
    crowd = circumstances.active_table_size - len(pairing.episodes)
    chronicle = Chronicle(
        held,
        now=circumstances.now,
        occurrences=circumstances.occurrences,
        restarted=anew,
    )
    for episode in pairing.episodes:
        # What came while the table was full may stand unlisted. Then only its clear's row tells,
        # which would be listed behind its raise's, whatever was lost before.
        cleared_since = sum(place > episode.opened for place in clears)
        logged = clear_rows and episode.about.oid is not None
        overflowed = bool(logged) and cleared_since >= crowd
        chronicle.take(episode, absent_proven=complete and not overflowed)
    chronicle.compare(matching)
    events = chronicle.events(gap)
    told = {event.alarm.id for event in events}
    return Decision(
        events=events,
        evidence=(
            *(alarm for alarm in chronicle.learnt() if alarm.id not in told),
            *completed(pairing.loose),
        ),
        new_marks=new_marks(
            snapshot,
            marks,
            waiting={row.id for row in pairing.waiting},
            gap=gap is not None,
        ),
        lost_marks=lost_marks(
            held.marks,
            snapshot,
            marks,
            broken=restarted is not None or gap is not None,
            table_size=circumstances.history_table_size,
        ),
        gap=gap,
        restarted=restarted is not None,
        remarks=_remarks(pairing),
    )


def _pair(
    held: Held,
    snapshot: Settled | Unsettled,
    marks: Mapping[str, HistoryMark],
    matching: Matching,
    restarted: Restart | None,
    *,
    anew: bool,
) -> Pairing:
    read = snapshot.history_details
    places = {row.id: place for place, row in enumerate(snapshot.history)}
    rows = {
        place: read[row_id]
        for row_id, place in places.items()
        if row_id in read and row_id not in marks
    }
    pair_rows = partial(
        pair,
        rows=rows,
        places=places,
        settled=isinstance(snapshot, Settled),
        complete=isinstance(snapshot, Settled) and snapshot.complete,
        whole=places.keys() <= read.keys() | marks.keys(),
        anew=anew,
        known_until=held.read_at,
    )
    if restarted is None:
        return pair_rows(matching, loose=held.loose)
    # What a new boot's history says of alarms from before it is chance, so it is not asked.
    present = matching.present
    if restarted.wiped:
        present = tuple((replace(alarm, raise_row=None), reading) for alarm, reading in present)
    standing = replace(matching, present=present, missing=())
    pairing = pair_rows(standing, loose=())
    pairing.episodes += [Episode(alarm=one.alarm, missing=one) for one in matching.missing]
    return pairing


def _find_gap(
    held: Held,
    snapshot: Settled | Unsettled,
    marks: Mapping[str, HistoryMark],
    circumstances: Circumstances,
    restarted: Restart | None,
) -> Gap | None:
    """Declare a gap when no anchor is left (docs/design.md, "Transients and lost history")."""
    since = held.read_at
    if since is None and restarted is not None:
        since = held.first_seen_at
    proven = restarted is not None or snapshot.anchor_gone or isinstance(snapshot, Settled)
    if since is None or not proven:
        # What an unsettled listing lacks proves nothing; its marks are kept until one settles.
        return None
    if not is_history_lost(
        held.marks,
        snapshot,
        marks,
        restarted=restarted is not None,
        table_size=circumstances.history_table_size,
    ):
        return None
    why = "its history table no longer holds any row that was read before"
    if restarted is not None:
        why = f"it started anew ({restarted.reason})"
    words = (
        f"Alarms of {held.device} that came and went between {since.isoformat(timespec='seconds')}"
        f" and {circumstances.now.isoformat(timespec='seconds')} may be lost: {why}."
    )
    return Gap(since=since, until=circumstances.now, reason=words)


def _remarks(pairing: Pairing) -> tuple[str, ...]:
    if not pairing.orphans:
        return ()
    ids = ", ".join(row.id for row in pairing.orphans[:5])
    return (f"{len(pairing.orphans)} history rows clear alarms that were never seen ({ids} …)",)
