"""Silences: for a while nobody is told of some alarms; they are kept all the same."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.filters import Match
from alarmbridge.core.match_json import match_as_json
from alarmbridge.core.payload import format_instant

LONGEST_COMMENT = 500

CONFIGURED = "config/"
"""How the ids of silences begin that stand in the configuration."""

_ONCE = f"{CONFIGURED}silences/"
_MAINTENANCE = f"{CONFIGURED}maintenance/"


class SilenceState(StrEnum):
    """Whether it is to come, in force or over; the words are Alertmanager's."""

    PENDING = "pending"
    ACTIVE = "active"
    EXPIRED = "expired"


class Place(StrEnum):
    """Where it stands, so where it can be ended."""

    ARCHIVE = "archive"
    CONFIGURATION = "configuration"
    MAINTENANCE = "maintenance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """One silence, or one occurrence of a recurring maintenance window.

    id: the archive's number, or `config/…` for one that stands in the configuration.
    starts_at is part of it, ends_at no longer. author: who asked for it, as far as is known.
    created_at: None for one that stands in the configuration.
    """

    id: str
    match: Match
    starts_at: datetime
    ends_at: datetime
    comment: str = ""
    author: str = ""
    created_at: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Say whether it is in force."""
        return self.starts_at <= now < self.ends_at

    def state(self, now: datetime) -> SilenceState:
        """Say how it stands. One that was ended before it began is over."""
        if now >= self.ends_at:
            return SilenceState.EXPIRED
        return SilenceState.ACTIVE if now >= self.starts_at else SilenceState.PENDING

    @property
    def place(self) -> Place:
        """Where it stands."""
        return place_of(self.id)

    def __str__(self) -> str:
        """Name it for people: `silence 7 (SBC upgrade, by noc)`."""
        about = ", ".join(
            part for part in (self.comment, f"by {self.author}" if self.author else "") if part
        )
        return f"silence {self.id}" + (f" ({about})" if about else "")


def place_of(silence_id: str) -> Place:
    """Say where a silence of that id stands, if there is one."""
    if silence_id.startswith(_MAINTENANCE):
        return Place.MAINTENANCE
    return Place.CONFIGURATION if silence_id.startswith(_ONCE) else Place.ARCHIVE


def configured_id(match: Match, *, starts_at: datetime, ends_at: datetime) -> str:
    """Name a silence of the configuration by what it says, so that it keeps it in another order."""
    said = json.dumps([match_as_json(match), _exact(starts_at), _exact(ends_at)], sort_keys=True)
    return f"{_ONCE}{sha256(said.encode()).hexdigest()[:8]}"


def occurrence_id(window: str, starts_at: datetime) -> str:
    """Name an occurrence of a window, `config/maintenance/night/2026-11-23T02:00:00Z`."""
    return f"{_MAINTENANCE}{window}/{_exact(starts_at)}"


def _exact(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def find_silence(
    silences: Iterable[Silence], alarm: Alarm, tags: Mapping[str, str], *, now: datetime
) -> Silence | None:
    """Find what silences an alarm now, the one that ends last of several. tags: its device's."""
    over = [one for one in silences if one.holds(now) and one.match.fits(alarm, tags)]
    return max(over, key=lambda one: (one.ends_at, one.id), default=None)


def parse_comment(text: str) -> str:
    """Check a comment or the name of an author; raises ValueError."""
    if not text.isprintable() or len(text) > LONGEST_COMMENT:
        raise ValueError(f"must be one line of at most {LONGEST_COMMENT} characters")
    return text.strip()


def silence_as_json(silence: Silence, *, now: datetime) -> dict[str, object]:
    """Give a silence the shape that the API and the command share."""
    return {
        "id": silence.id,
        "state": silence.state(now).value,
        "place": silence.place.value,
        "match": match_as_json(silence.match),
        "starts_at": format_instant(silence.starts_at),
        "ends_at": format_instant(silence.ends_at),
        "comment": silence.comment,
        "author": silence.author,
        "created_at": format_instant(silence.created_at),
    }
