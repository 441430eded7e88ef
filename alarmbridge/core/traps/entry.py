"""An entry of the catalogue: what is known of one kind of alarm."""

from dataclasses import dataclass

from alarmbridge.core.severity import Severity

DEVICE_TRAPS = "1.3.6.1.4.1.5003.9.10.1.21"
"""acTrap of the AcBoard MIB: the default of a device's `SNMPTrapEnterpriseOid`."""

CRITICAL = Severity.CRITICAL
MAJOR = Severity.MAJOR
MINOR = Severity.MINOR
WARNING = Severity.WARNING
INDETERMINATE = Severity.INDETERMINATE


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueEntry:
    """What is known of one trap; None or empty where no source says.

    name: the notification's name in its MIB. event_type, probable_cause: X.733's words as the
    MIB spells them, without the number. clears: whether a clear ever follows; False for what
    stands until a restart and for what tells of a moment. severities: those that were seen or
    are documented, worst first. meaning, check: a sentence or two for people.
    """

    oid: str
    name: str
    event_type: str | None
    probable_cause: str | None
    clears: bool | None
    severities: tuple[Severity, ...]
    meaning: str | None
    check: str | None


def trap(
    oid: str | int,
    name: str,
    *severities: Severity,
    event_type: str | None = None,
    cause: str | None = None,
    clears: bool | None = None,
    meaning: str | None = None,
    check: str | None = None,
) -> CatalogueEntry:
    """Make an entry. oid: whole, or of a device's own traps the last arc alone."""
    return CatalogueEntry(
        oid=f"{DEVICE_TRAPS}.2.0.{oid}" if isinstance(oid, int) else oid,
        name=name,
        event_type=event_type,
        probable_cause=cause,
        clears=clears,
        severities=severities,
        meaning=meaning,
        check=check,
    )
