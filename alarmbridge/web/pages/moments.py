"""Moments and lengths of time, as people read them."""

from datetime import UTC, datetime, timedelta

from alarmbridge.core.payload import format_instant

_STEPS = (("d", 86_400), ("h", 3600), ("min", 60))


def utc(moment: datetime | str) -> str:
    """Write a moment for people: `2026-11-23 21:04:05 UTC`."""
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def machine(moment: datetime | str) -> str:
    """Write a moment for the script, which shows it in the viewer's zone."""
    return moment if isinstance(moment, str) else format_instant(moment) or ""


def span(length: timedelta) -> str:
    """Say a length in its two largest units: `3 d 4 h`, `12 s`."""
    seconds = max(int(length.total_seconds()), 0)
    words: list[str] = []
    for unit, size in _STEPS:
        if seconds >= size or words:
            words.append(f"{seconds // size} {unit}")
            seconds %= size
    return " ".join([word for word in words[:2] if not word.startswith("0 ")]) or f"{seconds} s"
