"""Operator state: what operators said last, apart from whether the alarm stands."""

from dataclasses import replace

import pytest
from core_cases import NOW, alarm, cleared

from alarmbridge.core.operator import OperatorState


@pytest.mark.parametrize(
    ("acknowledged", "closed", "state"),
    [
        (False, False, OperatorState.NONE),
        (True, False, OperatorState.ACK),
        (True, True, OperatorState.CLOSED),
        (False, True, OperatorState.CLOSED),
    ],
)
def test_closing_says_more_than_acknowledging(
    acknowledged: bool, closed: bool, state: OperatorState
) -> None:
    for one in (alarm("1"), cleared(alarm("1"))):
        told = replace(
            one,
            acknowledged_at=NOW if acknowledged else None,
            operator_closed_at=NOW if closed else None,
        )
        assert told.operator_state is state
