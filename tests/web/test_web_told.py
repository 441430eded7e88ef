"""What is kept for all readers: the latest, up to a bound, without a gap."""

from datetime import UTC, datetime

import pytest

from alarmbridge.store.events import StoredEvent
from alarmbridge.web.told import Batch, Ring, Wanted

EVERYTHING = Wanted()


def batch_of(start: int, *positions: int, end: int | None = None) -> Batch:
    events = [
        StoredEvent(
            position=position,
            id=f"{position}",
            alarm_id="",
            device="sbc-1",
            sequence=position,
            kind="raised",
            at=datetime(2026, 11, 23, tzinfo=UTC),
            body="{}",
        )
        for position in positions
    ]
    return Batch.of(events, start=start, end=end or positions[-1])


SIZE = len(batch_of(0, 1).words)


def ring_of(*batches: Batch, most: int = 100 * SIZE) -> Ring:
    ring = Ring(most)
    for batch in batches:
        ring.add(batch)
    return ring


def test_a_message_has_id_event_and_data() -> None:
    assert batch_of(0, 7).words == b"id: 7\nevent: alarm.raised\ndata: {}\n\n"


def test_a_batch_is_told_from_where_a_reader_is() -> None:
    batch = batch_of(2, 3, 5, 6)

    assert batch.after(2, EVERYTHING) == batch.words
    assert batch.after(1, EVERYTHING) == batch.words
    assert batch.after(3, EVERYTHING) == batch_of(3, 5, 6).words
    assert batch.after(6, EVERYTHING) == b""


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        (Wanted(types=["alarm.raised"]), True),
        (Wanted(types=["alarm.cleared"]), False),
        (Wanted(devices=["sbc-1", "sbc-2"]), True),
        (Wanted(devices=["sbc-2"]), False),
    ],
)
def test_a_reader_is_told_what_he_wants(wanted: Wanted, fits: bool) -> None:
    assert batch_of(0, 1).after(0, wanted) == (batch_of(0, 1).words if fits else b"")


@pytest.mark.parametrize(
    ("position", "start"),
    [(0, None), (1, None), (2, 2), (3, 2), (4, 4), (5, 4), (6, None), (7, None)],
)
def test_the_ring_finds_what_goes_on_after_a_position(position: int, start: int | None) -> None:
    ring = ring_of(batch_of(2, 3, 4), batch_of(4, 6))
    found = ring.find(position)

    assert (found.start if found else None) == start


def test_the_ring_forgets_the_oldest_beyond_its_bound() -> None:
    ring = ring_of(batch_of(0, 1), batch_of(1, 2), batch_of(2, 3), most=2 * SIZE)

    assert ring.find(0) is None
    assert ring.find(1) is not None


def test_what_is_larger_than_the_ring_is_not_kept() -> None:
    ring = ring_of(batch_of(0, 1), batch_of(1, 2, 3, 4), most=2 * SIZE)

    assert [ring.find(position) for position in range(5)] == [None] * 5


def test_a_ring_that_starts_anew_knows_nothing() -> None:
    ring = ring_of(batch_of(0, 1))
    ring.restart()

    assert ring.find(0) is None
