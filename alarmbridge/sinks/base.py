"""The seam between the dispatcher and a sink, and what every sink's configuration has."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, ClassVar, Protocol, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, field_validator

from alarmbridge.core.alarm import Alarm, Origin
from alarmbridge.core.delivery import Notice
from alarmbridge.core.noise import Transients
from alarmbridge.core.severity import Severity
from alarmbridge.sinks.fields import Duration, Glob, Name, OneOrMany, Pause, Section, between, lower
from alarmbridge.sinks.noise import DigestRule, FlappingRule, RateLimit
from alarmbridge.sinks.templates import check_template


class Sink(Protocol):
    """One destination. To be derived from, for what has a default.

    credential: what an alarm is opened by at the far end, where its clear is accepted by nothing
    else (PagerDuty's routing key). Kept with the raise, handed back with all that follows it.
    key_is_shared: whether instances of one alarm, of which one follows the other, have one key
    there; then all deliveries of a key keep their order, but for what is held.
    refresh_every, keep_cleared: for a far end that forgets what it is not told again: how often
    `refresh` is to be called, and how long a cleared alarm is among what it is called with.
    """

    credential: str | None = None
    key_is_shared: bool = False
    refresh_every: timedelta | None = None
    keep_cleared: timedelta = timedelta(0)

    async def deliver(self, notice: Notice) -> str | None:
        """Hand a notice to the far end; return its short answer ("HTTP 204") once it accepted.

        Raises SinkError. May be called for several notices at once, up to `concurrency`, and
        again with the same notice, whether or not the far end has it already.
        """
        ...

    async def refresh(self, notices: Sequence[Notice]) -> None:
        """Say again what stands, and what was cleared lately, the latest event of each alarm.

        Raises SinkError; whatever failed is said with the next refresh.
        """

    async def aclose(self) -> None:
        """Give back what the sink holds; may be called twice, or without a deliver before."""
        ...

    def key_for(self, alarm: Alarm, tags: Mapping[str, str]) -> str:
        """Say under which name the far end is to know an alarm, which is as it was raised.

        Asked once per alarm and stored, so that a clear uses its raise's key whatever is
        configured by then. tags: the device's.
        """
        del tags
        return alarm.id


class MatchConfig(Section):
    """Which alarms are meant: all that is given must fit, of several values any."""

    min_severity: Annotated[Severity, BeforeValidator(lower)] | None = None
    devices: OneOrMany[Glob] = ()
    tags: dict[str, OneOrMany[Glob]] = Field(default_factory=dict)
    name: OneOrMany[Glob] = ()
    source: OneOrMany[Glob] = ()
    description: OneOrMany[Glob] = ()
    origin: OneOrMany[Origin] = ()
    labels: dict[str, OneOrMany[Glob]] = Field(default_factory=dict)
    not_labels: dict[str, OneOrMany[Glob]] = Field(default_factory=dict)


def _check_exclusion(match: MatchConfig) -> MatchConfig:
    if match == MatchConfig():
        raise ValueError("must not be empty: it would keep every alarm away")
    return match


Exclusion = Annotated[MatchConfig, AfterValidator(_check_exclusion)]
"""Which alarms are kept away; never all of them."""

Gathered = TypeVar("Gathered", DigestRule | None, Transients)


class SinkConfig(Section):
    """What every sink has; a sink's own `Config` derives from it.

    match, exclude: which alarms it hears of; of several exclusions any keeps one away.
    delay: how long an alarm must stand before it is told.
    repeat: how often it is told again while it stands and nobody has acknowledged it.
    rate_limit: notices at most; more of them wait.
    concurrency: deliveries at once. timeout: for one attempt. give_up_after: once nothing holds it.
    """

    for_people: ClassVar[bool] = False
    """Whether people read what it sends, so that several alarms may stand in one message."""

    name: Name
    type: str
    match: MatchConfig = Field(default_factory=MatchConfig)
    exclude: OneOrMany[Exclusion] = ()
    delay: Duration = timedelta(0)
    flapping: FlappingRule | None = None
    transients: Transients = Transients.SEND
    digest: DigestRule | None = None
    repeat: Annotated[Duration, between(timedelta(minutes=1))] | None = None
    rate_limit: RateLimit | None = None
    concurrency: int = Field(default=8, ge=1, le=64)
    timeout: Pause = timedelta(seconds=15)
    give_up_after: Duration = timedelta(days=3)

    @field_validator("digest", "transients")
    @classmethod
    def _digests_are_for_people(cls, value: Gathered) -> Gathered:
        if not cls.for_people and (isinstance(value, DigestRule) or value is Transients.DIGEST):
            raise ValueError(
                "cannot be a digest: what this sink leads to opens and closes each alarm by "
                "itself; only sinks that people read (apprise) take one"
            )
        return value

    def warnings(self) -> list[str]:
        """Tell what works and may lose a clear, or leaves open what it opened; a line each."""
        return []


class WordedConfig(SinkConfig):
    """What a sink has whose far end is told in words: templates (Jinja2) of its own for them.

    title: one line. body: several lines. Not given, the standard words are used.
    """

    title: Annotated[str, AfterValidator(check_template)] | None = None
    body: Annotated[str, AfterValidator(check_template)] | None = None
