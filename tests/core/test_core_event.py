"""Events: facts with an id of their own, the same however often they are read."""

from core_cases import MINUTE, NOW, alarm, cleared

from alarmbridge.core.event import (
    KINDS,
    Changed,
    Cleared,
    Raised,
    tell_changed,
    tell_cleared,
    tell_raised,
)
from alarmbridge.core.severity import Severity


def change(text: str, *, revision: int = 0, minutes: int = 0) -> Changed:
    after = alarm("1", text, revision=revision)
    return tell_changed(
        after, previous_severity=Severity.MINOR, sequence=9, now=NOW + minutes * MINUTE
    )


def test_a_raise_is_the_first_word_about_an_alarm() -> None:
    event = tell_raised(alarm("1"), sequence=7, now=NOW)
    assert (event.sequence, event.at, event.alarm) == (7, NOW, alarm("1"))


def test_each_later_event_is_one_revision_more() -> None:
    assert change("worse").alarm.revision == 1
    assert tell_cleared(cleared(change("worse").alarm), sequence=9, now=NOW).alarm.revision == 2


def test_the_same_change_read_again_after_a_crash_is_the_same_event() -> None:
    assert change("worse").id == change("worse", minutes=5).id


def test_a_change_back_to_an_older_text_is_a_new_event() -> None:
    assert change("worse").id != change("worse", revision=2).id


def test_other_words_are_another_event() -> None:
    assert change("worse").id != change("better").id


def test_raise_and_clear_of_one_alarm_differ_in_their_ids() -> None:
    closed = tell_cleared(cleared(alarm("1")), sequence=8, now=NOW)
    assert tell_raised(closed.alarm, sequence=7, now=NOW).id != closed.id


def test_every_kind_has_its_word() -> None:
    assert {Raised: "raised", Changed: "changed", Cleared: "cleared"} == KINDS
