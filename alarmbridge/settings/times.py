"""Times in the configuration: zones by their names, and moments in them."""

from datetime import UTC, datetime, tzinfo
from difflib import get_close_matches
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import PlainValidator, ValidationInfo

from alarmbridge.core.instants import parse_instant

ZONE = "timezone"
"""The key, before all others that are read by it, that says in which zone local time is."""


def parse_zone(name: object) -> tzinfo:
    """Read a name of the time zone database; raises ValueError."""
    if isinstance(name, tzinfo):
        return name
    text = str(name)
    if text == "UTC":
        return UTC
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        # Of those that are none, some are folders or no paths at all.
        near = get_close_matches(text, available_timezones(), n=1)
    meant = f"; did you mean {near[0]}?" if near else ", such as Europe/Amsterdam or UTC"
    raise ValueError(f"must be a time zone by its name{meant}")


def zone_of(validation: ValidationInfo) -> tzinfo:
    """Give the zone of the section that is being read; UTC where its name is a mistake."""
    zone: tzinfo = validation.data.get(ZONE, UTC)
    return zone


def _parse_moment(value: object, validation: ValidationInfo) -> datetime:
    return value if isinstance(value, datetime) else parse_instant(str(value), zone_of(validation))


def _parse_perhaps(value: object, validation: ValidationInfo) -> datetime | None:
    return None if value is None else _parse_moment(value, validation)


Zone = Annotated[tzinfo, PlainValidator(parse_zone)]
"""A time zone."""

Moment = Annotated[datetime, PlainValidator(_parse_moment)]
"""An instant; without an offset from UTC it is local time of the section's zone."""

MaybeMoment = Annotated[datetime | None, PlainValidator(_parse_perhaps)]
"""A moment that may be null."""
