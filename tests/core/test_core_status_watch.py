"""What a status tells beside the alarms."""

import pytest
from core_cases import MINUTE, NOW, held

from alarmbridge.core.bridge import FIRMWARE_CHANGED, HA_NOT_OPERATIONAL, HA_SWITCHOVER
from alarmbridge.core.decision import Held
from alarmbridge.core.event import Cleared, Event, Raised
from alarmbridge.core.reading import DeviceStatus
from alarmbridge.core.status_watch import watch_status

PAIR = {"serial_number": "1", "version": "7.2", "high_availability": "Operational"}


def status(**told: str | None) -> DeviceStatus:
    said: dict[str, str | None] = {**PAIR, **told}
    return DeviceStatus(
        asked_at=0, received_at=0, local_time=None, uptime=None, product=None, **said
    )


def watched(before: Held, **told: str | None) -> list[tuple[str, str]]:
    """Tell what comes of a status: the kind and name of each event, in order."""
    events = watch_status(before, status(**told), sequence=before.sequence, now=NOW + MINUTE)
    assert [event.sequence for event in events] == [
        before.sequence + place for place in range(1, len(events) + 1)
    ]
    return [(type(event).__name__, event.alarm.name or "") for event in events]


def standing(before: Held, **told: str | None) -> Held:
    """Have what a status raised stand."""
    events: tuple[Event, ...] = watch_status(before, status(**told), sequence=3, now=NOW)
    own = tuple(event.alarm for event in events if isinstance(event, Raised))
    return held(own=own, sequence=7, **{**PAIR, **told})


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"version": None},
        {"serial_number": None},
        {"high_availability": None},
        {"high_availability": "Synchronizing"},
        {"high_availability": " operational "},
    ],
)
def test_a_status_that_tells_no_news_is_no_event(told: dict[str, str | None]) -> None:
    assert watched(held(**PAIR), **told) == []


def test_the_first_status_is_no_change() -> None:
    assert watched(held(), high_availability="Not Operational") == []
    assert watched(held()) == []


def test_another_version_is_told_and_over_at_once() -> None:
    assert watched(held(**PAIR), version="7.4") == [
        ("Raised", FIRMWARE_CHANGED),
        ("Cleared", FIRMWARE_CHANGED),
    ]
    raised, cleared = watch_status(held(**PAIR), status(version="7.4"), sequence=0, now=NOW)
    assert "from 7.2 to 7.4" in raised.alarm.description
    assert raised.alarm.transient
    assert isinstance(cleared, Cleared)


def test_a_box_without_a_partner_that_is_replaced_has_not_switched_over() -> None:
    alone = held(**{**PAIR, "high_availability": "Not Operational"})
    assert watched(alone, serial_number="2", high_availability="Not Operational") == []


def test_a_switchover_stands_until_the_pair_is_operational() -> None:
    assert watched(held(**PAIR), serial_number="2", high_availability="Synchronizing") == [
        ("Raised", HA_SWITCHOVER)
    ]
    after = standing(held(**PAIR), serial_number="2", high_availability="Synchronizing")
    assert watched(after, serial_number="2", high_availability="Synchronizing") == []
    assert watched(after, serial_number="1", high_availability="Synchronizing") == []
    assert watched(after, serial_number="2") == [("Cleared", HA_SWITCHOVER)]


def test_a_switchover_that_was_over_before_it_was_seen_is_told() -> None:
    assert watched(held(**PAIR), serial_number="2") == [
        ("Raised", HA_SWITCHOVER),
        ("Cleared", HA_SWITCHOVER),
    ]


def test_a_switchover_to_a_unit_left_alone_is_both() -> None:
    alone = {"serial_number": "2", "high_availability": "Not Operational"}
    assert watched(held(**PAIR), **alone) == [
        ("Raised", HA_SWITCHOVER),
        ("Raised", HA_NOT_OPERATIONAL),
    ]
    after = standing(held(**PAIR), **alone)
    assert watched(after, **alone) == []
    assert watched(after, serial_number="2", version="7.4") == [
        ("Raised", FIRMWARE_CHANGED),
        ("Cleared", FIRMWARE_CHANGED),
        ("Cleared", HA_SWITCHOVER),
        ("Cleared", HA_NOT_OPERATIONAL),
    ]


def test_a_word_that_nobody_knows_makes_no_pair() -> None:
    starting = held(**{**PAIR, "high_availability": "Starting"})
    assert watched(starting, high_availability="Not Operational") == []
    alone = held(**{**PAIR, "high_availability": "Standalone"})
    assert watched(alone, serial_number="2", high_availability="Standalone") == []


def test_a_pair_that_is_taken_apart_is_no_pair_any_more() -> None:
    lost = standing(held(**PAIR), high_availability="Not Operational")
    assert watched(lost, high_availability="Disabled") == [("Cleared", HA_NOT_OPERATIONAL)]
    assert watched(held(**PAIR), serial_number="2", high_availability="Disabled") == []


def test_a_pair_that_was_synchronizing_can_be_lost_too() -> None:
    between = held(**{**PAIR, "high_availability": "Synchronizing"})
    assert watched(between, high_availability="Not Operational") == [("Raised", HA_NOT_OPERATIONAL)]
