"""An archive by hand: holds what decisions say, and holds it against the truth of the model."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from model_device import EPOCH, How, Leg, ModelDevice

from alarmbridge.core.alarm import Alarm, ClearReason, Origin, State
from alarmbridge.core.bridge import HISTORY_LOST
from alarmbridge.core.decision import Decision, Gap, Held, HistoryMark
from alarmbridge.core.event import Changed, Cleared, Event, Raised
from alarmbridge.core.ids import identity_of
from alarmbridge.core.reading import DeviceStatus, Settled
from alarmbridge.core.reconcile import Circumstances, identities_in, known_of, reconcile
from alarmbridge.core.restart import Restart, restart_between

_TOKEN = re.compile(r"#(\d+)$")


def leg_of(text: str | None) -> int:
    found = _TOKEN.search(text or "")
    assert found is not None, text
    return int(found[1])


@dataclass
class Follower:
    """Polls a model device, and keeps an archive of what it decides.

    leg_now: by alarm, the leg of the truth that it speaks of. told: legs whose raise was told.
    blind: some rows were missed by now, torn from a list or overwritten.
    """

    device: ModelDevice
    alarms: dict[str, Alarm] = field(default_factory=dict)
    identities: Counter[str] = field(default_factory=Counter)
    marks: dict[str, HistoryMark] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    leg_now: dict[str, int] = field(default_factory=dict)
    told: set[int] = field(default_factory=set)
    uptime: int | None = None
    read_at: datetime | None = None
    blind: bool = False

    @property
    def held(self) -> Held:
        own = [alarm for alarm in self.alarms.values() if alarm.origin is Origin.DEVICE]
        return Held(
            device="d",
            active=tuple(alarm for alarm in own if alarm.state is State.ACTIVE),
            loose=tuple(alarm for alarm in own if _is_loose(alarm)),
            marks=self.marks,
            sequence=len(self.events),
            read_at=self.read_at,
            uptime=self.uptime,
        )

    @property
    def active_legs(self) -> dict[int, str]:
        return {self.leg_now[alarm.id]: alarm.description for alarm in self.held.active}

    def poll(self, how: How | None = None) -> Decision:
        """Read, decide twice, hold one against the other and both against the truth, store."""
        how, held, device = how or How(), self.held, self.device
        self.blind |= bool(how.torn) or any(leg.lost is not None for leg in device.legs)
        restart = self._restart()
        known = known_of(held, restarted=restart is not None, verify=how.verify)
        snapshot = device.read(known, how)
        circumstances = Circumstances(
            now=device.now,
            occurrences={one: self.identities[one] for one in identities_in("d", snapshot)},
            restarted=restart,
            history_table_size=device.habits.history_cap,
        )
        decision = reconcile(held, snapshot, circumstances)
        again = reconcile(held, snapshot, replace(circumstances, now=device.now + timedelta(1)))
        assert _ids(again) == _ids(decision), "the same said again is the same"
        assert decision == reconcile(held, snapshot, circumstances)
        self._store(decision)
        self.uptime = device.uptime
        if isinstance(snapshot, Settled):
            self.read_at = device.now
        return decision

    def _restart(self) -> Restart | None:
        status = DeviceStatus(
            asked_at=0,
            received_at=0,
            local_time=None,
            uptime=self.device.uptime,
            serial_number=None,
            product=None,
            version=None,
        )
        return restart_between(serial_number=None, uptime=self.uptime, status=status)

    def _store(self, decision: Decision) -> None:
        for event in decision.events:
            assert event.sequence == len(self.events) + 1, "sequences are consecutive"
            assert event.id not in {one.id for one in self.events}, "an event's id is its own"
            self.events.append(event)
            if event.alarm.name != HISTORY_LOST:
                self._follow(event)
            self.alarms[event.alarm.id] = event.alarm
        for alarm in decision.evidence:
            assert alarm.id in self.alarms, "evidence is about what is held"
            assert alarm.state is self.alarms[alarm.id].state, "evidence is no event"
            self.alarms[alarm.id] = alarm
        for mark_id in decision.lost_marks:
            del self.marks[mark_id]
        self.marks |= {mark.id: mark for mark in decision.new_marks}
        if decision.gap:
            self.gaps.append(decision.gap)

    def _follow(self, event: Event) -> None:
        alarm, before = event.alarm, self.alarms.get(event.alarm.id)
        match event:
            case Raised():
                assert before is None, "an instance is raised once"
                self.identities[_identity(alarm)] += 1
                self._claim(alarm)
            case Changed():
                assert before is not None
                assert before.state is State.ACTIVE
                assert event.previous_severity is before.severity
                assert (alarm.severity, alarm.description) != (before.severity, before.description)
                self._go_on(alarm)
            case Cleared():
                assert before is not None
                assert before.state is State.ACTIVE
                self._check_clear(alarm)

    def _claim(self, alarm: Alarm) -> None:
        number = leg_of(alarm.description)
        assert number not in self.told, "a raise is told once"
        self.told.add(number)
        self.leg_now[alarm.id] = number

    def _go_on(self, alarm: Alarm) -> None:
        number, before = leg_of(alarm.description), self.leg_now[alarm.id]
        if number != before:
            older, newer = self.device.legs[before], self.device.legs[number]
            assert older.ended is not None, "what stands does not go on as another"
            assert older.kind == newer.kind, "only an escalation goes on"
            # Unless rows between the two were never seen, so that others seem to be neighbours.
            assert self.blind or abs(newer.raised - older.ended) <= 2, "only an escalation goes on"
            self._claim(alarm)

    def _check_clear(self, alarm: Alarm) -> None:
        leg = self.device.legs[self.leg_now[alarm.id]]
        assert leg.ended is not None, "no false clear"
        if alarm.clear_reason is ClearReason.DEVICE_RESTART:
            assert leg.restarted, "no restart without one"


def lies_in_a_gap(leg: Leg, gaps: Sequence[Gap]) -> bool:
    """Whether a leg's raise row left the history within what was declared as lost."""
    if leg.lost is None:
        return False
    raised, lost = (EPOCH + timedelta(seconds=second) for second in (leg.raised, leg.lost))
    return any(gap.since <= lost and raised <= gap.until for gap in gaps)


def _is_loose(alarm: Alarm) -> bool:
    return (
        alarm.state is State.CLEARED
        and None in {alarm.raise_row, alarm.clear_row}
        and alarm.clear_reason is ClearReason.DEVICE
        and not alarm.transient
    )


def _identity(alarm: Alarm) -> str:
    return identity_of(
        device=alarm.device,
        device_alarm_id=alarm.device_alarm_id,
        date=alarm.device_date,
        oid=alarm.oid,
        source=alarm.source,
        raise_row=alarm.raise_row,
    )


def _ids(decision: Decision) -> list[str]:
    return [event.id for event in decision.events if event.alarm.origin is Origin.DEVICE]
