"""Telling: an event's body, read back as the values it was built from."""

from dataclasses import replace

import pytest
from core_cases import NOON, NOW, SECOND, alarm, cleared

from alarmbridge.core.alarm import Alarm, State
from alarmbridge.core.bridge import SINK_FAILING, raise_own
from alarmbridge.core.event import KINDS, Event, tell_changed, tell_cleared, tell_raised
from alarmbridge.core.payload import DeviceFacts, build_body, with_note
from alarmbridge.core.severity import Severity
from alarmbridge.core.telling import read_telling

FACTS = DeviceFacts(name="sbc-1", url="https://192.0.2.1", tags={"site": "ams"}, version="7.20A")
TRUNK = replace(alarm("1"), name="acTrunk", event_type="equipmentAlarm", probable_cause="other")
ENDED = cleared(TRUNK, cleared_at=NOON + SECOND, clear_description="Trunk is up", transient=True)

EVENTS: tuple[Event, ...] = (
    tell_raised(TRUNK, sequence=1, now=NOW),
    tell_changed(
        replace(TRUNK, severity=Severity.CRITICAL),
        previous_severity=Severity.MAJOR,
        sequence=2,
        now=NOW,
    ),
    tell_cleared(ENDED, sequence=3, now=NOW),
)


def as_told(one: Alarm) -> Alarm:
    """Leave out of an alarm what an event does not tell."""
    return replace(one, device_date=None, revision=0)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: KINDS[type(event)])
def test_what_was_built_is_read_back(event: Event) -> None:
    telling = read_telling(build_body(event, FACTS))
    assert telling.alarm == as_told(event.alarm)
    assert (telling.event_id, telling.sequence, telling.at) == (event.id, event.sequence, NOW)
    assert (telling.kind, telling.device, telling.note) == (KINDS[type(event)], FACTS, None)


def test_only_a_change_says_what_the_severity_was() -> None:
    before = [read_telling(build_body(event, FACTS)).previous_severity for event in EVENTS]
    assert before == [None, Severity.MAJOR, None]


def test_an_alarm_that_means_no_device_names_none() -> None:
    own = raise_own(SINK_FAILING, device="", subject="chat", words="No.", sequence=1, now=NOW)
    telling = read_telling(build_body(own, None))
    assert (telling.device, telling.alarm.device, telling.alarm.origin) == (None, "", "bridge")


def test_what_a_device_never_told_is_none() -> None:
    bare = Alarm(id="a", device="sbc-1", severity=Severity.MINOR, description="", seen_at=NOW)
    telling = read_telling(build_body(tell_raised(bare, sequence=1, now=NOW), FACTS))
    assert telling.alarm == bare
    assert telling.alarm.state is State.ACTIVE


def test_a_note_is_read_with_the_event() -> None:
    assert read_telling(with_note(build_body(EVENTS[0], FACTS), "it flaps")).note == "it flaps"
