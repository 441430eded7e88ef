"""The oracle itself: each way to tell it wrong is found out, and what is right is not."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from acceptance_oracle import differences
from acceptance_receiver import Receiver

from alarmbridge.simulator.farm import Farm
from alarmbridge.simulator.truth import Transition

AT = 1_790_000_000.0
KINDS = {"raised": "active", "changed": "active", "cleared": "cleared"}
Events = list[dict[str, Any]]


@pytest.fixture
def farm() -> Farm:
    """One device on which one alarm has come, changed and gone, and another one stands."""
    farm = Farm(1, tokens=True, clock=lambda: AT)
    model = farm.devices["sim-1"].model
    going = model.raise_alarm(AT, n=1)
    model.change(AT + 1, going)
    model.clear(AT + 2, going)
    model.raise_alarm(AT + 3, n=2)
    return farm


def said_of(truth: Transition, raised: Transition, *, sequence: int, words: str) -> dict[str, Any]:
    alarm = {
        "id": f"alarm-{truth.alarm}",
        "state": KINDS[truth.kind],
        "severity": truth.severity.lower(),
        "description": words,
        "clear_description": truth.description if truth.kind == "cleared" else None,
        "source": raised.source,
        "oid": raised.oid,
        "name": None,
        "raised_at": f"2026-09-21T14:13:2{raised.at - AT:.0f}Z",
        "origin": "device",
    }
    event_id = f"{truth.alarm}-{truth.kind}"
    data = {
        "event_id": event_id,
        "sequence": sequence,
        "alarm": alarm,
        "device": {"name": truth.device},
    }
    return {"type": f"alarm.{truth.kind}", "data": data}


def events_of(farm: Farm) -> Events:
    """Tell the truth."""
    first: dict[int, Transition] = {}
    words: dict[int, str] = {}
    events = []
    for sequence, one in enumerate(farm.devices["sim-1"].model.truth, start=1):
        first.setdefault(one.alarm, one)
        if one.kind != "cleared":
            words[one.alarm] = one.description
        events.append(said_of(one, first[one.alarm], sequence=sequence, words=words[one.alarm]))
    return events


def told(farm: Farm, events: Events) -> list[str]:
    receiver = Receiver()
    for event in events:
        receiver._accept(event["data"]["event_id"], json.dumps(event))
    return differences(farm, receiver)


def alarm_in(event: dict[str, Any]) -> dict[str, Any]:
    alarm: dict[str, Any] = event["data"]["alarm"]
    return alarm


def renamed(event: dict[str, Any]) -> dict[str, Any]:
    other = copy.deepcopy(event)
    other["data"]["event_id"] += "-again"
    return other


def altered(event: dict[str, Any], **changes: Any) -> dict[str, Any]:
    other = copy.deepcopy(event)
    alarm_in(other).update(changes)
    return other


def numbered(event: dict[str, Any], sequence: int) -> dict[str, Any]:
    other = copy.deepcopy(event)
    other["data"]["sequence"] = sequence
    return other


def false_clear(events: Events) -> dict[str, Any]:
    standing = events[3]
    clear = altered(standing, state="cleared", clear_description=None)
    clear["type"] = "alarm.cleared"
    clear["data"]["event_id"] += "-cleared"
    return numbered(clear, 5)


WRONG: dict[str, tuple[Callable[[Events], Events], str]] = {
    "a raise is lost": (lambda e: e[:3], "was not told"),
    "a clear is lost": (lambda e: [*e[:2], e[3]], "its clear was not told"),
    "what was stored is not told": (lambda e: [e[0], *e[2:]], "missing [2]"),
    "a clear before its raise": (lambda e: [e[2], e[0], e[1], e[3]], "came after cleared"),
    "a raise again after its clear": (lambda e: [*e, e[0]], "raised came after cleared"),
    "a clear of what stands": (lambda e: [*e, false_clear(e)], "FALSE CLEAR"),
    "a repeat under another id": (lambda e: [e[0], renamed(e[0]), *e[1:]], "was told as"),
    "a repeat with another body": (
        lambda e: [*e, altered(e[3], severity="minor")],
        "another body",
    ),
    "one alarm as two": (
        lambda e: [*e, numbered(altered(renamed(e[3]), id="another"), 5)],
        "told 2 times",
    ),
    "two alarms as one": (
        lambda e: [*e[:2], altered(e[2], description=alarm_in(e[3])["description"]), e[3]],
        "were told as one",
    ),
    "a text that nobody said": (
        lambda e: [*e[:3], altered(e[3], description="All is well")],
        "was never said",
    ),
    "another severity": (lambda e: [*e[:3], altered(e[3], severity="critical")], "was never"),
    "another source": (lambda e: [*e[:3], altered(e[3], source="Board#9")], "source is"),
    "another time": (
        lambda e: [*e[:3], altered(e[3], raised_at="2026-09-21T15:13:23Z")],
        "raised at",
    ),
    "a text that stands no longer": (lambda e: [e[0]], "has ended"),
}


def test_the_truth_is_told_right(farm: Farm) -> None:
    events = events_of(farm)
    assert told(farm, events) == []
    assert told(farm, [events[0], *events]) == []


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_told_wrong_is_found_out(farm: Farm, wrong: str) -> None:
    spoil, fault = WRONG[wrong]
    assert fault in "\n".join(told(farm, spoil(events_of(farm))))


def test_a_change_that_is_not_told_is_found_out(farm: Farm) -> None:
    model = farm.devices["sim-1"].model
    model.change(AT + 4, next(iter(model.standing)))
    assert "stands as" in "\n".join(told(farm, events_of(farm)[:4]))


def test_a_clear_that_came_too_early_is_found_out(farm: Farm) -> None:
    # It has ended by the time of the comparison, and had not when its clear was told.
    model = farm.devices["sim-1"].model
    events = events_of(farm)
    early = false_clear(events)
    model.clear(AT + 10**9, next(iter(model.standing)))
    assert "FALSE CLEAR" in "\n".join(told(farm, [*events, early]))


@pytest.mark.parametrize(
    ("since", "until", "excused"), [(3, 20, True), (3, 10, False), (12, 20, False)]
)
def test_only_a_gap_that_covers_it_excuses_what_was_overwritten(
    farm: Farm, since: int, until: int, excused: bool
) -> None:
    events, model = events_of(farm), farm.devices["sim-1"].model
    gap = numbered(
        altered(
            events[0],
            id="gap",
            origin="bridge",
            name="historyLost",
            description=f"Alarms that came and went between 2026-09-21T14:13:{20 + since}+00:00 and"
            f" 2026-09-21T14:13:{20 + until}+00:00 may be lost: its history table is another.",
        ),
        5,
    )
    gap["data"]["event_id"] = "gap-raised"
    lost = len(model.truth)
    model.clear(AT + 8, model.raise_alarm(AT + 8, n=3))
    assert "was not told" in "\n".join(told(farm, [*events, gap]))
    model.chronicle.evict(lost, AT + 15, "ring")
    assert (told(farm, [*events, gap]) == []) is excused
