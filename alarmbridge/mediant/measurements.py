"""Performance measurements (guide 10): values, and how they are read.

Every `parse_*` raises BadAnswer in a few words, as those of `parse` do. What is missing or is none
of its kind reads as None.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from alarmbridge.core.errors import BadAnswer
from alarmbridge.mediant.parse import clean_text, number_of
from alarmbridge.mediant.paths import is_name
from alarmbridge.mediant.strict_json import parse_object

_MOST = 2.0**63


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a performance measurement can be asked for (guide 10.1).

    indexes: what it is kept for, an IP group's number or the like. intervals: 0 the current value,
    1 the last quarter of an hour, 2 the one before it.
    """

    name: str
    indexes: tuple[int, ...]
    intervals: tuple[int, ...]
    low_threshold: float | None
    high_threshold: float | None


@dataclass(frozen=True, slots=True)
class Measured:
    """One value of a performance measurement (guide 10.1).

    others: what else the device says of it, numbers by their names.
    """

    name: str
    index: int
    interval: int
    value: float | None
    minimum: float | None
    maximum: float | None
    average: float | None
    others: Mapping[str, float]


def parse_names(body: bytes) -> tuple[str, ...]:
    """Read the names of the performance measurements (guide 10)."""
    items = parse_object(body).get("items")
    if not isinstance(items, list):
        raise BadAnswer("it has no list of items")
    return tuple(item for item in items if isinstance(item, str) and is_name(item))


def parse_measurement(body: bytes, name: str) -> Measurement:
    """Read what a measurement can be asked for (guide 10.1)."""
    found = parse_object(body)
    return Measurement(
        name,
        _integers(found.get("indexes")),
        _integers(found.get("intervalsPerIndex")),
        _measure(found.get("lowThreshold")),
        _measure(found.get("highThreshold")),
    )


def parse_measured(body: bytes, name: str, *, index: int, interval: int) -> Measured:
    """Read a value (guide 10.1). index, interval: what was asked, where the answer has neither."""
    found = parse_object(body)
    numbers = {clean_text(key): _measure(value) for key, value in found.items()}
    at_index, at_interval = number_of(found.get("index")), number_of(found.get("interval"))
    known = {"index", "interval", "value", "min", "max", "average"}
    return Measured(
        name=name,
        index=index if at_index is None else at_index,
        interval=interval if at_interval is None else at_interval,
        value=numbers.get("value"),
        minimum=numbers.get("min"),
        maximum=numbers.get("max"),
        average=numbers.get("average"),
        others={
            key: value for key, value in numbers.items() if value is not None and key not in known
        },
    )


def _integers(value: object) -> tuple[int, ...]:
    items = value if isinstance(value, list) else []
    return tuple(item for item in map(number_of, items) if item is not None)


def _measure(value: object) -> float | None:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # An integer may be beyond a float, and a text may say that it is none.
    return float(value) if abs(value) < _MOST else None
