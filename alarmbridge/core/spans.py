"""Lengths of time in words."""

from datetime import timedelta

_UNITS = (
    ("d", timedelta(days=1)),
    ("h", timedelta(hours=1)),
    ("min", timedelta(minutes=1)),
    ("s", timedelta(seconds=1)),
)


def in_words(length: timedelta) -> str:
    """Say a length of time in one unit: `3 d`, `90 min`, `5 s`.

    The largest that leaves nothing over; where all do, the largest of which it has one.
    """
    held = [(word, unit) for word, unit in _UNITS if length >= unit]
    whole = [(word, unit) for word, unit in held if not length % unit]
    word, unit = (whole or held or _UNITS[-1:])[0]
    return f"{length // unit} {word}"
