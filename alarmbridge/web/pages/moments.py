"""Moments, as people and the script read them."""

from datetime import UTC, datetime

from alarmbridge.core.payload import format_instant


def utc(moment: datetime | str) -> str:
    """Write a moment for people: `2026-11-23 21:04:05 UTC`."""
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def machine(moment: datetime | str) -> str:
    """Write a moment for the script, which shows it in the viewer's zone."""
    return moment if isinstance(moment, str) else format_instant(moment) or ""
