"""Views: how what is listed looks as a table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from alarmbridge.cli.answers import ALARMS, DELIVERIES, DEVICES, EVENTS, Document, Kind
from alarmbridge.cli.output import local
from alarmbridge.core.alarm import State
from alarmbridge.core.event import EventKind

_OURS = "alarmbridge"

Row = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class View:
    """A table of one kind of document. key: what tells two of them apart. empty: for none."""

    kind: Kind
    heads: Sequence[str]
    row: Callable[[Document], Row]
    empty: str
    key: str = "id"


def _alarm(alarm: Document) -> Row:
    stale = alarm["stale"] and alarm["state"] == State.ACTIVE.value
    return (
        at_of(alarm["seen_at"]),
        alarm["device"] or _OURS,
        f"{alarm['state']} (stale)" if stale else alarm["state"],
        alarm["severity"],
        alarm["source"],
        alarm["description"],
    )


def _event(event: Document) -> Row:
    kind = str(event["type"]).partition(".")[2]
    data = event["data"]
    alarm, device = data["alarm"], data["device"]
    words = alarm["clear_description"] if kind == EventKind.CLEARED else None
    return (
        at_of(event["timestamp"]),
        device["name"] if device else _OURS,
        str(data["sequence"]),
        kind,
        alarm["severity"],
        alarm["source"],
        words or alarm["description"],
    )


def _device(device: Document) -> Row:
    return (
        device["name"],
        device["state"],
        str(device["active_alarms"]),
        at_of(device["read_at"]),
        device["product"],
        device["version"],
        device["url"],
    )


def _delivery(delivery: Document) -> Row:
    return (
        str(delivery["id"]),
        delivery["sink"],
        delivery["state"],
        str(delivery["attempts"]),
        at_of(delivery["created_at"]),
        delivery["device"] or _OURS,
        delivery["kind"],
        delivery["description"],
        delivery["reason"] or delivery["answer"],
    )


def at_of(instant: str | None) -> str | None:
    """Write an instant of the API in this machine's zone."""
    if instant is None:
        return None
    try:
        return local(datetime.fromisoformat(instant))
    except ValueError:
        # Somebody else's daemon may write what is no time; then it is shown as it came.
        return instant


ALARM_VIEW = View(
    ALARMS,
    ("SEEN", "DEVICE", "STATE", "SEVERITY", "SOURCE", "DESCRIPTION"),
    _alarm,
    "No such alarms.",
)
EVENT_VIEW = View(
    EVENTS,
    ("AT", "DEVICE", "NO", "EVENT", "SEVERITY", "SOURCE", "TEXT"),
    _event,
    "No such events.",
)
DEVICE_VIEW = View(
    DEVICES,
    ("NAME", "STATE", "ACTIVE", "READ", "PRODUCT", "VERSION", "URL"),
    _device,
    "No devices.",
    key="name",
)
DELIVERY_VIEW = View(
    DELIVERIES,
    ("ID", "SINK", "STATE", "TRIES", "OWED SINCE", "DEVICE", "EVENT", "TEXT", "WHY"),
    _delivery,
    "No such deliveries.",
)
