"""A decision: when there is nothing to write."""

from typing import Any

import pytest
from core_cases import NOW, alarm, mark, reading

from alarmbridge.core.decision import Decision, Gap
from alarmbridge.core.event import tell_raised


def test_remarks_and_a_restart_alone_are_nothing_to_write() -> None:
    assert Decision(remarks=("odd",), restarted=True).empty


@pytest.mark.parametrize(
    "something",
    [
        {"events": (tell_raised(alarm("1"), sequence=1, now=NOW),)},
        {"evidence": (alarm("1"),)},
        {"new_marks": (mark(reading("r1")),)},
        {"lost_marks": ("r1",)},
        {"gap": Gap(since=NOW, until=NOW, reason="overwritten")},
    ],
)
def test_anything_else_is_something_to_write(something: dict[str, Any]) -> None:
    assert not Decision(**something).empty
