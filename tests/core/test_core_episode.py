"""An episode: what it is about."""

from core_cases import alarm, reading

from alarmbridge.core.episode import Episode


def test_an_episode_is_about_what_opened_it_or_else_the_held_alarm() -> None:
    assert Episode(alarm=alarm("1")).about == alarm("1")
    assert Episode(opening=reading("1")).about == reading("1")


def test_two_episodes_that_tell_the_same_are_still_two() -> None:
    assert Episode(opening=reading("1")) != Episode(opening=reading("1"))
