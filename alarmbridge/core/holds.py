"""Holds: what a delivery waits for, and until when."""

from dataclasses import dataclass
from datetime import datetime

DELAY = "delay"
FLAPPING = "flapping"
DIGEST = "digest"
SILENCE = "silence:"
"""The id of the silence follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """It waits. cause: one of the words above. reason: in words for people."""

    cause: str
    until: datetime
    reason: str


def word_hold(hold: Hold) -> str:
    """Say that it waits, until when and why."""
    return f"held until {hold.until:%Y-%m-%d %H:%M:%S} UTC: {hold.reason}"
