"""The seam between the dispatcher and a sink, and what every sink's configuration has."""

from datetime import timedelta
from typing import Annotated, Protocol

from pydantic import BeforeValidator, Field

from alarmbridge.core.alarm import Origin
from alarmbridge.core.delivery import Notice
from alarmbridge.core.severity import Severity
from alarmbridge.sinks.fields import Duration, Glob, Name, OneOrMany, Pause, Section


class Sink(Protocol):
    """One destination. To be derived from, for what has a default."""

    async def deliver(self, notice: Notice) -> str | None:
        """Hand a notice to the far end; return its short answer ("HTTP 204") once it accepted.

        Raises SinkError. May be called for several notices at once, up to `concurrency`, and
        again with the same notice, whether or not the far end has it already.
        """
        ...

    async def aclose(self) -> None:
        """Give back what the sink holds; may be called twice, or without a deliver before."""
        ...

    def key_for(self, alarm_id: str) -> str:
        """Say under which name the far end is to know an alarm.

        Asked once per alarm and stored, so that a clear uses its raise's key whatever is
        configured by then.
        """
        return alarm_id


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


class MatchConfig(Section):
    """Which alarms a sink wants: all that is given must fit, of several values any."""

    min_severity: Annotated[Severity, BeforeValidator(_lower)] | None = None
    devices: OneOrMany[Glob] = ()
    tags: dict[str, OneOrMany[Glob]] = Field(default_factory=dict)
    name: OneOrMany[Glob] = ()
    source: OneOrMany[Glob] = ()
    description: OneOrMany[Glob] = ()
    origin: OneOrMany[Origin] = ()


class SinkConfig(Section):
    """What every sink has; a sink's own `Config` derives from it.

    concurrency: deliveries at once. timeout: for one attempt. give_up_after: from the event on.
    """

    name: Name
    type: str
    match: MatchConfig = Field(default_factory=MatchConfig)
    concurrency: int = Field(default=8, ge=1, le=64)
    timeout: Pause = timedelta(seconds=15)
    give_up_after: Duration = timedelta(days=3)
