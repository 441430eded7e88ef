"""A snapshot says in its type how far it may be believed."""

from core_cases import reading, settled, unsettled

from alarmbridge.core.reading import Settled, Snapshot, Unsettled


def test_an_unsettled_snapshot_cannot_say_that_its_list_is_complete() -> None:
    assert settled().complete
    assert not hasattr(unsettled(), "complete")


def test_both_are_snapshots_and_neither_is_the_other() -> None:
    assert isinstance(settled(), Snapshot)
    assert isinstance(unsettled(), Snapshot)
    assert not isinstance(unsettled(), Settled)
    assert not isinstance(settled(), Unsettled)


def test_a_history_row_is_a_raise_unless_it_says_otherwise() -> None:
    assert not reading("r1").cleared
