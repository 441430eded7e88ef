"""Whose reading is it: the active list of a snapshot against the alarms that are held."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.device_time import DeviceTime
from alarmbridge.core.reading import Reading, Settled, Snapshot
from alarmbridge.core.restart import Restart

_QUARTER, _WIDEST_SHIFT = timedelta(minutes=15), timedelta(hours=26)


@dataclass(frozen=True, slots=True)
class Missing:
    """A held alarm that the list lacks. proven: that this means it is gone.

    displaced: another alarm now stands under its id, which no device does between two restarts.
    """

    alarm: Alarm
    proven: bool
    displaced: bool = False


@dataclass(frozen=True, slots=True)
class Matching:
    """Every held alarm is present or missing; every reading is present or fresh.

    present: with the reading, None where nothing about it was new and so it was not read.
    """

    present: tuple[tuple[Alarm, Reading | None], ...]
    fresh: tuple[Reading, ...]
    missing: tuple[Missing, ...]


def alike(one: Alarm | Reading, other: Alarm | Reading) -> bool:
    """Whether two may be about the same thing: same oid and source, as far as both are told."""
    return _agree(one.oid, other.oid) and _agree(one.source, other.source)


def surely_alike(one: Alarm | Reading, other: Alarm | Reading) -> bool:
    """Whether two tell the same oid and source, or leave out the same."""
    return (one.oid, one.source) == (other.oid, other.source)


def same_instance(alarm: Alarm, reading: Reading, *, restarted: Restart | None = None) -> bool:
    """Whether a reading under an alarm's id is that alarm (docs/design.md, "Which alarm it is")."""
    if not alike(alarm, reading):
        return False
    one, other = alarm.device_date, reading.date
    if one is None or other is None or one.same_moment(other):
        return True
    # What a new boot raised anew hits such a second by chance; what two units share does not.
    return not (restarted and restarted.wiped) and moved_with_the_zone(one, other)


def match_active(
    held: Sequence[Alarm],
    snapshot: Snapshot,
    *,
    restarted: Restart | None = None,
    clears_logged: bool = False,
) -> Matching:
    """Tell the present, the fresh and the missing apart.

    restarted: how it shows that the device began anew between the two, or None. clears_logged:
    the history tells of clears, and none of them can have been missed.
    """
    by_id = {alarm.device_alarm_id: alarm for alarm in held if alarm.device_alarm_id is not None}
    unlisted = [alarm for alarm in held if alarm.device_alarm_id is None]
    present: dict[str, tuple[Alarm, Reading | None]] = {}
    fresh: list[Reading] = []
    displaced: set[str] = set()
    gone = set(snapshot.gone)
    for row in {row.id: row for row in snapshot.active}.values():
        alarm, reading = by_id.get(row.id), snapshot.details.get(row.id)
        if reading is None:
            if alarm is not None:
                present[alarm.id] = (alarm, None)
            continue
        if reading.cleared:
            # Listed, but its own URL calls it cleared: the device was about to take it away.
            gone.add(row.id)
            continue
        if alarm is not None and not same_instance(alarm, reading, restarted=restarted):
            displaced.add(alarm.id)
            alarm = None
        alarm = alarm or _unlisted(unlisted, reading)
        if alarm is None:
            fresh.append(reading)
        else:
            present[alarm.id] = (alarm, reading)
    proof = _Proof(
        gone=frozenset(gone),
        complete=isinstance(snapshot, Settled) and snapshot.complete,
        history_gone=restarted is not None and restarted.wiped,
        clears_logged=clears_logged,
        history=frozenset(row.id for row in snapshot.history),
    )
    missing = tuple(
        Missing(alarm, alarm.id in displaced or proof.covers(alarm), alarm.id in displaced)
        for alarm in held
        if alarm.id not in present
    )
    return Matching(tuple(present.values()), tuple(fresh), missing)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Proof:
    """What a snapshot proves by what it lacks.

    gone: ids whose own URL says that they are not active. complete: the list is, so what it lacks
    is not active. history_gone: so is all that was known from the history alone.
    """

    gone: frozenset[str]
    complete: bool
    history_gone: bool
    clears_logged: bool
    history: frozenset[str]

    def covers(self, alarm: Alarm) -> bool:
        if alarm.device_alarm_id is not None:
            return self.complete or alarm.device_alarm_id in self.gone
        # What was raised while the table was full may never be listed, though it stands: then no
        # list says anything about it, but its clear will have a row, as long as its raise has one.
        # Without an oid that row may be taken for another's.
        logged = self.clears_logged and alarm.oid is not None and alarm.raise_row in self.history
        return self.history_gone or (self.complete and not logged)


def _unlisted(unlisted: list[Alarm], reading: Reading) -> Alarm | None:
    """Find the alarm that was known from the history alone and is listed now."""
    for alarm in unlisted:
        if _may_be_listed_now(alarm, reading):
            unlisted.remove(alarm)
            return alarm
    return None


def _may_be_listed_now(alarm: Alarm, reading: Reading) -> bool:
    # Without an id of its own only its date can tell it from another of its kind; without a
    # date either, only that one thing is broken once.
    if alarm.device_date is None or reading.date is None:
        return surely_alike(alarm, reading) and alarm.device_date is reading.date
    return alike(alarm, reading) and alarm.device_date.same_moment(reading.date)


def moved_with_the_zone(one: DeviceTime, other: DeviceTime) -> bool:
    """Whether two may be one local time called "Z", told before and after its zone has moved.

    It moves by whole quarters, at daylight saving for one; a new instance under an old id would
    have to hit the very second.
    """
    if one.at is None or other.at is None or not one.zone == other.zone in {"", "Z"}:
        return False
    shift = abs(one.at - other.at)
    return shift <= _WIDEST_SHIFT and not shift % _QUARTER


def _agree(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other
