"""Facts: what befell each alarm, put in order, as events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from alarmbridge.core.alarm import Alarm, ClearReason, State
from alarmbridge.core.bridge import events_of_gap
from alarmbridge.core.catalogue import named
from alarmbridge.core.decision import Gap, Held
from alarmbridge.core.episode import BEFORE_ALL, Episode
from alarmbridge.core.event import Event, EventKind, tell_changed, tell_cleared, tell_raised
from alarmbridge.core.ids import alarm_id_of, identity_of
from alarmbridge.core.matching import Matching
from alarmbridge.core.reading import Reading

_AFTER_ALL = 1 << 30


@dataclass(frozen=True, slots=True)
class _Fact:
    """Something that befell an alarm: how it is afterwards, and what kind of event that is."""

    place: int
    kind: EventKind
    alarm: Alarm
    was: Alarm | None = None


class Chronicle:
    """Turns episodes into facts, and facts into numbered events."""

    def __init__(
        self, held: Held, *, now: datetime, occurrences: Mapping[str, int], restarted: bool
    ) -> None:
        self._held = held
        self._now = now
        self._restarted = restarted
        self._occurrences = dict(occurrences)
        self._facts: list[_Fact] = []
        self._before = {alarm.id: alarm for alarm in held.active}
        self._after: dict[str, Alarm] = dict(self._before)

    def take(self, episode: Episode, *, absent_proven: bool) -> None:
        """Tell an episode with all that continues it; one that continues another is part of it."""
        if episode.continues is not None:
            return
        if episode.alarm is not None:
            alarm = _with_raise_row(episode.alarm, episode)
        else:
            alarm = self._open(episode, absent_proven=absent_proven)
        link: Episode | None = episode
        while link is not None:
            link, alarm = self._follow(link, alarm, absent_proven=absent_proven)
        self._after[alarm.id] = alarm

    def compare(self, matching: Matching) -> None:
        """Find what reads otherwise than it is held, among the alarms that still stand."""
        for alarm, reading in matching.present:
            if reading is None:
                continue
            now = self._after[alarm.id]
            after = replace(
                now,
                severity=reading.severity,
                description=reading.description,
                source=reading.source or now.source,
                oid=reading.oid or now.oid,
                device_alarm_id=reading.id,
                device_date=reading.date or now.device_date,
                raised_at=now.raised_at or _instant(reading),
            )
            if after.oid != now.oid:
                # Only then, otherwise a release with a larger catalogue would rename what stands.
                after = named(after)
            self._after[alarm.id] = after
            if _reads_otherwise(now, after):
                self._facts.append(_Fact(_AFTER_ALL, EventKind.CHANGED, after, now))

    def learnt(self) -> tuple[Alarm, ...]:
        """List held alarms that are to be stored with more than before."""
        return tuple(
            alarm
            for alarm_id, alarm in self._after.items()
            if alarm_id in self._before and alarm != self._before[alarm_id]
        )

    def events(self, gap: Gap | None) -> tuple[Event, ...]:
        """Number the facts in the order in which they happened; a gap is told first."""
        sequence = self._held.sequence
        events: list[Event] = []
        if gap is not None:
            events += events_of_gap(
                device=self._held.device, words=gap.reason, sequence=sequence + 1, now=self._now
            )
        revisions: dict[str, int] = {}
        for fact in sorted(self._facts, key=lambda fact: fact.place):
            event = self._event(fact, sequence + len(events) + 1, revisions)
            revisions[event.alarm.id] = event.alarm.revision
            events.append(event)
        return tuple(events)

    def _open(self, episode: Episode, *, absent_proven: bool) -> Alarm:
        reading = episode.opening
        if reading is None:
            raise AssertionError("an episode without an alarm has what opened it")
        identity = identity_of_reading(self._held.device, reading, listed=episode.stands)
        occurrence = self._occurrences.get(identity, 0)
        self._occurrences[identity] = occurrence + 1
        unnamed = Alarm(
            id=alarm_id_of(identity=identity, occurrence=occurrence),
            device=self._held.device,
            severity=reading.severity,
            description=reading.description,
            source=reading.source,
            oid=reading.oid,
            device_alarm_id=reading.id if episode.stands else None,
            device_date=reading.date,
            raised_at=_instant(reading),
            seen_at=self._now,
            transient=not self._stands_on(episode, absent_proven=absent_proven),
            raise_row=episode.raise_row.id if episode.raise_row else None,
        )
        alarm = named(unnamed)
        place = episode.opened if episode.raise_row else _AFTER_ALL
        self._facts.append(_Fact(place, EventKind.RAISED, alarm))
        return alarm

    def _stands_on(self, episode: Episode, *, absent_proven: bool) -> bool:
        """Whether an episode, or what continues it last, is active now."""
        last = episode
        while last.continued is not None:
            last = last.continued
        return last.stands or (last.clear_row is None and not absent_proven)

    def _follow(
        self, episode: Episode, alarm: Alarm, *, absent_proven: bool
    ) -> tuple[Episode | None, Alarm]:
        """Tell how an episode ended, if it did; return what continues it and the alarm as it is."""
        newer, row = episode.continued, episode.clear_row
        if newer is not None and newer.opening is not None:
            after = _escalated(alarm, newer, newer.opening)
            place = max(episode.closed, newer.opened)
            self._facts.append(_Fact(place, EventKind.CHANGED, after, alarm))
            return newer, after
        if row is not None:
            closed = replace(_with_clear_row(alarm, row), clear_reason=ClearReason.DEVICE)
            self._close(closed, episode.closed)
            return None, closed
        missing = episode.missing
        if missing is not None and missing.proven:
            reason = ClearReason.DEVICE_RESTART if self._restarted else ClearReason.DEVICE
            closed = replace(alarm, state=State.CLEARED, clear_reason=reason)
            self._close(closed, episode.opened)
            return None, closed
        if missing is None and not episode.stands and absent_proven:
            closed = replace(alarm, state=State.CLEARED, clear_reason=ClearReason.DEVICE)
            self._close(closed, _AFTER_ALL if episode.closed == BEFORE_ALL else episode.closed)
            return None, closed
        return None, alarm

    def _close(self, closed: Alarm, place: int) -> None:
        self._facts.append(_Fact(place, EventKind.CLEARED, closed))

    def _event(self, fact: _Fact, sequence: int, revisions: Mapping[str, int]) -> Event:
        alarm = replace(fact.alarm, revision=revisions.get(fact.alarm.id, fact.alarm.revision))
        if fact.kind == EventKind.RAISED:
            return tell_raised(alarm, sequence=sequence, now=self._now)
        if fact.was is not None:
            return tell_changed(
                alarm, previous_severity=fact.was.severity, sequence=sequence, now=self._now
            )
        return tell_cleared(alarm, sequence=sequence, now=self._now)


def _escalated(alarm: Alarm, newer: Episode, reading: Reading) -> Alarm:
    return replace(
        alarm,
        severity=reading.severity,
        description=reading.description,
        device_alarm_id=reading.id if newer.stands else None,
        device_date=reading.date,
        raise_row=newer.raise_row.id if newer.raise_row else None,
    )


def completed(loose: Sequence[Episode]) -> tuple[Alarm, ...]:
    """List alarms cleared before that are to be stored with the rows now found for them."""
    return tuple(
        _with_rows(episode.alarm, episode)
        for episode in loose
        if episode.alarm is not None and (episode.raise_row or episode.clear_row)
    )


def _with_rows(alarm: Alarm, episode: Episode) -> Alarm:
    alarm = _with_raise_row(alarm, episode)
    return alarm if episode.clear_row is None else _with_clear_row(alarm, episode.clear_row)


def _with_raise_row(alarm: Alarm, episode: Episode) -> Alarm:
    row = episode.raise_row
    return alarm if row is None else replace(alarm, raise_row=row.id)


def _with_clear_row(alarm: Alarm, row: Reading) -> Alarm:
    return replace(
        alarm,
        state=State.CLEARED,
        clear_row=row.id,
        clear_description=row.description,
        cleared_at=_instant(row),
        cleared_raw=row.date.raw if row.date else None,
    )


def _reads_otherwise(before: Alarm, after: Alarm) -> bool:
    return (before.severity, before.description, before.source, before.oid) != (
        after.severity,
        after.description,
        after.source,
        after.oid,
    )


def identity_of_reading(device: str, reading: Reading, *, listed: bool) -> str:
    """Name what tells an alarm that a reading opens from others. listed: in the active table."""
    return identity_of(
        device=device,
        device_alarm_id=reading.id if listed else None,
        date=reading.date,
        oid=reading.oid,
        source=reading.source,
        raise_row=reading.id,
    )


def _instant(reading: Reading) -> datetime | None:
    return reading.date.at if reading.date else None
