"""How far events may be told in the order of their positions, so that none is passed over.

A position is given out when an event is written, and seen once its transaction has ended. Where
several write at once, 11 may be seen before 10. So behind a hole nothing is told until whoever
may hold it has ended: then it is filled, or stays a hole for ever.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Horizon:
    """What is known of positions. safe: up to here nothing new can come any more.

    sure: up to here no hole will be filled. doubt: of holes up to here it is not known; writers:
    who may still fill one of them.
    """

    safe: int
    sure: int = 0
    doubt: int = 0
    writers: frozenset[str] = frozenset()

    @property
    def doubtful(self) -> bool:
        """Whether a hole is waited for."""
        return bool(self.writers)

    def suspect(self, position: int, writers: Collection[str]) -> "Horizon":
        """Doubt every hole up to a position that was seen.

        writers: who was writing, asked for after that position was seen. Who comes later holds
        no position before it.
        """
        return replace(self, doubt=position, writers=frozenset(writers)).hear(writers)

    def hear(self, writers: Collection[str]) -> "Horizon":
        """Take note of who is writing now; where nobody of those is, what is read next is sure."""
        left = self.writers & frozenset(writers)
        return replace(self, writers=left, sure=self.sure if left else max(self.sure, self.doubt))

    def count(self, positions: Sequence[int]) -> int:
        """Say how many of the positions that follow upon `safe` may be told, in their order."""
        before = self.safe
        for number, position in enumerate(positions):
            if position > max(before, self.sure) + 1:
                return number
            before = position
        return len(positions)

    def move(self, position: int) -> "Horizon":
        """Move on to a position up to which all has been told."""
        return replace(self, safe=position)
