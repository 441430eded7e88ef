"""Holds the archive against what truly happened on the devices.

What is blamed bears the number of an invariant, not of a promise (docs/design.md, "The promises"):

    I1    nothing is lost, and no gap is declared for nothing (I1c)
    I2    nothing that stands is cleared, and nothing is told that never was
    I3    raise, changes and clear of an alarm take turns
    I4    events keep their order, at every far end too
    I5    each is stored once
    I6    devices are spared, and only read
    I7    what stands is what is shown, and nothing is told while nothing happens
    I8    it is told in time
    I9    what is owed is accepted or given up, always in the same words
    I10   the daemon lives, and stops when it is told to
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alarmbridge.simulator.truth import Transition

from .device_world import EPOCH, DeviceWorld
from .ledger import Event, Gap, Held, token_of

CLOSE = 2.0
"""Seconds of the device's clock within which a clear and a raise are an escalation."""


FULL_RING = 500
"""Rows of a history as devices ship it."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken promise: which invariant, when, and in words what was seen."""

    invariant: str
    at: float
    words: str


@dataclass(slots=True)
class Instance:
    """An alarm as the archive tells it. alarm: the true one that it speaks of now."""

    id: str
    device: str
    alarm: int
    events: list[Event]
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Disturbance:
    """From when to when freshness cannot be asked for; who "" is everybody."""

    who: str
    since: float
    until: float


class Oracle:
    """Follows each committed event, and at the end adds up what is missing."""

    def __init__(self, devices: Mapping[str, DeviceWorld]) -> None:
        self._devices = devices
        self.violations: list[Violation] = []
        self.events: dict[str, Event] = {}
        self.disturbances: list[Disturbance] = []
        self.changes_of_epoch = 0
        self._instances: dict[str, Instance] = {}
        self._teller: dict[tuple[str, int], str] = {}
        self._raise_told: dict[tuple[str, int], float] = {}
        self._clear_told: dict[tuple[str, int], float] = {}
        self._sequences: defaultdict[str, int] = defaultdict(int)

    def blame(self, invariant: str, at: float, words: str) -> None:
        """Note a broken promise."""
        self.violations.append(Violation(invariant, at, words))

    def follow(self, event: Event) -> None:
        """Hold one committed event against the truth as it is now."""
        if event.id in self.events:
            self.blame("I5 exactly once", event.at, f"event {event.id} is archived twice")
        self.events[event.id] = event
        if event.sequence <= self._sequences[event.device]:
            self.blame("I4 order", event.at, f"{event.device}: sequence {event.sequence} again")
        self._sequences[event.device] = event.sequence
        instance = self._instances.get(event.alarm_id)
        if not self._alternates(event, instance):
            return
        if event.is_own:
            self._follow_own(event, instance)
        elif event.kind == "raised":
            self._raised(event)
        elif instance is not None and event.kind == "changed":
            self._changed(event, instance)
        elif instance is not None:
            self._cleared(event, instance)

    def _alternates(self, event: Event, instance: Instance | None) -> bool:
        if event.kind == "raised":
            wrong = "is raised a second time" if instance else None
        elif instance is None:
            wrong = f"is {event.kind} before it was raised"
        else:
            wrong = f"is {event.kind} after its clear" if instance.closed else None
        if wrong:
            self.blame("I3 alternation", event.at, f"{_name(event)} {wrong}")
        return wrong is None

    def _follow_own(self, event: Event, instance: Instance | None) -> None:
        if instance is None:
            self._instances[event.alarm_id] = Instance(event.alarm_id, event.device, 0, [event])
            return
        instance.events.append(event)
        instance.closed = event.kind == "cleared"

    def _raised(self, event: Event) -> None:
        told = self._truth_of(event)
        if told is None:
            return
        instance = Instance(event.alarm_id, event.device, told.alarm, [event])
        self._instances[event.alarm_id] = instance
        self._claim(instance, told.alarm, event)

    def _changed(self, event: Event, instance: Instance) -> None:
        told, before = self._truth_of(event), instance.events[-1]
        instance.events.append(event)
        if told is None:
            return
        if _reads(event) == _reads(before):
            self.blame("I3 alternation", event.at, f"{_name(event)} changed, but says nothing new")
        if told.alarm == instance.alarm:
            return
        why_not = self._why_not_one(event.device, instance.alarm, told.alarm)
        if why_not:
            words = f"{_name(event)} goes on as alarm {told.alarm}: {why_not}"
            self.blame("I5 merged", event.at, words)
        self._clear_told.setdefault((event.device, instance.alarm), event.at)
        instance.alarm = told.alarm
        self._claim(instance, told.alarm, event)

    def _cleared(self, event: Event, instance: Instance) -> None:
        instance.events.append(event)
        instance.closed = True
        clear = self._clear_of(event.device, instance.alarm)
        if clear is None and self._is_unknowable(event, instance.alarm):
            return
        if clear is None:
            words = f"{_name(event)} cleared ({event.alarm['clear_reason']}), but it stands"
            self.blame("I2 false clear", event.at, words)
            return
        self._clear_told.setdefault((event.device, instance.alarm), event.at)
        row = token_of(event.alarm["clear_description"])
        truth = self._devices[event.device].model.truth
        if row is None or truth[row].kind != "cleared":
            return
        # Of one that leaves out oid or source, nobody can say whose clear it was, nor where the
        # ring has overwritten the raise that it belongs to.
        raised, owner = (
            self._raise_of(event.device, one) for one in (instance.alarm, truth[row].alarm)
        )
        whole = all((owner.oid, owner.source, raised.oid, raised.source))
        evictions = self._devices[event.device].model.chronicle.evictions
        gone = owner.number in evictions or clear.number in evictions
        # A small ring overwrites rows between two reads, and then others seem to belong together.
        small = self._devices[event.device].plan.habits.history_cap < FULL_RING
        if truth[row].alarm != instance.alarm and whole and not gone and not small:
            words = f"{_name(event)} got the clear row of alarm {truth[row].alarm}"
            self.blame("I4 paired", event.at, words)

    def _is_unknowable(self, event: Event, alarm: int) -> bool:
        """Whether neither a list nor a clear's row can tell how an alarm goes on."""
        raised = self._raise_of(event.device, alarm)
        whole = raised.oid is not None and raised.source is not None
        restarts = self._devices[event.device].restarted_at
        wiped = any(raised.at - EPOCH <= at for at in restarts)
        return raised.device_alarm_id is None and (wiped or not whole)

    def _claim(self, instance: Instance, alarm: int, event: Event) -> None:
        other = self._teller.setdefault((event.device, alarm), instance.id)
        if other != instance.id:
            words = f"{_name(event)}: alarm {alarm} was told before, as {other}"
            self.blame("I5 exactly once", event.at, words)
        self._raise_told.setdefault((event.device, alarm), event.at)

    def _truth_of(self, event: Event) -> Transition | None:
        number = token_of(event.alarm["description"])
        world = self._devices.get(event.device)
        if world is None or number is None or number >= len(world.model.truth):
            self.blame("I2 invented", event.at, f"{_name(event)}: no such thing ever happened")
            return None
        found = world.model.truth[number]
        if found.kind == "cleared":
            self.blame("I2 invented", event.at, f"{_name(event)}: its text is that of a clear")
            return None
        return found

    def _clear_of(self, device: str, alarm: int) -> Transition | None:
        return next(
            (
                one
                for one in reversed(self._devices[device].model.truth)
                if one.alarm == alarm and one.kind == "cleared"
            ),
            None,
        )

    def _raise_of(self, device: str, alarm: int) -> Transition:
        truth = self._devices[device].model.truth
        return next(one for one in truth if one.alarm == alarm and one.kind == "raised")

    def _why_not_one(self, device: str, older: int, newer: int) -> str | None:
        clear, raised = self._clear_of(device, older), self._raise_of(device, newer)
        if clear is None:
            return "the older one stands"
        if (clear.oid, clear.source) != (raised.oid, raised.source):
            return "it has another oid or source"
        if raised.reason == "restart" and raised.follows == older:
            same = not raised.dated or raised.device_at == self._raise_of(device, older).device_at
            return None if same else "it was raised anew by a restart"
        if not clear.dated or not raised.dated:
            return None if self._descends(device, raised, older) else "it has no date"
        small = self._devices[device].plan.habits.history_cap < FULL_RING
        if abs(raised.device_at - clear.device_at) > CLOSE and not small:
            return f"they are {raised.device_at - clear.device_at} s apart"
        truth = self._devices[device].model.truth
        graded = {one.severity for one in truth if one.alarm in {older, newer}}
        return "their severity is the same" if len(graded) == 1 else None

    def _descends(self, device: str, raised: Transition, older: int) -> bool:
        """Whether an alarm goes on as another one by any number of restarts and escalations."""
        while raised.follows is not None and raised.follows != older:
            raised = self._raise_of(device, raised.follows)
        return raised.follows == older

    def view_differs(self, active: Sequence[Held]) -> str | None:
        """Say how the archive's active alarms differ from those that stand, None if they agree."""
        held: defaultdict[str, dict[int, Held]] = defaultdict(dict)
        for one in active:
            instance = self._instances.get(one.id)
            if instance is None:
                return f"{one.device}: {one.id} stands and was never raised"
            held[one.device][instance.alarm] = one
        for name, world in self._devices.items():
            standing = {
                number: (last.description, last.severity.lower())
                for number, last in world.model.standing.items()
                if number in held[name] or self._must_know(world, number, last)
            }
            full = world.model.active_count >= world.model.habits.active_cap
            shown = {
                number: self._as_read(one, standing.get(number))
                for number, one in held[name].items()
                # Of what is not listed, no list below a full table can say that it has gone.
                if number in standing or not (full and one.device_alarm_id is None)
            }
            if standing != shown:
                return _difference(name, standing, shown)
        return None

    @staticmethod
    def _as_read(one: Held, true: tuple[str, str] | None) -> tuple[str, str]:
        # What is not listed tells its changes to nobody.
        known = one.device_alarm_id is not None or true is None
        return (one.description, one.severity) if known else true

    def _must_know(self, world: DeviceWorld, number: int, last: Transition) -> bool:
        """Whether a device shows an alarm that stands: a full table may keep it to itself."""
        if last.device_alarm_id is not None:
            return world.model._active.get(int(last.device_alarm_id)) is not None
        raised = self._raise_of(world.name, number)
        evicted = raised.number in world.model.chronicle.evictions
        return not evicted and raised.oid is not None and raised.source is not None

    def add_up(self, gaps: Sequence[Gap], *, loosely: float, until: float) -> None:
        """Find what was lost, what was declared lost and was not, and what was told late.

        loosely: how far our wall clock was set meanwhile. until: when the faults ended.
        """
        for world in self._devices.values():
            own = [gap for gap in gaps if gap.device == world.name]
            self._find_lost(world, own, loosely)
            self._find_false_gaps(world, own, loosely)
            self._find_late(world, until)

    def _find_lost(self, world: DeviceWorld, gaps: Sequence[Gap], loosely: float) -> None:
        evictions = world.model.chronicle.evictions
        for one in world.model.truth:
            if one.kind != "raised" or (world.name, one.alarm) in self._raise_told:
                continue
            gone = evictions.get(one.number)
            at = one.at - EPOCH
            if gone is not None and any(
                gap.since - loosely - 1 <= gone.at - EPOCH and at <= gap.until + loosely + 1
                for gap in gaps
            ):
                continue
            by_restart = gone is not None and gone.reason == "restart"
            if by_restart and not world.shows_restart(one.epoch):
                continue
            clear = self._clear_of(world.name, one.alarm)
            until = f"{clear.at - EPOCH:.2f} ({clear.reason})" if clear else "it stands"
            row = (
                f"its row went at {gone.at - EPOCH:.2f} ({gone.reason})"
                if gone
                else "its row is there"
            )
            words = (
                f"{world.name}: alarm {one.alarm} of {at:.2f} until {until} was never told; {row}"
            )
            self.blame("I1 lost", at, words)

    def _find_false_gaps(self, world: DeviceWorld, gaps: Sequence[Gap], loosely: float) -> None:
        gone = [one.at - EPOCH for one in world.model.chronicle.evictions.values()]
        gone += world.restarted_at  # what a restart took with it, nobody can know
        for gap in gaps:
            if not any(gap.since - loosely - 600 <= at <= gap.until + loosely + 1 for at in gone):
                words = f"{world.name}: nothing was lost from {gap.since:.1f} to {gap.until:.1f}"
                self.blame("I1c false gap", gap.until, words)

    def _find_late(self, world: DeviceWorld, until: float) -> None:
        limit = 45.0 + 400 * world.plan.latency
        told_at = {"raised": self._raise_told, "cleared": self._clear_told}
        for one in world.model.truth:
            # What looks like others waits for a moment of quiet to be told apart from them.
            if one.kind == "changed" or one.oid is None:
                continue
            at = one.at - EPOCH
            told = told_at[one.kind].get((world.name, one.alarm))
            if (
                told is None
                or told <= at + limit
                or at + limit > until
                or self._is_disturbed(world, at, limit)
            ):
                continue
            words = f"{world.name}: alarm {one.alarm} {one.kind} at {at:.2f}, told at {told:.2f}"
            self.blame("I8 late", at, words)

    def _is_disturbed(self, world: DeviceWorld, at: float, limit: float) -> bool:
        return any(
            one.who in {"", world.name} and one.since <= at + limit and at - 5 <= one.until
            for one in self.disturbances
        ) or any(at - 60 <= sprung <= at + limit for sprung in world.sprung_at)


def _name(event: Event) -> str:
    alarm = event.alarm
    return f"{event.device} {alarm['id'][:8]} {alarm['description'][-14:]!r}"


def _reads(event: Event) -> tuple[object, ...]:
    return tuple(event.alarm[key] for key in ("severity", "description", "source", "oid"))


def _difference(
    name: str, standing: Mapping[int, tuple[str, str]], held: Mapping[int, tuple[str, str]]
) -> str:
    missing = {number: standing[number] for number in standing.keys() - held.keys()}
    extra = {number: held[number] for number in held.keys() - standing.keys()}
    other = {
        number: (standing[number], held[number])
        for number in standing.keys() & held.keys()
        if standing[number] != held[number]
    }
    return f"{name}: missing {missing}, extra {extra}, otherwise {other}"
