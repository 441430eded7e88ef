"""The history table: which row raised what, and which row cleared it.

A device records a raise and its clear as two rows, with other ids and other texts, and keeps a
few hundred of them. Rows are paired by oid and source and by what still stands, never by text:

1. What stands in the active list gives its raise row back: the one alike with its date, of
   several the one that reads as it does. Until every row was read, one that does not waits.
   Where ids began anew, what stands may have been read by a known id's own URL, after the
   history was listed: unless that read settled, every row that may be its raise row waits.
2. The rest is walked from the oldest on. A raise row opens an episode; a clear row closes the
   oldest open episode alike, held alarms that are gone before those that open in the walk. What
   leaves out its oid or source may be alike to much, so that the same tellings come first.
3. A clear row that closes nothing may belong to an alarm that was cleared on the list's word
   before its row could be read (loose).
4. The active list was read a moment before the history. Where the read did not settle, a clear
   row may therefore be about an alarm that the list still shows, or one of several: it waits
   for the next read, unless all whom it may concern are cleared. One without an oid does so too
   where the list is not complete, because it may be about an alarm that a full table left out.
5. A clear and a raise of one thing with another severity, within two seconds, is an escalation:
   the newer episode continues the older one, unless the older one's raise row may still come.
6. An episode that is open at the end waits likewise, with what it continues; in a settled read
   it came and went without a clear row, or stands beyond the cap of the active table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from alarmbridge.core.alarm import Alarm, State
from alarmbridge.core.device_time import DeviceTime
from alarmbridge.core.episode import BEFORE_ALL, Episode
from alarmbridge.core.escalation import find_escalations
from alarmbridge.core.matching import Matching, alike, moved_with_the_zone, surely_alike
from alarmbridge.core.reading import Reading

_A_MOMENT = timedelta(seconds=2)


@dataclass(slots=True)
class Pairing:
    """The outcome: episodes in the order they opened, and the rows that fit none.

    loose: alarms already cleared, with the rows found for them.
    waiting: rows whose meaning the next sync will tell; not to be marked as dealt with.
    orphans: clear rows of alarms that nobody ever saw.
    """

    episodes: list[Episode]
    loose: list[Episode] = field(default_factory=list)
    waiting: list[Reading] = field(default_factory=list)
    orphans: list[Reading] = field(default_factory=list)


def pair(
    matching: Matching,
    *,
    rows: Mapping[int, Reading],
    places: Mapping[str, int],
    loose: Sequence[Alarm],
    settled: bool,
    complete: bool,
    whole: bool,
    anew: bool,
    known_until: datetime | None,
) -> Pairing:
    """Pair new history rows with held alarms, fresh readings and each other.

    rows: the new ones by their place, oldest first. places: of all rows, by id. settled: the
    read was. complete: and its list shows all that stands. whole: no new row is left to be read.
    anew: ids began anew since the last read. known_until: when a read settled last.
    """
    standing = [Episode(alarm=alarm, stands=True) for alarm, _ in matching.present]
    standing += [Episode(opening=reading, stands=True) for reading in matching.fresh]
    gone = [Episode(alarm=one.alarm, missing=one) for one in matching.missing]
    pairing = Pairing(standing + gone, [Episode(alarm=alarm) for alarm in loose])
    known = [*standing, *gone, *pairing.loose]
    doubtful = _find_raise_rows(known, rows, places, whole=whole, late=anew and not settled)
    found = {episode.opened for episode in known}
    open_episodes = sorted(gone, key=lambda episode: not _ended(episode))
    for place, row in rows.items():
        if not row.cleared:
            if place in found:
                continue
            if place in doubtful:
                pairing.waiting.append(row)
            else:
                _open(row, place, open_episodes, pairing)
        elif not _close(row, place, open_episodes, () if settled else standing, pairing):
            (pairing.orphans if settled else pairing.waiting).append(row)
    if not complete:
        _doubt(pairing, settled=settled)
    find_escalations(pairing.episodes, settled=settled, known_until=known_until)
    if not settled:
        _let_wait(pairing)
    return pairing


def _find_raise_rows(
    known: Sequence[Episode],
    rows: Mapping[int, Reading],
    places: Mapping[str, int],
    *,
    whole: bool,
    late: bool,
) -> set[int]:
    """Find the raise rows of what is listed or held: of each the surest, the surest first.

    late: what stands may have been raised and read after the history was listed.
    Returns the places of rows that may be one, or of an alarm a moment before, and have to wait.
    """
    doubtful: set[int] = set()
    for episode in known:
        row_id = episode.alarm.raise_row if episode.alarm is not None else None
        place = BEFORE_ALL if row_id is None else places.get(row_id, BEFORE_ALL)
        if place not in rows:
            episode.opened = place
    left = {place: row for place, row in rows.items() if not row.cleared}
    # With every row read, a row of that very date would be there if it were told so still.
    passes = (_surely_records_raise, _may_record_raise, _records_raise_elsewhere)
    for fits in passes if whole else passes[:2]:
        for episode in known:
            if episode.opened != BEFORE_ALL:
                continue
            fitting = [place for place, row in left.items() if fits(row, episode.about)]
            chosen = _least_strange(fitting, rows, episode)
            if chosen is None:
                continue
            unread = not whole and not _looks_alike(rows[chosen], episode.about)
            if unread or (late and episode.stands):
                # Its own row may not have been read yet, and this be of one a moment before.
                doubtful.update(fitting)
                continue
            episode.opened, episode.raise_row = chosen, left.pop(chosen)
    return doubtful


def _least_strange(
    places: Sequence[int], rows: Mapping[int, Reading], episode: Episode
) -> int | None:
    """Choose between rows of one second; the latest for what stands, else the earliest."""
    about = episode.about
    return min(
        places,
        key=lambda place: (
            # Before the id: some devices count both tables' rows alike, some each on its own.
            not _looks_alike(rows[place], about),
            rows[place].id != _own_id(about),
            rows[place].description != about.description,
            rows[place].severity != about.severity,
            -place if episode.stands else place,
        ),
        default=None,
    )


def _open(row: Reading, place: int, open_episodes: list[Episode], pairing: Pairing) -> None:
    for before in open_episodes:
        # One thing is broken once: before it broke again it must have been well.
        if before.opening is not None and row.oid is not None and surely_alike(before.about, row):
            before.closed = place - 1
    episode = Episode(opening=row, raise_row=row, opened=place)
    pairing.episodes.append(episode)
    open_episodes.append(episode)


def _close(
    row: Reading,
    place: int,
    open_episodes: list[Episode],
    standing: Sequence[Episode],
    pairing: Pairing,
) -> bool:
    """Find whose clear a row records. standing: whose it may be too, though the list shows them."""
    over = [one for one in pairing.loose if _lacks_clear_row(one)]
    concerned = _concerned(row, place, [*over, *open_episodes, *standing])
    closable = [episode for episode in concerned if not episode.stands]
    if not closable:
        return False
    # One thing is broken once, so the clear is of its latest raise; but without an oid many
    # things look like one. A device that repeats the raise's text in the clear settles it.
    latest = row.oid is not None
    closed = min(
        closable,
        key=lambda one: (one.about.description != row.description, -one.opened if latest else 0),
    )
    # What is known to have ended has a clear row somewhere, so nobody contends for this one.
    if not (latest and _ended(closed)):
        closed.rivals = [one for one in concerned if one is not closed and not _ended(one)]
    closed.clear_row, closed.closed = row, place
    if closed in open_episodes:
        open_episodes.remove(closed)
    return True


def _concerned(row: Reading, place: int, episodes: Sequence[Episode]) -> list[Episode]:
    open_by_then = [episode for episode in episodes if _had_opened(episode, row, place)]
    sure = [episode for episode in open_by_then if surely_alike(episode.about, row)]
    return sure or [episode for episode in open_by_then if alike(episode.about, row)]


def _lacks_clear_row(over: Episode) -> bool:
    return over.clear_row is None and over.alarm is not None and over.alarm.clear_row is None


def _ended(episode: Episode) -> bool:
    """Whether it is known to be well, whatever the history says."""
    if episode.missing is not None:
        return episode.missing.proven
    return episode.alarm is not None and episode.alarm.state is State.CLEARED


def _had_opened(episode: Episode, row: Reading, place: int) -> bool:
    if episode.opened != BEFORE_ALL:
        return episode.opened < place
    # Its raise row is not among those that were read, so that only the dates can tell.
    raised, cleared = _date_of(episode.about), row.date
    if raised is None or cleared is None or raised.at is None or cleared.at is None:
        return True
    return raised.at <= cleared.at


def _doubt(pairing: Pairing, *, settled: bool) -> None:
    """Take back what a clear row closed, as long as it may be about one that stays open.

    In a settled read only a row without an oid may be: a full table may not list what stays open.
    """
    while True:
        doubtful = [
            episode
            for episode in (*pairing.loose, *pairing.episodes)
            if episode.clear_row is not None
            and not (settled and episode.clear_row.oid is not None)
            and any(rival.clear_row is None for rival in episode.rivals)
        ]
        if not doubtful:
            return
        for episode in doubtful:
            _reopen(episode, pairing)


def _reopen(episode: Episode, pairing: Pairing) -> None:
    if episode.clear_row is None:
        raise AssertionError("only what a row has closed is reopened")
    pairing.waiting.append(episode.clear_row)
    episode.clear_row, episode.closed, episode.continued = None, BEFORE_ALL, None


def _let_wait(pairing: Pairing) -> None:
    """Put aside what a list read a moment earlier could not know."""
    # The newest first, because what waits takes along what it continues.
    for episode in reversed(list(pairing.episodes)):
        row, older = episode.raise_row, episode.continues
        if row is None or episode.opening is not row or episode.clear_row is not None:
            continue
        pairing.episodes.remove(episode)
        pairing.waiting.append(row)
        if older is not None:
            _reopen(older, pairing)
            older.missing = None


def _surely_records_raise(row: Reading, about: Alarm | Reading) -> bool:
    if not surely_alike(row, about) or (row.date is None) is not (_date_of(about) is None):
        return False
    return _may_record_raise(row, about)


def _may_record_raise(row: Reading, about: Alarm | Reading) -> bool:
    # Where it is known which row that was, only the same can be news again, in another text.
    if isinstance(about, Alarm) and about.raise_row not in {None, row.id}:
        return False
    date = _date_of(about)
    if row.date is None or date is None:
        # Of what is over the next of its kind may have come since, and only dates could tell.
        over = isinstance(about, Alarm) and about.state is State.CLEARED
        return alike(row, about) and not over
    return alike(row, about) and row.date.same_moment(date)


def _records_raise_elsewhere(row: Reading, about: Alarm | Reading) -> bool:
    """Whether a row is of a raise that the two tables date otherwise, by a moment or by a zone."""
    if isinstance(about, Alarm) and about.raise_row not in {None, row.id}:
        return False
    date = _date_of(about)
    if row.date is None or date is None or not surely_alike(row, about):
        return False
    near = row.date.at and date.at and abs(row.date.at - date.at) <= _A_MOMENT
    if not near and not moved_with_the_zone(row.date, date):
        return False
    return row.id == _own_id(about) or _looks_alike(row, about)


def _looks_alike(row: Reading, about: Alarm | Reading) -> bool:
    return (row.severity, row.description) == (about.severity, about.description)


def _own_id(about: Alarm | Reading) -> str | None:
    return about.id if isinstance(about, Reading) else about.device_alarm_id


def _date_of(about: Alarm | Reading) -> DeviceTime | None:
    return about.date if isinstance(about, Reading) else about.device_date
