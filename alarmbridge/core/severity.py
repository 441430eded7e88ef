"""Perceived severity, as X.733 and RFC 8632 name it."""

from enum import StrEnum


class Severity(StrEnum):
    """How bad an active alarm is; listed from worst to least."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"
    WARNING = "warning"
    INDETERMINATE = "indeterminate"

    @property
    def rank(self) -> int:
        """2 (indeterminate) to 6 (critical): the numbers of RFC 8632, so they compare."""
        return _RANKS[self]

    @property
    def and_worse(self) -> tuple["Severity", ...]:
        """This one and all that are worse, from worst to least."""
        return tuple(one for one in Severity if one.rank >= self.rank)


_RANKS = {severity: 6 - place for place, severity in enumerate(Severity)}

CLEARED = "cleared"


def parse_severity(text: str | None) -> Severity:
    """Read a device's word in any case; a word nobody knows is indeterminate, as X.733 has it."""
    try:
        return Severity((text or "").strip().lower())
    except ValueError:
        return Severity.INDETERMINATE
