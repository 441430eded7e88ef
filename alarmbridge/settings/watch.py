"""What is looked after on a device beside its alarms; what is not switched on is never asked for.

Each part is off, or `true` for what is usual, or a section with what shall be different.
"""

from datetime import timedelta
from typing import Annotated, Literal, TypeVar

from pydantic import BeforeValidator, Field

from alarmbridge.sinks.fields import Duration, Section, between

_LEAST = timedelta(minutes=1)
_MOST = timedelta(days=30)

T = TypeVar("T")


_ON, _OFF = {"true", "yes", "on"}, {"false", "no", "off"}


def _switch(value: object) -> object:
    """Read what may be a section or only say whether there is one, as every text of a file may."""
    word = str(value).lower()
    if word in _ON:
        return {}
    return None if word in _OFF else value


def _switch_named(value: object) -> object:
    if str(value).lower() in _ON:
        raise ValueError("must say which ones: {names: [NetUtilPackets]}")
    return _switch(value)


Switch = Annotated[T | None, BeforeValidator(_switch)]
Every = Annotated[Duration, between(_LEAST, _MOST)]
MeasurementName = Annotated[str, Field(pattern=r"^[0-9A-Za-z_.-]{1,64}$")]
AlarmName = Annotated[str, Field(min_length=1, max_length=100)]


class CertificatesWatch(Section):
    """The certificates of all TLS contexts. within: how long before its end one is an alarm."""

    every: Every = timedelta(hours=12)
    within: Annotated[Duration, between(timedelta(hours=1), timedelta(days=3650))] = timedelta(
        days=30
    )


class LicenseWatch(Section):
    """The license."""

    every: Every = timedelta(hours=12)


class MeasurementsWatch(Section):
    """Performance measurements, by the names that `alarmbridge device NAME pm` lists.

    alarms: whether the device's own thresholds are alarms. hysteresis: by what share of a
    threshold a value must be back for its alarm to end.
    """

    names: tuple[MeasurementName, ...] = Field(min_length=1, max_length=50)
    every: Every = timedelta(minutes=1)
    alarms: bool = True
    hysteresis: float = Field(default=0.05, ge=0, le=0.5)


class ConfigurationWatch(Section):
    """The configuration. on_alarms: alarms that have it fetched at once, by name, with * and ?.

    keep: how many different ones are kept of a device.
    """

    every: Every = timedelta(hours=24)
    on_alarms: tuple[AlarmName, ...] = Field(default=(), max_length=50)
    keep: int = Field(default=50, ge=2, le=1000)


class WebPagesWatch(Section):
    """Links from here to the device's own web pages. level: what whoever follows one may do."""

    level: Literal["monitor", "operator", "admin"] = "monitor"


class WatchSettings(Section):
    """What is looked after. status: version and redundancy, from what is read for the alarms."""

    status: bool = True
    certificates: Switch[CertificatesWatch] = None
    license: Switch[LicenseWatch] = None
    measurements: Annotated[MeasurementsWatch | None, BeforeValidator(_switch_named)] = None
    configuration: Switch[ConfigurationWatch] = None
    web_pages: Switch[WebPagesWatch] = None
