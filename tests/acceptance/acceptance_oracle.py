"""The oracle: what a receiver was told, held against what the simulator knows to be true.

Devices must put tokens into their texts: each text then names the transition that it tells of,
so that nothing has to be guessed. Every law is proven by itself, and each gives its own faults:

1. Sound: nothing but 204 was ever deserved; each repeat had the same id and the same body.
2. Ordered: of one alarm nothing older ever came after something newer, repeats included, and
   its life reads raised, changed…, cleared.
3. Numbered: a device's sequence has neither holes nor doubles, so nothing stored stayed untold.
4. True: an event says what was so, a clear came after its alarm had truly ended, and both of an
   alarm's texts, sources and times are its own.
5. Whole: every raise was told once, every end was told, and what stands was told as it stands;
   an escalation that can be known for one was told as a change. Only what a declared gap covers
   may be missing.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from acceptance_receiver import Accepted, Receiver

from alarmbridge.simulator.farm import Farm
from alarmbridge.simulator.model import Mediant
from alarmbridge.simulator.truth import Transition

ESCALATION = 2.0
"""Seconds between a clear and a raise of one thing that may be told as one change."""

_TOKEN = re.compile(r" \[(?P<device>.+)-e\d+-(?P<number>\d+)\]$")
_BOUNDS = re.compile(r"between (\S+) and (\S+) may be lost")
_HONEST = {"utc", "offset", "offset_space"}
_WHOLE_SECOND = 1.0


def differences(farm: Farm, receiver: Receiver) -> list[str]:
    """Compare what was told with what is true; nothing is as it should be."""
    faults = [*receiver.faults, *_disorder(receiver.log)]
    told = defaultdict(list)
    for accepted in receiver.log:
        if not accepted.repeat:
            told[accepted.device].append(accepted)
    for name, device in farm.devices.items():
        of_device = _Told(device.model, told.pop(name, []))
        faults += [f"{name}: {fault}" for fault in of_device.faults()]
    strangers = [one for events in told.values() for one in events if one.origin == "device"]
    return faults + [f"{one.device}: is no device of the farm" for one in strangers]


def _disorder(log: Sequence[Accepted]) -> Iterator[str]:
    newest: dict[str, Accepted] = {}
    for one in log:
        before = newest.setdefault(one.alarm_id, one)
        if one.sequence < before.sequence:
            yield f"{one.alarm_id}: {one.kind} came after {before.kind}"
        newest[one.alarm_id] = max(before, one, key=lambda accepted: accepted.sequence)


@dataclass(frozen=True)
class _Gap:
    since: float
    until: float


class _Told:
    """All that was told of one device, each event once."""

    def __init__(self, model: Mediant, told: Sequence[Accepted]) -> None:
        self._model = model
        self._told = told
        self._lives: dict[str, list[Accepted]] = defaultdict(list)
        for one in told:
            self._lives[one.alarm_id].append(one)
        self._tellers: dict[int, set[str]] = defaultdict(set)

    def faults(self) -> Iterator[str]:
        yield from self._numbered()
        for alarm_id, life in self._lives.items():
            kinds = [one.kind for one in life]
            if kinds[0] != "raised" or "raised" in kinds[1:] or "cleared" in kinds[:-1]:
                yield f"{alarm_id} was told as {kinds}"
            if life[0].origin == "device":
                yield from self._true(alarm_id, life)
        yield from self._whole()

    def _numbered(self) -> Iterator[str]:
        numbers = sorted(one.sequence for one in self._told)
        if numbers != list(range(1, len(numbers) + 1)):
            missing = set(range(1, max(numbers) + 1)) - set(numbers)
            yield f"sequence: missing {sorted(missing)} of {len(numbers)}"

    def _true(self, alarm_id: str, life: Sequence[Accepted]) -> Iterator[str]:
        """Follow one alarm as it was told through what truly befell it."""
        alarm: int | None = None
        for one in life:
            said = self._find(one.alarm["description"])
            if said is None:
                yield f"{alarm_id}: {one.alarm['description']!r} was never said"
                return
            if alarm not in {None, said.alarm} and not self._goes_on(alarm, said.alarm):
                yield f"{alarm_id}: {alarm} and {said.alarm} were told as one"
            alarm = said.alarm
            self._tellers[alarm].add(alarm_id)
            yield from self._untrue(one, said)
        yield from self._end(alarm_id, life[-1], alarm)

    def _untrue(self, one: Accepted, said: Transition) -> Iterator[str]:
        alarm, raised = one.alarm, self._raises[said.alarm]
        for key, true in (("source", raised.source), ("oid", raised.oid)):
            if alarm[key] != true:
                yield f"{one.alarm_id}: {key} is {alarm[key]!r}, not {true!r}"
        if alarm["severity"] not in self._severities[said.alarm]:
            yield f"{one.alarm_id}: was never {alarm['severity']}"
        if one.kind == "raised" and self._model.habits.date_time in _HONEST:
            true_at = raised.device_at if raised.dated else None
            if _instant(alarm["raised_at"]) != true_at:
                yield f"{one.alarm_id}: raised at {alarm['raised_at']}, not {true_at}"

    def _end(self, alarm_id: str, last: Accepted, alarm: int | None) -> Iterator[str]:
        ended = self._clears.get(alarm or 0)
        if last.kind != "cleared":
            if ended is not None:
                yield f"{alarm_id}: {alarm} has ended, and its clear was not told"
            return
        if ended is None or ended.at > last.at:
            yield f"{alarm_id}: FALSE CLEAR of {alarm}, which stood when its clear was told"
            return
        words = last.alarm["clear_description"]
        said = self._find(words) if words else None
        if words and said is None:
            yield f"{alarm_id}: {words!r} was never said"
        elif said is not None and said.alarm != alarm and None not in {ended.oid, ended.source}:
            yield f"{alarm_id}: {alarm} was cleared by the words of {said.alarm}"

    def _whole(self) -> Iterator[str]:
        for alarm, raised in self._raises.items():
            tellers = self._tellers[alarm]
            if len(tellers) > 1:
                yield f"alarm {alarm} was told {len(tellers)} times: {raised.description}"
            if not tellers and not self._excused(raised):
                yield f"alarm {alarm} was not told: {raised.description}"
            if self._is_plain_escalation(raised) and tellers != self._tellers[raised.follows or 0]:
                yield f"alarm {alarm}, an escalation, was not told as a change of {raised.follows}"
        last = {life[-1].alarm_id: life[-1] for life in self._lives.values()}
        for alarm, stands in self._model.standing.items():
            for alarm_id in self._tellers[alarm]:
                told = last[alarm_id].alarm
                shown, true = (told["description"], told["severity"]), _shown(stands)
                if shown != true:
                    yield f"alarm {alarm} stands as {true}, told {shown}"

    def _find(self, text: str) -> Transition | None:
        token = _TOKEN.search(text)
        if token is None or token["device"] != self._model.name:
            return None
        number, truth = int(token["number"]), self._model.truth
        said = truth[number] if number < len(truth) else None
        return said if said is not None and said.description == text else None

    def _goes_on(self, alarm: int | None, other: int) -> bool:
        """Whether one alarm may be told as the other, got worse or better."""
        ended, raised = self._clears.get(alarm or 0), self._raises[other]
        return (
            ended is not None
            and (ended.oid, ended.source) == (raised.oid, raised.source)
            and None not in {ended.oid, ended.source}
            and ended.severity != raised.severity
            and abs(raised.device_at - ended.device_at) <= ESCALATION
        )

    def _is_plain_escalation(self, raised: Transition) -> bool:
        """Whether the device said all that shows it to be one (docs/design.md, "Escalations")."""
        said = raised.dated and raised.oid is not None and raised.source is not None
        kept = not self._model.chronicle.evictions.keys() & {raised.number, raised.number - 1}
        return raised.reason == "escalation" and said and kept and self._model.habits.clear_rows

    def _excused(self, raised: Transition) -> bool:
        """Whether its raise was overwritten unread, and a gap that covers its life was declared."""
        ended = self._clears.get(raised.alarm)
        evicted = self._model.chronicle.evictions.get(raised.number)
        if ended is None or evicted is None:
            return False
        return any(
            gap.since - _WHOLE_SECOND <= raised.at and evicted.at <= gap.until + _WHOLE_SECOND
            for gap in self._gaps
        )

    @cached_property
    def _raises(self) -> dict[int, Transition]:
        return {one.alarm: one for one in self._model.truth if one.kind == "raised"}

    @cached_property
    def _clears(self) -> dict[int, Transition]:
        return {one.alarm: one for one in self._model.truth if one.kind == "cleared"}

    @cached_property
    def _severities(self) -> dict[int, set[str]]:
        severities = defaultdict(set)
        for one in self._model.truth:
            severities[one.alarm].add(one.severity.lower())
        return severities

    @cached_property
    def _gaps(self) -> list[_Gap]:
        lost = [one for one in self._told if one.alarm["name"] == "historyLost"]
        return [_gap_in(one.alarm) for one in lost]


def _gap_in(alarm: dict[str, Any]) -> _Gap:
    bounds = _BOUNDS.search(alarm["description"])
    assert bounds is not None, alarm["description"]
    since, until = (datetime.fromisoformat(bound).timestamp() for bound in bounds.groups())
    return _Gap(since, until)


def _shown(stands: Transition) -> tuple[str, str]:
    return stands.description, stands.severity.lower()


def _instant(text: str | None) -> int | None:
    return None if text is None else int(datetime.fromisoformat(text).astimezone(UTC).timestamp())
