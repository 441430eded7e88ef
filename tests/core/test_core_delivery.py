"""The words of a delivery that the archive and people depend on."""

from alarmbridge.core.delivery import DeliveryState, Obligation


def test_states_are_the_words_of_the_design() -> None:
    assert list(DeliveryState) == ["pending", "delivered", "dead", "dropped"]


def test_what_is_owed_is_pending_until_something_else_is_said() -> None:
    owed = Obligation(event_id="e", alarm_id="a", sink="chat", key="a")
    assert (owed.state, owed.reason) == ("pending", None)
