"""Watches performance measurements: as metrics, and against the device's own thresholds."""

import logging
from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta

from alarmbridge.core.errors import BadAnswer, Refused
from alarmbridge.core.thresholds import NAMES, Reading, crossed_thresholds
from alarmbridge.mediant.measurements import Measurement
from alarmbridge.runtime.watch.desk import Desk, Wanted

_log = logging.getLogger(__name__)

MOST_INDEXES = 64
"""Indexes of one measurement that are read: each is a request, and a time series."""

MOST = 500
"""Values of one device that are read in a round."""

_OLD = 3
"""Rounds after which a value is no longer shown: a device that is silent has none."""

_DESCRIBE_EVERY = timedelta(hours=1)


class MeasurementRound:
    """Reads the current values of the chosen measurements.

    hysteresis: by what share of a threshold a value must be back; None: no alarms, only metrics.
    """

    name = "measurements"

    def __init__(
        self, desk: Desk, *, every: timedelta, names: Sequence[str], hysteresis: float | None
    ) -> None:
        self.every = every
        self._desk = desk
        self._names = names
        self._hysteresis = hysteresis
        self._known: dict[str, Measurement] = {}
        self._describe_at = 0.0
        self._troubled: set[str] = set()
        self._lacking: set[str] = set()
        self._values: dict[tuple[str, int], float] = {}
        self._read_at = 0.0

    async def run(self) -> None:
        """Read them; a measurement that the device does not have keeps none of the others back."""
        await self._describe()
        places = [
            (known, index)
            for known in self._known.values()
            for index in known.indexes[:MOST_INDEXES]
        ]
        readings: list[Reading] = []
        unread: set[str] = set()
        for known, index in places[:MOST]:
            try:
                readings.append(await self._read(known, index))
            except BadAnswer:
                unread.add(f"{known.name}#{index}")
        self._values = {
            (one.measurement, one.index): one.value for one in readings if one.value is not None
        }
        self._read_at = self._desk.clock.monotonic()
        hysteresis = self._hysteresis
        if hysteresis is None:
            return

        def wanted(standing: Wanted) -> Wanted:
            # Of what could not be read nothing is known, so that what stands of it stays.
            kept = {key: said for key, said in standing.items() if self._is_unread(key[1], unread)}
            return {**kept, **crossed_thresholds(readings, standing, hysteresis=hysteresis)}

        await self._desk.keep(
            wanted, names=NAMES, cleared="The value is back, or measured no longer."
        )

    def values(self) -> Iterator[tuple[tuple[str, ...], float]]:
        """Tell the latest values, by device, measurement and index; none that are old."""
        age = self._desk.clock.monotonic() - self._read_at
        if age > _OLD * self.every.total_seconds():
            return
        for (name, index), value in self._values.items():
            yield (self._desk.device, name, str(index)), value

    def _is_unread(self, subject: str, unread: Collection[str]) -> bool:
        name = subject.rpartition("#")[0]
        undescribed = name in self._troubled and name not in self._known
        return subject in unread or (undescribed and name not in self._lacking)

    async def _read(self, known: Measurement, index: int) -> Reading:
        measured = await self._desk.inspector.measure(known.name, index)
        # Measurements count or are a share of something: a device says -1 where it has none.
        value = measured.value if measured.value is not None and measured.value >= 0 else None
        return Reading(
            measurement=known.name,
            index=index,
            value=value,
            low=known.low_threshold,
            high=known.high_threshold,
        )

    async def _describe(self) -> None:
        """Ask, now and then, which indexes and thresholds there are: people change them."""
        now = self._desk.clock.monotonic()
        if now < self._describe_at:
            return
        for name in self._names:
            try:
                self._known[name] = await self._desk.inspector.describe_measurement(name)
                self._troubled.discard(name)
                self._lacking.discard(name)
            except BadAnswer as error:
                if isinstance(error, Refused) and error.lasting:
                    self._known.pop(name, None)
                    self._lacking.add(name)
                if name not in self._troubled:
                    _log.warning("%s", error)
                self._troubled.add(name)
        self._describe_at = now + _DESCRIBE_EVERY.total_seconds()
