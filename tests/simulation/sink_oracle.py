"""Holds what the far ends took against the archive: I4 and I9, of which `oracle` has the list."""

import json
from collections.abc import Mapping, Sequence

from .far_end import FarEnd
from .ledger import Event, Owed
from .oracle import Oracle
from .plan import CALM


def judge_far_end(oracle: Oracle, far_end: FarEnd) -> None:
    """Check order, keys, bodies and repeats of all that one far end accepted."""
    bodies: dict[str, str] = {}
    keys: dict[str, str] = {}
    latest: dict[str, Event] = {}
    by_key: dict[str, Event] = {}
    for one in far_end.accepted:
        notice, event = one.notice, oracle.events.get(one.notice.event_id)
        name = f"{far_end.name}: {notice.kind} {notice.event_id[:8]} of {notice.alarm_id[:8]}"
        if event is None or event.at > one.at:
            oracle.blame("I9 before commit", one.at, f"{name} is not in the archive")
            continue
        said = (notice.kind, notice.alarm_id, _without_note(notice.body))
        if said != (event.kind, event.alarm_id, event.text):
            oracle.blame("I9 repeat differs", one.at, f"{name} is not what the archive says")
        if bodies.setdefault(notice.event_id, notice.body) != notice.body:
            oracle.blame("I9 repeat differs", one.at, f"{name} came with another body")
        if keys.setdefault(notice.alarm_id, notice.key) != notice.key:
            oracle.blame("I9 key", one.at, f"{name} has key {notice.key}")
        followed = by_key.setdefault(notice.key, event)
        # A clear does not wait for a raise of another alarm that is held.
        overtook = followed.kind == "cleared" != event.kind and followed.alarm_id != event.alarm_id
        if event.sequence < followed.sequence and not overtook:
            oracle.blame("I4 key order", one.at, f"{name} came after {followed.kind}")
        by_key[notice.key] = event
        before = latest.get(notice.alarm_id)
        if notice.kind == "cleared" and before is None:
            oracle.blame("I4 clear first", one.at, f"{name} came before any raise")
        if before is None or event.sequence > before.sequence:
            latest[notice.alarm_id] = event
        elif event.id not in bodies or before.kind == "cleared" != event.kind:
            oracle.blame("I4 sink order", one.at, f"{name} came after {before.kind}")


def judge_deliveries(
    oracle: Oracle, owed: Sequence[Owed], far_ends: Mapping[str, FarEnd], at: float
) -> None:
    """Check at the end that each event reached each far end, or has a good reason not to."""
    took = {
        name: {one.notice.event_id for one in far_end.accepted}
        for name, far_end in far_ends.items()
    }
    opened = {
        name: {one.notice.alarm_id for one in far_end.accepted if one.notice.kind != "cleared"}
        for name, far_end in far_ends.items()
    }
    seen: set[tuple[str, str]] = set()
    for one in owed:
        seen.add((one.event_id, one.sink))
        event = oracle.events[one.event_id]
        accepted = one.event_id in took[one.sink]
        name = f"{one.sink}: {one.kind} {one.event_id[:8]} of {event.device} {event.alarm_id[:8]}"
        if one.state == "delivered" and not accepted:
            oracle.blame("I9 lost", at, f"{name} is called delivered and never arrived")
        elif one.state == "dead" and one.event_id not in far_ends[one.sink].buried:
            oracle.blame("I9 lost", at, f"{name} was given up: {one.reason}")
        elif one.state == "pending":
            oracle.blame("I9 backlog", at, f"{name} is still pending: {one.reason}")
        elif one.state == "dropped" and not _may_drop(oracle, event, one, opened[one.sink]):
            oracle.blame("I9 lost", at, f"{name} was dropped: {one.reason}")
    for event in oracle.events.values():
        for name in far_ends:
            if (event.id, name) not in seen:
                oracle.blame("I9 lost", at, f"{name} was never owed {event.kind} {event.id[:8]}")


def _without_note(body: str) -> str:
    """Take away what the bridge adds for one sink."""
    said = json.loads(body)
    said["data"].pop("note", None)
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def _may_drop(oracle: Oracle, event: Event, owed: Owed, opened: set[str]) -> bool:
    if event.is_own and event.alarm["description"].find(owed.sink) >= 0:
        return True
    if event.kind == "cleared":
        return event.alarm_id not in opened
    later = [one for one in oracle.events.values() if one.alarm_id == event.alarm_id]
    later = [one for one in later if one.sequence > event.sequence]
    reason = owed.reason or ""
    if reason.startswith(("came and went before it was told", "cleared before")):
        return any(one.kind == "cleared" for one in later)
    if reason == "a later change tells it":
        return any(one.kind == "changed" for one in later)
    return owed.sink == CALM and bool(json.loads(event.text)["data"]["transient"])
