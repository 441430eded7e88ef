"""Recurs: maintenance windows as the silences that they are, and the calendar of all of them.

Promises: pure computation. The same window has the same occurrences under the same ids whenever
they are asked for, before a restart and after it, for the past as for the future; to ask again
for about the same time costs next to nothing.

Refuses: a rule that never comes, comes so often that it lies over itself many times, or means
something else for each start it could have had and is given none.

On failure: ValueError with words that follow on the name of the key; nothing fails later.

Decision: a rule is read on the wall clock of its zone, a duration is elapsed time. So a window of
two hours that begins at 01:00 in the night of the change ends at 04:00 in spring and at 02:00 in
autumn. What begins in the hour that a clock skips, and what begins in the hour that it shows
twice, each standard decides for itself, since people know one or the other:

    cron (as Debian's)   02:30 skipped: as soon as the hour is over, at 03:00.
                         02:30 twice: the first time. An hour or minute that begins with `*`
                         goes by elapsed time: it skips nothing and comes both times.
    RRULE (RFC 5545)     02:30 skipped: by the offset before the change, so at 03:30.
                         02:30 twice: the first time.

Decision: what comes more often than once a day by its frequency (HOURLY and below) is cron's to
say. Because RFC 5545 does not say what an hourly rule does when the clock is changed.
"""

from alarmbridge.recurrence.calendar import Calendar
from alarmbridge.recurrence.windows import Window, occurrences

__all__ = ["Calendar", "Window", "occurrences"]
