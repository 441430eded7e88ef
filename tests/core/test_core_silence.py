"""Silences: when they hold, what they are called, and which of several it was."""

import json
from datetime import timedelta

import pytest
from core_cases import NOW, SECOND, alarm

from alarmbridge.core.filters import Match
from alarmbridge.core.silence import (
    Place,
    Silence,
    SilenceState,
    configured_id,
    find_silence,
    occurrence_id,
    parse_comment,
    silence_as_json,
)

HOUR = timedelta(hours=1)


def silence(number: int = 7, match: Match | None = None, **other: object) -> Silence:
    told = {"starts_at": NOW, "ends_at": NOW + HOUR}
    return Silence(id=str(number), match=match or Match(), **(told | other))  # type: ignore[arg-type] - fields, as the test says


def test_its_start_is_part_of_it_and_its_end_no_longer() -> None:
    one = silence()
    moments = [NOW - SECOND, NOW, NOW + HOUR - SECOND, NOW + HOUR]
    assert [one.holds(now) for now in moments] == [False, True, True, False]
    assert [one.state(now) for now in moments] == [
        SilenceState.PENDING,
        SilenceState.ACTIVE,
        SilenceState.ACTIVE,
        SilenceState.EXPIRED,
    ]


def test_one_that_was_ended_before_it_began_never_holds() -> None:
    ended = silence(starts_at=NOW + HOUR, ends_at=NOW)
    for now in (NOW, NOW + HOUR, NOW + 2 * HOUR):
        assert (ended.holds(now), ended.state(now)) == (False, SilenceState.EXPIRED)


@pytest.mark.parametrize(
    ("about", "name"),
    [
        ({}, "silence 7"),
        ({"comment": "SBC upgrade"}, "silence 7 (SBC upgrade)"),
        ({"author": "noc"}, "silence 7 (by noc)"),
        ({"comment": "SBC upgrade", "author": "noc"}, "silence 7 (SBC upgrade, by noc)"),
    ],
)
def test_people_are_told_its_number_and_what_it_is_for(about: dict[str, str], name: str) -> None:
    assert str(silence(**about)) == name


def test_of_several_the_one_that_ends_last_silences() -> None:
    several = [
        silence(1, ends_at=NOW + HOUR),
        silence(2, ends_at=NOW + 2 * HOUR),
        silence(3, Match(devices=("other",)), ends_at=NOW + 3 * HOUR),
        silence(4, starts_at=NOW + HOUR, ends_at=NOW + 4 * HOUR),
    ]
    found = find_silence(several, alarm("1"), {}, now=NOW)
    assert found is several[1]
    assert find_silence(several[2:], alarm("1"), {}, now=NOW) is None


def test_a_silence_can_go_by_the_tags_of_the_device() -> None:
    one = [silence(match=Match(tags={"site": ("a*",)}))]
    assert find_silence(one, alarm("1"), {"site": "ams"}, now=NOW) is one[0]
    assert find_silence(one, alarm("1"), {"site": "ber"}, now=NOW) is None


def test_its_id_tells_where_it_stands() -> None:
    file = configured_id(Match(), starts_at=NOW, ends_at=NOW + HOUR)
    window = occurrence_id("nightly", NOW)
    assert [silence(7).place, silence(file).place, silence(window).place] == [
        Place.ARCHIVE,
        Place.CONFIGURATION,
        Place.MAINTENANCE,
    ]
    assert window == "config/maintenance/nightly/2026-01-01T13:00:00Z"


def test_an_id_of_the_configuration_follows_from_what_it_silences_and_when() -> None:
    match = Match(devices=("a",))
    when = {"starts_at": NOW, "ends_at": NOW + HOUR}
    first = configured_id(match, **when)
    assert first == configured_id(Match(devices=("a",)), **when)
    others = {
        configured_id(Match(), **when),
        configured_id(match, starts_at=NOW, ends_at=NOW + 2 * HOUR),
        configured_id(match, starts_at=NOW - HOUR, ends_at=NOW + HOUR),
    }
    assert len(others - {first}) == 3


@pytest.mark.parametrize("text", ["two\nlines", "bell\a", "x" * 501, "\u202eback", "\ud800"])
def test_a_comment_is_one_line_that_can_be_shown(text: str) -> None:
    assert parse_comment(" SBC upgrade, Träger 5 ") == "SBC upgrade, Träger 5"
    with pytest.raises(ValueError, match="must be one line of at most 500 characters"):
        parse_comment(text)


def test_as_json_it_says_how_it_stands_and_where() -> None:
    one = silence(match=Match(devices=("a",)), comment="c", author="noc", created_at=NOW - HOUR)
    assert json.loads(json.dumps(silence_as_json(one, now=NOW))) == {
        "id": "7",
        "state": "active",
        "place": "archive",
        "match": {"devices": ["a"]},
        "starts_at": "2026-01-01T13:00:00.000Z",
        "ends_at": "2026-01-01T14:00:00.000Z",
        "comment": "c",
        "author": "noc",
        "created_at": "2026-01-01T12:00:00.000Z",
    }
