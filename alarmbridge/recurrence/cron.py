"""Rules written as cron writes them: minute, hour, day of month, month, day of week."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import takewhile

from cronsim import CronSim, CronSimError

_FIELDS = 5
_LONGEST = 200
# More than a clock was ever changed by at once (Apia left out a day): what begins in a skipped
# hour is moved out of it.
_MARGIN = timedelta(hours=25)
_SOME_TIME = datetime(2024, 1, 1, tzinfo=UTC)


class Cron:
    """One expression in one zone."""

    def __init__(self, text: str, zone: tzinfo) -> None:
        self._text = text
        self._zone = zone

    def between(self, since: datetime, until: datetime) -> list[datetime]:
        """List when it begins, in UTC and order; both bounds are part of it."""
        coming = takewhile(lambda start: start <= until, self._starts(since - _MARGIN))
        return [start for start in coming if start >= since]

    def after(self, moment: datetime) -> datetime | None:
        """Say when it begins next after a moment."""
        starts = self._starts(moment - _MARGIN)
        return next((start for start in starts if start > moment), None)

    def _starts(self, since: datetime) -> Iterator[datetime]:
        for start in CronSim(self._text, since.astimezone(self._zone)):
            yield start.astimezone(UTC)


def parse_cron(text: str, zone: tzinfo) -> Cron:
    """Read `0 2 * * SUN`; raises ValueError."""
    if len(text.split()) != _FIELDS or len(text) > _LONGEST:
        raise ValueError("must have five fields: minute, hour, day of month, month and day of week")
    try:
        comes = next(iter(CronSim(text, _SOME_TIME)), None)
    except CronSimError as error:
        field = str(error).lower().removeprefix("bad ").replace("-", " ")
        raise ValueError(f"has a wrong {field}") from None
    if comes is None:
        raise ValueError("never comes")
    return Cron(text, zone)
