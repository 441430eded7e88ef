"""The calendar: all silences of the configuration, those that recur among them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from alarmbridge.core.silence import Silence
from alarmbridge.recurrence.windows import Window, next_occurrence, occurrences

_AROUND = timedelta(hours=1)


class Calendar:
    """Silences and windows as they are configured.

    Lanes and the recorder ask it at every step, nearly always about now: so what there is from an
    hour before to an hour after is worked out once, and looked at until that time is over.
    """

    def __init__(self, silences: Sequence[Silence] = (), windows: Sequence[Window] = ()) -> None:
        self._silences = tuple(silences)
        self._windows = tuple(windows)
        self._span: tuple[datetime, datetime] | None = None
        self._found: tuple[Silence, ...] = ()

    def around(self, now: datetime, since: datetime) -> tuple[Silence, ...]:
        """Give what is in force at any moment from since to now, and perhaps some near it."""
        if self._span is None or since < self._span[0] or now > self._span[1]:
            self._span = first, last = min(since, now - _AROUND), max(since, now) + _AROUND
            self._found = self._find(first, last)
        return self._found

    def at(self, moment: datetime) -> tuple[Silence, ...]:
        """Give what is in force at a moment, now or past."""
        return tuple(one for one in self.around(moment, moment) if one.holds(moment))

    def coming(self, now: datetime) -> tuple[Silence, ...]:
        """Give what is in force or to come; of each window what comes next. In order of starts."""
        found = [one for one in self._silences if now < one.ends_at]
        for window in self._windows:
            found += occurrences(window, since=now, until=now)
            following = next_occurrence(window, now)
            found += [following] if following else []
        return tuple(sorted(found, key=lambda one: (one.starts_at, one.id)))

    def _find(self, first: datetime, last: datetime) -> tuple[Silence, ...]:
        found = [one for one in self._silences if one.starts_at <= last and first < one.ends_at]
        for window in self._windows:
            found += occurrences(window, since=first, until=last)
        return tuple(found)
