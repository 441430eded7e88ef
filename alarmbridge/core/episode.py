"""One alarm from raise to clear, as far as list and history tell."""

from dataclasses import dataclass, field

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.matching import Missing
from alarmbridge.core.reading import Reading

BEFORE_ALL = -1


@dataclass(slots=True, eq=False)
class Episode:
    """What `pairing` makes of an alarm.

    alarm: the held one, None for an episode nobody knew. opening: what tells of the raise, where
    the alarm is not held. opened, closed: places in the history, for the order of events; closed
    also where no clear row tells of it, if a later raise does. rivals: other episodes that its
    clear row may be about.
    """

    alarm: Alarm | None = None
    opening: Reading | None = None
    stands: bool = False
    missing: Missing | None = None
    raise_row: Reading | None = None
    clear_row: Reading | None = None
    opened: int = BEFORE_ALL
    closed: int = BEFORE_ALL
    rivals: "list[Episode]" = field(default_factory=list)
    continues: "Episode | None" = None
    continued: "Episode | None" = None

    @property
    def about(self) -> Alarm | Reading:
        """Whatever carries its oid, source and severity."""
        about = self.opening or self.alarm
        if about is None:
            raise AssertionError("an episode is about an alarm or a reading")
        return about
