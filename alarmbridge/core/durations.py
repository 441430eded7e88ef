"""Lengths of time: read and written as in the configuration, and said in words."""

import re
from datetime import timedelta

LONGEST = timedelta(days=36500)
"""The longest that anybody may ask for, about a hundred years."""

# Each as it is written, and as people read it.
_UNITS = (
    ("d", "d", timedelta(days=1)),
    ("h", "h", timedelta(hours=1)),
    ("m", "min", timedelta(minutes=1)),
    ("s", "s", timedelta(seconds=1)),
    ("ms", "ms", timedelta(milliseconds=1)),
)
_WRITTEN = [(name, unit) for name, _, unit in _UNITS]
_BY_NAME = {**dict(_WRITTEN), "": timedelta(seconds=1)}
_SAID = [(word, unit) for _, word, unit in _UNITS[:-1]]
_LENGTH = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?) ?(ms|[smhd]?)")


def parse_duration(value: object) -> timedelta:
    """Read `500ms`, `5s`, `2m`, `1h` or `3d`; a plain number is seconds. Raises ValueError."""
    if isinstance(value, timedelta):
        length = value
    else:
        written = re.fullmatch(_LENGTH, str(value).strip())
        if written is None:
            raise ValueError("must be a length of time such as 500ms, 5s, 2m, 1h or 3d")
        # Checked before they are multiplied: a timedelta overflows at about 2.7 million years.
        number, unit = float(written[1]), _BY_NAME[written[2]]
        length = unit * number if number <= LONGEST / unit else timedelta.max
    if not timedelta(0) <= length <= LONGEST:
        raise ValueError("must be a length of time of at most 36500d")
    return length


def write_duration(length: timedelta) -> str:
    """Write a length of time as it is read, in its largest whole unit: `100ms`, `90s`, `7d`."""
    whole = [(name, unit) for name, unit in _WRITTEN if not length % unit]
    name, unit = (whole or _WRITTEN[-1:])[0]
    return f"{length // unit}{name}"


def in_words(length: timedelta) -> str:
    """Say a length of time in one unit: `3 d`, `90 min`, `5 s`.

    The largest that leaves nothing over; where all do, the largest of which it has one.
    """
    held = [(word, unit) for word, unit in _SAID if length >= unit]
    whole = [(word, unit) for word, unit in held if not length % unit]
    word, unit = (whole or held or _SAID[-1:])[0]
    return f"{length // unit} {word}"


def in_two_units(length: timedelta) -> str:
    """Say a length of time in its two largest units: `3 d 4 h`; in seconds only below a minute.

    A unit of which there is none is left out; what is negative is `0 s`.
    """
    left, words = max(length, timedelta(0)), list[str]()
    for word, unit in _SAID[:-1]:
        count, left = divmod(left, unit)
        if count or words:
            words.append(f"{count} {word}")
    shown = " ".join(one for one in words[:2] if not one.startswith("0 "))
    return shown or f"{left // timedelta(seconds=1)} s"
