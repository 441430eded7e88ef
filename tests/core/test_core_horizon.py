"""Holes among positions: what may be told before they are filled, and what may not."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alarmbridge.core.horizon import Horizon

WRITERS = st.integers(0, 2)
STEPS = st.tuples(st.sampled_from(("write", "write", "commit", "look", "look", "fail")), WRITERS)


@pytest.mark.parametrize(
    ("positions", "count"),
    [((), 0), ((6, 7, 8), 3), ((7,), 0), ((6, 8), 1)],
)
def test_nothing_is_told_behind_a_hole(positions: tuple[int, ...], count: int) -> None:
    assert Horizon(5).count(positions) == count


def test_a_hole_that_nobody_can_fill_stays_one() -> None:
    horizon = Horizon(5).suspect(8, ())

    assert not horizon.doubtful
    assert horizon.count((7, 8, 9)) == 3


def test_a_hole_is_waited_for_until_whoever_wrote_then_has_ended() -> None:
    doubtful = Horizon(5).suspect(8, {"3/1", "4/1"})
    later = doubtful.hear({"4/1", "9/9"})
    ended = later.hear({"9/9"})

    assert (doubtful.doubtful, later.doubtful, ended.doubtful) == (True, True, False)
    assert ended.count((7, 8)) == 2


def test_what_is_sure_ends_where_it_was_seen() -> None:
    horizon = Horizon(5).suspect(8, ())

    assert horizon.count((7, 8, 10)) == 2
    assert horizon.count((9,)) == 1
    assert horizon.count((10,)) == 0


class Archive:
    """Transactions that take positions and end in any order, and one who looks."""

    def __init__(self) -> None:
        self.given_out = 0
        self.writing: dict[int, list[int]] = {}
        self.committed: list[int] = []
        self.told: list[int] = []

    def write(self, writer: int) -> None:
        self.given_out += 1
        self.writing.setdefault(writer, []).append(self.given_out)

    def end(self, writer: int, *, well: bool) -> None:
        positions = self.writing.pop(writer, [])
        self.committed += positions if well else []

    def writers(self) -> set[str]:
        return {str(writer) for writer in self.writing}

    def look(self) -> Iterator[None]:
        """Look for ever; between two questions anything may happen."""
        horizon = Horizon(0)
        while True:
            if horizon.doubtful:
                horizon = horizon.hear(self.writers())
                yield
            seen = sorted(position for position in self.committed if position > horizon.safe)
            yield
            if horizon.doubtful or not seen:
                continue
            count = horizon.count(seen)
            self.told += seen[:count]
            if count:
                horizon = horizon.move(seen[count - 1])
            else:
                horizon = horizon.suspect(seen[-1], self.writers())


@given(st.lists(STEPS, min_size=6))
@settings(max_examples=500)
def test_whatever_the_order_of_the_ends_every_event_is_told_once_and_in_order(
    steps: list[tuple[str, int]],
) -> None:
    archive = Archive()
    looking = archive.look()
    for step, writer in steps:
        match step:
            case "write":
                archive.write(writer)
            case "look":
                for _ in range(writer + 1):
                    next(looking)
            case _:
                archive.end(writer, well=step == "commit")
    for writer in tuple(archive.writing):
        archive.end(writer, well=True)
    for _ in range(10):
        next(looking)

    assert archive.told == sorted(archive.committed)
