"""A moment as a device writes it: the raw text beside the instant it names."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

_RFC3339 = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})[T ](?P<clock>\d{2}:\d{2}:\d{2})(?:[.,](?P<fraction>\d{1,9}))?"
    r"\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?"
)


@dataclass(frozen=True, slots=True)
class DeviceTime:
    """What a device wrote, and what it means.

    raw: as it came, kept because the zone in it cannot always be believed.
    at: the instant in UTC; None where the text names none. Without a zone it is taken as UTC.
    wall: what the device's own clock showed, to the second, without a zone; None as above.
    zone: the zone as written ("Z", "+03:00"), "" where there was none.
    """

    raw: str
    at: datetime | None = None
    wall: datetime | None = None
    zone: str = ""

    def same_moment(self, other: "DeviceTime") -> bool:
        """Whether both texts name one moment; another spelling of it is no difference."""
        return self.raw == other.raw or (self.at is not None and self.at == other.at)


def parse_device_time(raw: str) -> DeviceTime:
    """Read `…Z`, `…+03:00`, or either with a space for the T (guide 8.1.1, 8.1.2); never fails."""
    found = _RFC3339.fullmatch(raw.strip())
    if found is None:
        return DeviceTime(raw)
    zone = found["zone"] or ""
    fraction = (found["fraction"] or "0")[:6].ljust(6, "0")
    try:
        wall = datetime.fromisoformat(f"{found['day']}T{found['clock']}")
        at = datetime.fromisoformat(
            f"{found['day']}T{found['clock']}.{fraction}{_colon(zone) or '+00:00'}"
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        return DeviceTime(raw)
    return DeviceTime(raw, at, wall, zone)


def _colon(zone: str) -> str:
    if zone == "Z":
        return "+00:00"
    return f"{zone[:3]}:{zone[-2:]}" if zone else ""
