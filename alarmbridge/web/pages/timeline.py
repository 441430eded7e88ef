"""The timeline of an alarm: what happened, who was told, and what people did, in one order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alarmbridge.core.event import EventKind
from alarmbridge.core.wording import noun_of

_KINDS = {"alarm.raised": "raised", "alarm.changed": "changed", "alarm.cleared": "cleared"}
_STATES = {
    "pending": "has still to be told",
    "delivered": "was told",
    "dead": "could not be told",
    "dropped": "was not told",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened. at: RFC 3339. kind: raised, changed, cleared, told or done.

    who: a sink or a person. words: of the device, the far end or the person. replay: the number
    of a delivery that may be told once more.
    """

    at: str
    kind: str
    head: str
    who: str = ""
    words: str = ""
    severity: str = ""
    replay: int | None = None


def timeline_of(story: Mapping[str, Any]) -> list[Entry]:
    """Lay out a story (AlarmStory), the oldest first."""
    entries = [
        *(_event(one) for one in story["events"]["items"]),
        *(entry for one in story["deliveries"]["items"] for entry in _delivery(one)),
        *(_action(one) for one in story["actions"]["items"]),
    ]
    return sorted(entries, key=lambda entry: entry.at)


def _event(event: Mapping[str, Any]) -> Entry:
    kind, alarm = _KINDS[event["type"]], event["data"]["alarm"]
    words = alarm["clear_description"] if kind == EventKind.CLEARED else None
    return Entry(
        at=event["timestamp"],
        kind=kind,
        head=kind.capitalize(),
        words=words or alarm["description"],
        severity=alarm["severity"],
    )


def _delivery(delivery: Mapping[str, Any]) -> list[Entry]:
    """Lay out how a sink was told of one event: what befell it on its way, and how it stands."""
    state, about = delivery["state"], f"of the {noun_of(delivery['kind'])}"
    why = [delivery[key] for key in ("answer", "reason", "note") if delivery[key]]
    on_its_way = [
        Entry(at=one["at"], kind="told", head=about, who=delivery["sink"], words=one["words"])
        for one in delivery["remarks"]
    ]
    now = Entry(
        at=delivery["settled_at"] or delivery["created_at"],
        kind="told",
        head=f"{_STATES[state]} {about}",
        who=delivery["sink"],
        words="; ".join(why),
        replay=delivery["id"] if state == "dead" else None,
    )
    return [*on_its_way, now]


def _action(action: Mapping[str, Any]) -> Entry:
    done = {
        "ack": "acknowledged it",
        "unack": "took the acknowledgement back",
        "close": "closed it",
        "comment": "wrote",
    }
    return Entry(
        at=action["at"],
        kind="done",
        head=done.get(action["action"], action["action"]),
        who=action["who"],
        words=action["comment"],
    )
