"""Shapes: what the API answers, described by the very types that write the answers.

An answer is written by its type and not checked against it (that is what tests are for): of a
value only the described keys are written, and words are written as they come.
"""

from typing import Annotated, Generic, Literal, NotRequired, TypeVar

from pydantic import ConfigDict, Field, SerializeAsAny, with_config
from typing_extensions import TypedDict

from alarmbridge.core.alarm import ClearReason, Origin, State
from alarmbridge.core.delivery import DeliveryState
from alarmbridge.core.match_json import LONGEST_VALUE, MOST_VALUES
from alarmbridge.core.operator import OperatorState
from alarmbridge.core.severity import Severity
from alarmbridge.core.silence import Place, SilenceState
from alarmbridge.store.blind_spells import SpellKind

T = TypeVar("T")

Instant = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
"""A moment in UTC, RFC 3339 with milliseconds."""

EventType = Literal["alarm.raised", "alarm.changed", "alarm.cleared"]
Glob = Annotated[str, Field(min_length=1, max_length=LONGEST_VALUE)]
Globs = Annotated[list[Glob], Field(min_length=1, max_length=MOST_VALUES)]

Kind = Literal["raised", "changed", "cleared"]

# What another version tells more in its events is passed on.
_OPEN = ConfigDict(extra="allow")


class Page(TypedDict, Generic[T]):
    """Some items, newest first. `next` is what `after` takes to go on; null at the end."""

    items: list[T]
    next: str | None


@with_config(_OPEN)
class AlarmShape(TypedDict):
    """An alarm. Times are the device's, but for `seen_at`, which is the bridge's.

    `description` stays the raise's text, or its last change; the clear's is `clear_description`.
    A cleared alarm keeps its last severity. `name`, `event_type` and `probable_cause` are null
    where the OID is not in the catalogue.
    """

    id: str
    state: SerializeAsAny[State]
    severity: SerializeAsAny[Severity]
    previous_severity: SerializeAsAny[Severity] | None
    description: str
    clear_description: str | None
    source: str | None
    oid: str | None
    name: str | None
    event_type: str | None
    probable_cause: str | None
    raised_at: Instant | None
    cleared_at: Instant | None
    clear_reason: SerializeAsAny[ClearReason] | None
    seen_at: Instant
    device_alarm_id: str | None
    origin: SerializeAsAny[Origin]


class ListedAlarm(AlarmShape):
    """An alarm as it is now.

    `device` is null for an alarm of the bridge that means none. `stale`: the device cannot be
    seen just now, so this is how it was. `closed_at` and `closed_by` are of the operator who
    closed it (RFC 8632): whether it is cleared is another matter.
    """

    device: str | None
    stale: bool
    operator_state: SerializeAsAny[OperatorState]
    acknowledged_at: Instant | None
    acknowledged_by: str | None
    closed_at: Instant | None
    closed_by: str | None


@with_config(_OPEN)
class EventDevice(TypedDict):
    """A device as it was when an event was told."""

    name: str
    url: str
    tags: dict[str, str]
    product: str | None
    serial_number: str | None
    version: str | None


@with_config(_OPEN)
class EventData(TypedDict):
    """What an event says. `sequence` rises per device; `note`: what alarmbridge adds."""

    event_id: str
    sequence: int
    transient: bool
    alarm: AlarmShape
    device: EventDevice | None


@with_config(_OPEN)
class EventShape(TypedDict):
    """An event, to the letter as it was told to sinks and kept."""

    type: EventType
    timestamp: Instant
    data: EventData


class RemarkShape(TypedDict):
    """What befell a delivery on its way."""

    at: Instant
    words: str


class DeliveryShape(TypedDict):
    """What is owed to a sink. `reason`: why it is dead or dropped, or how the last attempt failed.

    `answer` is the far end's word, `key` the name under which it knows the alarm, `note` what is
    added to the event there.
    """

    id: int
    event_id: str
    alarm_id: str
    device: str | None
    description: str
    sink: str
    key: str
    kind: Kind
    state: SerializeAsAny[DeliveryState]
    attempts: int
    created_at: Instant
    next_at: Instant
    settled_at: Instant | None
    reason: str | None
    answer: str | None
    note: str | None


class RemarkedDelivery(DeliveryShape):
    """What is owed to a sink, and what befell it on its way, oldest first."""

    remarks: list[RemarkShape]


class ActionShape(TypedDict):
    """Somebody changed something. `target`: what, where that is no alarm."""

    id: int
    at: Instant
    who: str
    action: str
    alarm_id: str | None
    target: str
    comment: str


class AlarmStory(ListedAlarm):
    """An alarm and what came of it; of each list the first page, newest first.

    `next` of each is a cursor for `/api/v1/events?alarm=…`, `/api/v1/deliveries?alarm=…` and
    `/api/v1/actions?alarm=…`.
    """

    events: Page[EventShape]
    deliveries: Page[RemarkedDelivery]
    actions: Page[ActionShape]


class SpellShape(TypedDict):
    """From when to when a device could not be seen, and why. `until` is null while it lasts."""

    kind: SerializeAsAny[SpellKind]
    since: Instant
    until: Instant | None
    reason: str


class DeviceShape(TypedDict):
    """A device, and how well it can be seen.

    `state` is `followed`, `removed` (it is configured no longer) or what makes the bridge blind
    for it, as `blind` says. `read_at` is when its tables were last read. `active_alarms` counts
    those of the bridge about it, too.
    """

    name: str
    url: str
    tags: dict[str, str]
    product: str | None
    version: str | None
    serial_number: str | None
    high_availability: str | None
    state: Literal["followed", "removed", "unreachable", "login", "unreadable", "gap"]
    active_alarms: int
    first_seen_at: Instant
    read_at: Instant | None
    removed_at: Instant | None
    blind: SerializeAsAny[SpellKind] | None


class DeviceStory(DeviceShape):
    """A device, what stands there by severity, and its blind spells, the first page of them."""

    active_by_severity: dict[str, int]
    blind_spells: Page[SpellShape]


@with_config(ConfigDict(extra="forbid"))
class MatchShape(TypedDict, total=False):
    """Which alarms are meant; what is not given may be anything. Texts are globs."""

    min_severity: SerializeAsAny[Severity]
    devices: Globs
    tags: dict[Glob, Globs]
    name: Globs
    source: Globs
    description: Globs
    origin: Annotated[list[SerializeAsAny[Origin]], Field(min_length=1, max_length=len(Origin))]
    labels: dict[Glob, Globs]
    not_labels: dict[Glob, Globs]


class SilenceShape(TypedDict):
    """A silence. `place` is where it stands, so where it can be ended."""

    id: str
    state: SerializeAsAny[SilenceState]
    place: SerializeAsAny[Place]
    match: MatchShape
    starts_at: Instant
    ends_at: Instant
    comment: str
    author: str
    created_at: Instant | None


class MistakeShape(TypedDict):
    """One thing that is wrong: with a parameter, or with what a JSON pointer shows in the body."""

    parameter: NotRequired[str]
    pointer: NotRequired[str]
    detail: str


class Problem(TypedDict):
    """A problem document (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: NotRequired[str]
    errors: NotRequired[list[MistakeShape]]
