"""Silences: for a while nobody is told of some alarms; they are kept all the same."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.filters import Match


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """One silence, or one occurrence of a recurring maintenance window.

    id: the archive's number, or `config/…` for one that stands in the configuration.
    starts_at is part of it, ends_at no longer. author: who asked for it, as far as is known.
    """

    id: str
    match: Match
    starts_at: datetime
    ends_at: datetime
    comment: str = ""
    author: str = ""

    def holds(self, now: datetime) -> bool:
        """Say whether it is in force."""
        return self.starts_at <= now < self.ends_at

    def __str__(self) -> str:
        """Name it for people: `silence 7 (SBC upgrade, by noc)`."""
        about = ", ".join(
            part for part in (self.comment, f"by {self.author}" if self.author else "") if part
        )
        return f"silence {self.id}" + (f" ({about})" if about else "")


def find_silence(
    silences: Iterable[Silence], alarm: Alarm, tags: Mapping[str, str], *, now: datetime
) -> Silence | None:
    """Find what silences an alarm now, the one that ends last of several. tags: its device's."""
    over = [one for one in silences if one.holds(now) and one.match.fits(alarm, tags)]
    return max(over, key=lambda one: (one.ends_at, one.id), default=None)
