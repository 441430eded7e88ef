"""How the rules that keep the noise down are written in the configuration."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field

from alarmbridge.core.durations import parse_duration
from alarmbridge.core.noise import Digest, Flapping, Rate
from alarmbridge.core.severity import Severity
from alarmbridge.sinks.fields import Duration, Section, between, lower

_RATE = re.compile(r"([0-9]{1,6}) ?/ ?([0-9.]* ?[a-z]+)")
_SECOND = timedelta(seconds=1)

_Length = Annotated[Duration, between(_SECOND, timedelta(days=7))]


class FlappingRule(Section):
    """When an alarm, the same oid and source of a device, counts as flapping, and as calm again."""

    raises: int = Field(default=5, ge=2, le=1000)
    within: _Length = timedelta(minutes=10)
    calm: _Length = timedelta(minutes=10)

    @property
    def rule(self) -> Flapping:
        """The rule as core knows it."""
        return Flapping(raises=self.raises, within=self.within, calm=self.calm)


class DigestRule(Section):
    """How long to gather, and the severity from which on an alarm is told at once."""

    every: _Length = timedelta(minutes=5)
    urgent: Annotated[Severity, BeforeValidator(lower)] | None = None

    @property
    def rule(self) -> Digest:
        """The rule as core knows it."""
        return Digest(every=self.every, urgent=self.urgent)


def _parse_rate(value: object) -> Rate:
    """Read `30/m`, `5/10s` or `100/1h`. Raises ValueError."""
    if isinstance(value, Rate):
        return value
    written = re.fullmatch(_RATE, str(value).strip())
    if written is None or not int(written[1]):
        raise ValueError("must be a number per length of time such as 30/m or 5/10s")
    length = written[2] if written[2][0].isdigit() else f"1{written[2]}"
    per = parse_duration(length)
    if per < _SECOND:
        raise ValueError("must be per second or longer, such as 30/m")
    return Rate(number=int(written[1]), per=per)


RateLimit = Annotated[Rate, BeforeValidator(_parse_rate)]
"""A number of notices per length of time, `30/m`."""
