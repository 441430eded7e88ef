"""Which unit of a pair an alarm is of."""

import pytest

from alarmbridge.core.units import is_of_redundant


@pytest.mark.parametrize(
    ("source", "redundant"),
    [
        ("Redundant#1/Board#1", True),
        (" redundant#12/Board#1/EthernetLink#0", True),
        ("Redundant#1", True),
        ("Board#1/Redundant#1", False),
        ("Redundant#x/Board#1", False),
        ("RedundantBoard#1", False),
        ("", False),
        (None, False),
    ],
)
def test_a_source_that_begins_with_the_redundant_unit_is_of_it(
    source: str | None, redundant: bool
) -> None:
    assert is_of_redundant(source) is redundant
