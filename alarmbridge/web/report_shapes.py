"""Shapes of a report, described by the types that write it; see `shapes`."""

from typing import Annotated, Generic, TypeVar

from pydantic import Field, SerializeAsAny
from typing_extensions import TypedDict

from alarmbridge.core.report_advice import Place
from alarmbridge.core.report_findings import Topic, Verdict
from alarmbridge.core.severity import Severity
from alarmbridge.web.shapes import Instant

T = TypeVar("T")

Share = Annotated[float, Field(ge=0, le=1)]
Day = Annotated[str, Field(json_schema_extra={"format": "date"})]


class AdviceShape(TypedDict):
    """Configuration that would calm what was found.

    `place`: it is pasted among the keys of a `sink`, of a sink that `people` read, or into the
    `file`. `saves`: notices that such a sink would not have been sent in the period, null where
    that cannot be said. `hides_critical`: critical alarms that it would not have been told.
    """

    words: str
    place: SerializeAsAny[Place]
    yaml: str
    saves: int | None
    hides_critical: int


class FindingShape(TypedDict):
    """One thing that was found, in words, beside what the standards ask for."""

    topic: SerializeAsAny[Topic]
    verdict: SerializeAsAny[Verdict]
    words: str
    target: str
    advice: list[AdviceShape]


class RateShape(TypedDict):
    """Alarms in ten minutes of the clock. `crowded`: ten minutes that had more than ten."""

    average: float
    per_day: float
    peak: int
    peak_at: Instant | None
    slots: int
    crowded: int
    crowded_share: Share


class DayShape(TypedDict):
    """A day (UTC). `stale`: alarms that stood for over a day by then."""

    day: Day
    raised: int
    stale: int


class FloodShape(TypedDict):
    """A flood; `peak` is of ten minutes."""

    since: Instant
    until: Instant
    raised: int
    peak: int


class ActorShape(TypedDict):
    """An alarm, however often it was raised: one kind at one source of a device.

    `severity` is its worst; `description` is there where it has no oid to be known by.
    """

    device: str
    name: str | None
    oid: str | None
    source: str | None
    description: str | None
    severity: SerializeAsAny[Severity]
    raised: int
    share: Share
    critical: int
    fleeting: int


class ChatterShape(ActorShape):
    """An alarm that chatters. `most`: raises within a minute; `again`: those after the third."""

    most: int
    again: int


class StandingShape(TypedDict):
    """An alarm that stands, since it was seen."""

    id: str
    device: str
    name: str | None
    source: str | None
    description: str
    severity: SerializeAsAny[Severity]
    seen_at: Instant


class BlindShape(TypedDict):
    """A device that could not be seen. `lasting`: nor can it now."""

    device: str
    spells: int
    seconds: int
    share: Share
    lasting: bool


class Some(TypedDict, Generic[T]):
    """The first of so many."""

    count: int
    items: list[T]


class Shared(Some[T], Generic[T]):
    """The first of so many, and which part of all they are."""

    share: Share


class ChatterersShape(Some[ChatterShape]):
    """Alarms that chatter. `again`: raises after the third within a minute, of all of them."""

    again: int


class FleetingShape(Shared[ActorShape]):
    """Alarms that were gone within a minute: `raised` in all. `transients` were never seen."""

    raised: int
    transients: int


class StaleShape(Some[StandingShape]):
    """Alarms that have stood for over a day. `most`: of any day."""

    most: int


class UnacknowledgedShape(Shared[StandingShape]):
    """Alarms of the period that stand unacknowledged; `share` is of all that were raised.

    `median_seconds`: half of the acknowledged ones waited less.
    """

    median_seconds: int | None


class ToldShape(TypedDict):
    """Alarms of one severity."""

    raised: int
    share: Share
    acknowledged: int


class PrioritiesShape(TypedDict):
    """`high` is critical, `medium` is major, `low` all else."""

    high: Share
    medium: Share
    low: Share


class ReportShape(TypedDict):
    """A report. `notes` say how far it may be believed; `own` counts the bridge's alarms apart."""

    since: Instant
    until: Instant
    verdict: SerializeAsAny[Verdict]
    devices: int
    raised: int
    own: int
    notes: list[str]
    findings: list[FindingShape]
    rate: RateShape
    days: list[DayShape]
    floods: Shared[FloodShape]
    frequent: Shared[ActorShape]
    chattering: ChatterersShape
    fleeting: FleetingShape
    standing: StaleShape
    severities: dict[str, ToldShape]
    priorities: PrioritiesShape
    unacknowledged: UnacknowledgedShape
    blind: Some[BlindShape]
