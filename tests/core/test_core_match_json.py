"""A match as JSON: what is written is read again, and all that is wrong is told at once."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarmbridge.core.alarm import Origin
from alarmbridge.core.filters import Match
from alarmbridge.core.match_json import LONGEST_VALUE, BadMatch, match_as_json, parse_match
from alarmbridge.core.severity import Severity

GLOB = st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=9)
GLOBS = st.lists(GLOB, max_size=3).map(tuple)
BY_KEY = st.dictionaries(GLOB, st.lists(GLOB, min_size=1, max_size=3).map(tuple), max_size=3)
MATCHES = st.builds(
    Match,
    min_severity=st.sampled_from([None, *Severity]),
    devices=GLOBS,
    tags=BY_KEY,
    names=GLOBS,
    sources=GLOBS,
    descriptions=GLOBS,
    origins=st.lists(st.sampled_from([one.value for one in Origin]), max_size=2).map(tuple),
    labels=BY_KEY,
    not_labels=BY_KEY,
)
WHOLE = {
    "min_severity": "major",
    "devices": ["sbc-*"],
    "tags": {"site": ["ams", "ber"]},
    "name": ["ac*"],
    "source": ["Board#1"],
    "description": ["*down*"],
    "origin": ["device"],
    "labels": {"severity": ["major", "critical"]},
    "not_labels": {"alertname": ["acTest*"]},
}


@given(MATCHES)
def test_what_is_written_is_read_again(match: Match) -> None:
    assert parse_match(json.loads(json.dumps(match_as_json(match)))) == match


def test_the_keys_are_those_of_the_configuration_and_only_what_is_given() -> None:
    assert match_as_json(parse_match(WHOLE)) == WHOLE
    assert match_as_json(Match()) == {}


def test_one_value_need_not_stand_in_a_list_and_words_may_be_capitals() -> None:
    raw = {"devices": "sbc-1", "tags": {"site": "ams"}, "origin": "Bridge", "min_severity": "Major"}
    assert parse_match(raw) == Match(
        devices=("sbc-1",),
        tags={"site": ("ams",)},
        origins=("bridge",),
        min_severity=Severity.MAJOR,
    )


@pytest.mark.parametrize(
    ("raw", "path", "words"),
    [
        (["sbc-1"], (), "must be a mapping of keys to values"),
        ({"device": "a"}, ("device",), "is no known key; there are: min_severity, devices, "),
        ({"min_severity": "awful"}, ("min_severity",), "must be critical or major or minor"),
        ({"min_severity": ["major", "minor"]}, ("min_severity",), "must have 1 to 1 values"),
        ({"min_severity": None}, ("min_severity",), "must be text"),
        ({"devices": []}, ("devices",), "must have 1 to 100 values"),
        ({"devices": ["a"] * 101}, ("devices",), "must have 1 to 100 values"),
        ({"devices": ["a", 5]}, ("devices", 1), "must be text"),
        ({"devices": {"a": 1}}, ("devices",), "must be text"),
        ({"name": ""}, ("name",), "must have 1 to 500 characters that can be printed"),
        ({"source": "x" * (LONGEST_VALUE + 1)}, ("source",), "must have 1 to 500 characters"),
        ({"description": ["a", "b\0"]}, ("description", 1), "must have 1 to 500 characters"),
        ({"description": "\ud800"}, ("description",), "must have 1 to 500 characters"),
        ({"origin": "moon"}, ("origin",), "must be device or bridge"),
        ({"tags": ["site"]}, ("tags",), "must be a mapping of keys to values"),
        ({"labels": "severity"}, ("labels",), "must be a mapping of keys to values"),
        ({"not_labels": {"a": []}}, ("not_labels", "a"), "must have 1 to 100 values"),
        ({"tags": {"": "a"}}, ("tags", ""), "must have 1 to 500 characters"),
        ({"tags": {"site": [True]}}, ("tags", "site", 0), "must be text"),
    ],
)
def test_a_mistake_is_told_with_its_path(raw: object, path: tuple[object], words: str) -> None:
    with pytest.raises(BadMatch) as caught:
        parse_match(raw)
    ((where, said),) = caught.value.mistakes
    assert (where, said.startswith(words)) == (path, True)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(BadMatch, match=r"is no known key.*; must have 1 to 100 values") as caught:
        parse_match({"unknown": 1, "devices": [], "tags": 5, "origin": "x"})
    assert [path for path, _ in caught.value.mistakes] == [
        ("unknown",),
        ("origin",),
        ("tags",),
        ("devices",),
    ]
