"""Silences in the configuration: those for once, and the maintenance windows that recur.

Whatever depends on another key is checked at a key of its own, after that other one, and not for
the section as a whole: otherwise one mistake would hide the next.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from alarmbridge.core.silence import parse_comment
from alarmbridge.recurrence.cron import parse_cron
from alarmbridge.recurrence.rrule import parse_rrule
from alarmbridge.recurrence.windows import LONGEST, Rule, check_overlap
from alarmbridge.settings.times import MaybeMoment, Moment, Zone, zone_of
from alarmbridge.sinks.base import MatchConfig
from alarmbridge.sinks.fields import Duration, Name, Section

Line = Annotated[str, AfterValidator(parse_comment)]


class Quiet(Section):
    """What is silenced, and why.

    everything: said where there is no match, so that none is forgotten by mistake.
    timezone: of local times and rules.
    """

    match: MatchConfig = Field(default_factory=MatchConfig)
    everything: bool = Field(default=False, validate_default=True)
    timezone: Zone = UTC
    comment: Line = ""

    @field_validator("everything")
    @classmethod
    def _as_it_is_meant(cls, everything: bool, validation: ValidationInfo) -> bool:
        match = validation.data.get("match")
        if match == MatchConfig() and not everything:
            raise ValueError("must be true where there is no match: this silences every alarm")
        if match not in (None, MatchConfig()) and everything:
            raise ValueError("is true, and there is a match as well; leave out one of them")
        return everything


class SilenceSettings(Quiet):
    """A silence for once."""

    from_: Moment = Field(alias="from")
    until: Moment
    author: Line = ""

    @field_validator("until")
    @classmethod
    def _after_from(cls, until: datetime, validation: ValidationInfo) -> datetime:
        if until <= validation.data.get("from_", datetime.min.replace(tzinfo=UTC)):
            raise ValueError("must be after from")
        return until


class MaintenanceSettings(Quiet):
    """A maintenance window. Exactly one of cron and rrule. start: DTSTART of the latter.

    duration: elapsed time, whatever the clock of the zone is set to meanwhile.
    """

    name: Name
    cron: str | None = None
    start: MaybeMoment = None
    rrule: str | None = Field(default=None, validate_default=True)
    duration: Duration

    @property
    def rule(self) -> Rule:
        """When it begins."""
        if self.cron is not None:
            return parse_cron(self.cron, self.timezone)
        return parse_rrule(self.rrule or "", self.timezone, self.start)

    @field_validator("cron")
    @classmethod
    def _is_cron(cls, cron: str | None, validation: ValidationInfo) -> str | None:
        if cron is not None:
            parse_cron(cron, zone_of(validation))
        return cron

    @field_validator("start")
    @classmethod
    def _is_of_a_rule(cls, start: datetime | None, validation: ValidationInfo) -> datetime | None:
        if start is not None and validation.data.get("cron") is not None:
            raise ValueError("is for an rrule; a cron has none")
        return start

    @field_validator("rrule")
    @classmethod
    def _is_rrule(cls, rrule: str | None, validation: ValidationInfo) -> str | None:
        if "cron" in validation.data and (rrule is None) == (validation.data["cron"] is None):
            raise ValueError(
                "is needed, or a cron" if rrule is None else "is given, and so is cron; give one"
            )
        if rrule is not None:
            parse_rrule(rrule, zone_of(validation), _start_of(validation))
        return rrule

    @field_validator("duration")
    @classmethod
    def _is_bounded(cls, duration: timedelta, validation: ValidationInfo) -> timedelta:
        if not timedelta(seconds=1) <= duration <= LONGEST:
            raise ValueError(f"must be 1s to {LONGEST.days}d")
        said = validation.data
        if said.get("cron") is not None:
            check_overlap(parse_cron(said["cron"], zone_of(validation)), duration)
        elif said.get("rrule") is not None:
            rule = parse_rrule(said["rrule"], zone_of(validation), _start_of(validation))
            check_overlap(rule, duration)
        return duration


def _start_of(validation: ValidationInfo) -> datetime | None:
    # Where the start is a mistake another stands in, or its rule would be said to need one.
    start: datetime | None = validation.data.get("start", datetime(2024, 1, 1, tzinfo=UTC))
    return start
