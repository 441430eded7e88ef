"""The rules that keep the noise at a sink down, as values; `gate` and `routing` go by them."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from alarmbridge.core.durations import write_duration
from alarmbridge.core.severity import Severity


class Transients(StrEnum):
    """What a sink wants of alarms that were raised and cleared before anybody saw them stand."""

    SEND = "send"
    DIGEST = "digest"
    DROP = "drop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flapping:
    """When an alarm flaps: so many raises within a time, until there was none for `calm`."""

    raises: int
    within: timedelta
    calm: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """How alarms are gathered: for how long, and from which severity on they are told at once."""

    every: timedelta
    urgent: Severity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many notices at most in a time; a sink that was quiet may send that many at once."""

    number: int
    per: timedelta

    def __str__(self) -> str:
        """Write it as the configuration does, `30/1m`, in the largest whole unit."""
        return f"{self.number}/{write_duration(self.per)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """A sink's rules. delay: how long an alarm must stand before it is told; None: not at all."""

    delay: timedelta = timedelta(0)
    flapping: Flapping | None = None
    transients: Transients = Transients.SEND
    digest: Digest | None = None
