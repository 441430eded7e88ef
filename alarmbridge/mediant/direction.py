"""Which way a history table runs: newest row last, or first. The guide does not say."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from alarmbridge.core.reading import Reading, Row


def direction_by_place(rows: Sequence[Row], known: Mapping[str, str]) -> bool | None:
    """Tell whether the newest is last from where the rows that are new to us stand.

    None when all or none are new, or when old and new are mixed.
    """
    old = [known.get(row.id) == row.description for row in rows]
    if all(old) or not any(old):
        return None
    if old == sorted(old, reverse=True):
        return True
    return False if old == sorted(old) else None


def direction_by_dates(rows: Sequence[Row], details: Mapping[str, Reading]) -> bool | None:
    """Tell the same from the dates of the rows that were read, by the majority of neighbours.

    A majority, because a device's clock may have been set between two rows. None for a draw.
    """
    readings = [details[row.id] for row in rows if row.id in details]
    instants = [reading.date.at for reading in readings if reading.date and reading.date.at]
    return _majority((later > earlier) - (later < earlier) for earlier, later in pairwise(instants))


def direction_by_numbers(rows: Sequence[Row]) -> bool | None:
    """Guess the same from ids that are numbers, which mostly rise; to be believed by nobody.

    Better than a toss for a few rows of one second, and never to be remembered.
    """
    numbers = [int(row.id) for row in rows if row.id.isdecimal()]
    return _majority((later > earlier) - (later < earlier) for earlier, later in pairwise(numbers))


def _majority(votes: Iterable[int]) -> bool | None:
    balance = sum(votes)
    return balance > 0 if balance else None
