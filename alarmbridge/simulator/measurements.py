"""Measurements: what a device counts of itself, by its performance monitoring (guide 10)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from zlib import crc32

from alarmbridge.simulator.bodies import Answer, encoded
from alarmbridge.simulator.request import Asked, Refused
from alarmbridge.simulator.unit import Unit

INTERVAL = 900
"""Seconds of one interval; they count from the boot."""

NONE = -1
"""The value of an interval that has not been yet."""

_STEP = 60
_DAY = 86400
_INTERVALS = (0, 1, 2)


@dataclass(frozen=True, slots=True)
class _Measured:
    """One measurement: its indexes, its usual value, and the thresholds of the device."""

    indexes: tuple[int, ...]
    usual: int
    low: int
    high: int


_MEASURED: Mapping[str, _Measured] = MappingProxyType(
    {
        "ActiveContextCount": _Measured((0,), 120, 5, 400),
        "NetUtilKBytes": _Measured((0, 1), 6000, 100, 30000),
        "NetUtilPackets": _Measured((0, 1), 9000, 100, 30000),
        "ModuleRTPPacketLossRx": _Measured((0,), 3, 0, 50),
        "ModulePacketDelay": _Measured((0,), 40, 0, 150),
        "ModulePacketJitter": _Measured((0,), 8, 0, 60),
        "SIPIPGroupInviteDialogs": _Measured((0, 1, 2), 40, 0, 200),
        "SIPSBCEstablishedCalls": _Measured((0,), 110, 0, 350),
    }
)

MEASUREMENTS = tuple(_MEASURED)
"""Every measurement by its name, as the list gives it; they are asked for in any case."""


class Measurements:
    """The measurements of one device: they rise and fall with the day, the same for a seed."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._fixed: dict[tuple[str, int, int], int] = {}

    def fix(self, name: str, value: int | None, index: int = 0, interval: int | None = None) -> str:
        """Have a measurement show a value from now on, in one interval or in all; None: no more.

        Returns its name as the list gives it. ValueError: there is no such measurement or index.
        """
        known = _known(name)
        if known is None or index not in _MEASURED[known].indexes:
            raise ValueError(f"there is no measurement {name!r} with index {index}")
        if interval is not None and interval not in _INTERVALS:
            raise ValueError(f"interval must be one of {_INTERVALS}, not {interval!r}")
        for each in _INTERVALS if interval is None else (interval,):
            if value is None:
                self._fixed.pop((known, index, each), None)
            else:
                self._fixed[known, index, each] = value
        return known

    def show(self, _: Asked) -> Answer:
        """Answer what is measured."""
        return encoded({"items": list(_MEASURED)})

    def show_one(self, asked: Asked) -> Answer:
        """Answer one measurement: its indexes, or with `index` or `interval` its value."""
        below_alarms = asked.path.startswith("/api/v1/alarms/")
        name = _known(asked.key)
        if name is None or below_alarms != (self._unit.habits.performance_path == "alarms"):
            raise Refused(404)
        if not asked.query:
            return encoded(
                {
                    "indexes": list(_MEASURED[name].indexes),
                    "intervalsPerIndex": list(_INTERVALS),
                    "lowThreshold": _MEASURED[name].low,
                    "highThreshold": _MEASURED[name].high,
                }
            )
        if asked.query.keys() - {"index", "interval"}:
            raise Refused(400, "Invalid parameter")
        index = _chosen(asked.query, "index", _MEASURED[name].indexes)
        interval = _chosen(asked.query, "interval", _INTERVALS)
        return encoded(self._measure(name, index, interval, asked.now))

    def _measure(self, name: str, index: int, interval: int, now: float) -> dict[str, int]:
        said = {"index": index, "interval": interval}
        fixed = self._fixed.get((name, index, interval))
        if fixed is not None:
            return said | {"value": fixed, "min": fixed, "max": fixed, "average": fixed}
        found = self._samples(name, index, interval, now)
        if not found:
            return said | {"value": NONE, "min": 0, "max": 0, "average": 0}
        average = round(sum(found) / len(found))
        value = average if interval else found[-1]
        return said | {"value": value, "min": min(found), "max": max(found), "average": average}

    def _samples(self, name: str, index: int, interval: int, now: float) -> list[int]:
        up = now - self._unit.booted_at
        first = (int(up // INTERVAL) - interval) * INTERVAL
        if first < 0:
            return []
        last = first + INTERVAL if interval else int(up) + 1
        booted = int(self._unit.booted_at)
        return [self._sample(name, index, booted + second) for second in range(first, last, _STEP)]

    def _sample(self, name: str, index: int, second: int) -> int:
        drawn = crc32(f"{self._unit.seed}/{self._unit.name}/{name}/{index}/{second}".encode())
        day = math.sin(2 * math.pi * (second % _DAY) / _DAY)
        return round(_MEASURED[name].usual * (1 + 0.4 * day + 0.2 * (drawn % 1000 / 1000 - 0.5)))


def _known(name: str) -> str | None:
    return next((known for known in _MEASURED if known.lower() == name.lower()), None)


def _chosen(query: Mapping[str, str], name: str, among: tuple[int, ...]) -> int:
    text = query.get(name)
    if text is None:
        return among[0]
    if text not in {str(each) for each in among}:
        raise Refused(400, f"Invalid {name}")
    return int(text)
