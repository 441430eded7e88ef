"""Ids follow from what they name: the same said again is the same id, anything else another."""

from typing import Any

import pytest
from core_cases import at

from alarmbridge.core.ids import alarm_id_of, event_id_of, identity_of

ALARM: dict[str, Any] = {
    "device": "sbc-1",
    "device_alarm_id": "7",
    "date": at(10),
    "oid": "1.10",
    "source": "Board#1",
}


def test_the_same_alarm_read_again_has_the_same_identity() -> None:
    assert identity_of(**ALARM) == identity_of(**(ALARM | {"date": at(10)}))


@pytest.mark.parametrize(
    "other",
    [
        {"device": "sbc-2"},
        {"device_alarm_id": "8"},
        {"date": at(11)},
        {"date": None},
        {"oid": None},
        {"source": "Board#2"},
    ],
)
def test_one_other_detail_makes_another_instance(other: dict[str, object]) -> None:
    assert identity_of(**ALARM) != identity_of(**(ALARM | other))


def test_an_alarm_of_the_history_alone_goes_by_its_row() -> None:
    unlisted = ALARM | {"device_alarm_id": None}
    one, other = (identity_of(**unlisted, raise_row=row) for row in ("7", "8"))
    assert len({one, other, identity_of(**ALARM, raise_row="7")}) == 3


def test_parts_that_run_together_are_not_confused() -> None:
    one = identity_of(**(ALARM | {"oid": "1.1", "source": "0/Board"}))
    assert one != identity_of(**(ALARM | {"oid": "1.10", "source": "/Board"}))


def test_an_instance_that_returns_is_another() -> None:
    assert alarm_id_of(identity="i", occurrence=0) != alarm_id_of(identity="i", occurrence=1)


def test_an_event_with_other_words_is_another_event() -> None:
    ids = {
        event_id_of(alarm_id="a", kind=kind, revision=revision, evidence=evidence)
        for kind in ("changed", "cleared")
        for revision in (1, 2)
        for evidence in ("major/down", "major/worse")
    }
    assert len(ids) == 8
