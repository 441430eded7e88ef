"""The bridge's own alarms: they stand exactly where they are wanted, and say what they mean."""

from dataclasses import replace

import pytest
from core_cases import MINUTE, NOW, alarm, held, told

from alarmbridge.core.alarm import Alarm, Origin
from alarmbridge.core.bridge import (
    CATALOGUE,
    DELIVERY_DEAD,
    DEVICE_UNREACHABLE,
    SINK_FAILING,
    clear_own,
    events_of_gap,
    keep_own,
    raise_own,
)
from alarmbridge.core.event import Raised


def raised(name: str = SINK_FAILING, subject: str = "chat", *, minutes: int = 0) -> Raised:
    return raise_own(
        name, device="", subject=subject, words="It fails.", sequence=4, now=NOW + minutes * MINUTE
    )


def standing(name: str, subject: str) -> Alarm:
    return raised(name, subject).alarm


@pytest.mark.parametrize("name", CATALOGUE)
def test_an_own_alarm_names_itself_and_its_subject(name: str) -> None:
    told_of = raised(name, "chat").alarm
    assert (told_of.name, told_of.device_alarm_id, told_of.source) == (name, "chat", "alarmbridge")
    assert (told_of.origin, told_of.raised_at) == (Origin.BRIDGE, NOW)
    assert told_of.event_type is not None
    assert told_of.probable_cause is not None


def test_own_alarms_differ_by_name_subject_and_time() -> None:
    ids = [
        raised().alarm.id,
        raised(DELIVERY_DEAD).alarm.id,
        raised(subject="nms").alarm.id,
        raised(minutes=1).alarm.id,
    ]
    assert len(set(ids)) == 4
    assert raised().id == raised().id


def test_its_clear_says_in_words_what_has_become_well() -> None:
    event = clear_own(raised().alarm, words="It works again.", sequence=5, now=NOW + MINUTE)
    assert (event.alarm.id, event.alarm.state) == (raised().alarm.id, "cleared")
    assert (event.alarm.cleared_at, event.alarm.description) == (NOW + MINUTE, "It fails.")
    assert event.alarm.clear_description == "It works again."


def test_a_gap_is_raised_and_cleared_at_once_for_it_cannot_go_on() -> None:
    opened, closed = events_of_gap(device="sbc-1", words="Lost.", sequence=7, now=NOW)
    assert [opened.sequence, closed.sequence] == [7, 8]
    assert (opened.alarm.device, opened.alarm.transient, closed.alarm.transient) == (
        "sbc-1",
        True,
        True,
    )
    assert opened.alarm.id == closed.alarm.id


def test_what_is_wanted_and_does_not_stand_is_raised_in_the_order_of_names() -> None:
    wanted = {(SINK_FAILING, "nms"): "b", (SINK_FAILING, "chat"): "a"}
    decision = keep_own(held(sequence=9), wanted, names={SINK_FAILING}, now=NOW)
    assert [event.alarm.device_alarm_id for event in decision.events] == ["chat", "nms"]
    assert [event.sequence for event in decision.events] == [10, 11]


def test_what_stands_and_is_wanted_is_told_only_in_other_words() -> None:
    one = standing(SINK_FAILING, "chat")
    before = held(own=(one,), sequence=4)
    wanted = {(SINK_FAILING, "chat"): one.description}
    assert keep_own(before, wanted, names={SINK_FAILING}, now=NOW).empty
    wanted = {(SINK_FAILING, "chat"): "It is shut.", (SINK_FAILING, "nms"): "It fails."}
    decision = keep_own(before, wanted, names={SINK_FAILING}, now=NOW)
    assert told(decision) == ["changed sinkFailing", "raised sinkFailing"]
    changed = decision.events[0].alarm
    assert (changed.id, changed.description, changed.revision) == (one.id, "It is shut.", 1)
    assert [event.sequence for event in decision.events] == [5, 6]


def test_what_is_wanted_no_longer_is_cleared_before_others_are_raised() -> None:
    before = held(own=(standing(SINK_FAILING, "chat"),), sequence=4)
    wanted = {(SINK_FAILING, "nms"): "It fails."}
    decision = keep_own(before, wanted, names={SINK_FAILING}, now=NOW)
    assert told(decision) == ["cleared sinkFailing", "raised sinkFailing"]
    assert [event.sequence for event in decision.events] == [5, 6]


def test_an_end_may_have_words_of_its_own() -> None:
    before = held(own=(standing(SINK_FAILING, "chat"), standing(SINK_FAILING, "nms")))
    words = {(SINK_FAILING, "nms"): "It was taken away."}
    decision = keep_own(before, {}, names={SINK_FAILING}, now=NOW, cleared_as=words)
    said = [event.alarm.clear_description for event in decision.events]
    assert said == ["It works again.", "It was taken away."]


def test_own_alarms_of_other_names_are_left_alone() -> None:
    own = (standing(DEVICE_UNREACHABLE, "sbc-1"), replace(alarm("1"), name="acBoard"))
    assert keep_own(held(own=own), {}, names={SINK_FAILING}, now=NOW).empty
