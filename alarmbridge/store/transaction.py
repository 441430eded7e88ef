"""A transaction as the functions of this package see it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sqlalchemy import Executable, Row

Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a statement came to: all its rows, and how many rows it touched (-1: untold)."""

    rows: Sequence[Row[Any]]
    count: int


class Transaction(Protocol):
    """The one thing that the functions of this package need.

    A statement with the execution option `quick` touches a few rows by an index. SQLite runs it
    in the caller's own thread, because a hop to another one costs ten times the statement;
    everything else goes to a thread, so that no question of a user holds up the loop.
    """

    async def execute(self, statement: Executable, parameters: Parameters | None = None) -> Answer:
        """Run a statement; a list of parameters runs it once for each. Raises StoreError."""
        ...


QUICK = {"quick": True}
"""Execution options of a statement that needs no thread."""

_LARGEST_BATCH = 1024


def batches(values: Sequence[T]) -> Iterator[list[T]]:
    """Cut values into lists for `IN`, each padded with its last to a power of two.

    Otherwise each length would be a statement of its own for the database to prepare.
    """
    for start in range(0, len(values), _LARGEST_BATCH):
        batch = list(values[start : start + _LARGEST_BATCH])
        size = 1 << (len(batch) - 1).bit_length()
        yield batch + batch[-1:] * (size - len(batch))
