"""Performance measurements against the device's own thresholds, with hysteresis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alarmbridge.core.bridge import MEASUREMENT_HIGH, MEASUREMENT_LOW

NAMES = (MEASUREMENT_HIGH, MEASUREMENT_LOW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One value, and the thresholds that the device has for it.

    value: None where there is none. low, high: None or 0 where none is set.
    """

    measurement: str
    index: int
    value: float | None
    low: float | None
    high: float | None

    @property
    def subject(self) -> str:
        """What it is, in a word."""
        return f"{self.measurement}#{self.index}"


def crossed_thresholds(
    readings: Sequence[Reading],
    standing: Mapping[tuple[str, str], str],
    *,
    hysteresis: float,
) -> dict[tuple[str, str], str]:
    """Say which alarms of `NAMES` are to stand, by name and subject, with their words.

    standing: those that do. Each ends only when the value is back by this share of the threshold,
    and stays while there is no value. Thresholds that no value could satisfy mean nothing.
    """
    wanted: dict[tuple[str, str], str] = {}
    for one in readings:
        low, high = one.low, one.high
        if low and high and high <= low:
            continue
        for name, threshold, sign, where in (
            (MEASUREMENT_HIGH, high, 1, "above"),
            (MEASUREMENT_LOW, low, -1, "below"),
        ):
            words = standing.get((name, one.subject))
            if threshold and _is_beyond(one.value, threshold, sign, words, hysteresis):
                told = f"{one.subject} is {one.value or 0:g}, {where} {threshold:g}."
                wanted[name, one.subject] = words or told
    return wanted


def _is_beyond(
    value: float | None, threshold: float, sign: int, standing: str | None, hysteresis: float
) -> bool:
    if value is None:
        return standing is not None
    back = abs(threshold) * hysteresis if standing is not None else 0.0
    return sign * (value - threshold) + back > 0
