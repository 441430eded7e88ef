"""The words of an alarm that the archive and the outside depend on."""

from core_cases import alarm

from alarmbridge.core.alarm import ClearReason, Origin, State


def test_states_reasons_and_origins_are_the_words_of_the_design() -> None:
    assert list(State) == ["active", "cleared"]
    assert list(ClearReason) == ["device", "device_restart", "device_removed", "operator"]
    assert list(Origin) == ["device", "bridge"]


def test_an_alarm_begins_active_and_without_any_word_of_its_clear() -> None:
    new = alarm("1")
    assert (new.state, new.origin, new.revision) == ("active", "device", 0)
    assert (new.cleared_at, new.clear_reason, new.clear_description) == (None, None, None)
