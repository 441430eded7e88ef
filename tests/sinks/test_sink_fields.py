from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from alarmbridge.core.alarm import Origin
from alarmbridge.core.severity import Severity
from alarmbridge.sinks.base import MatchConfig, SinkConfig
from alarmbridge.sinks.fields import FOLDER, CaFile, Section, parse_duration, write_duration

UNITS = {
    "ms": timedelta(milliseconds=1),
    "": timedelta(seconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}


class Trusting(Section):
    ca_file: CaFile


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=36500), st.sampled_from(sorted(UNITS)))
def test_a_number_and_a_unit_are_a_length(number: int, unit: str) -> None:
    assert parse_duration(f"{number}{unit}") == number * UNITS[unit]


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=10**9))
def test_a_length_is_written_as_it_is_read(milliseconds: int) -> None:
    length = timedelta(milliseconds=milliseconds)
    assert parse_duration(write_duration(length)) == length


def test_a_length_is_written_in_its_largest_whole_unit() -> None:
    assert write_duration(timedelta(seconds=90)) == "90s"
    assert write_duration(timedelta(days=7)) == "7d"


@settings(deadline=None)
@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=36500)))
def test_a_length_reads_back_from_its_milliseconds_and_itself(length: timedelta) -> None:
    whole = timedelta(milliseconds=length // timedelta(milliseconds=1))
    assert parse_duration(f"{whole // timedelta(milliseconds=1)}ms") == whole
    assert parse_duration(length) == length


@settings(deadline=None)
@given(st.text() | st.from_regex(r"[0-9.e+-]{1,20} ?[a-z]{0,2}") | st.floats() | st.integers())
def test_no_value_breaks_the_parser_or_its_bounds(value: object) -> None:
    with suppress(ValueError):
        assert timedelta(0) <= parse_duration(value) <= timedelta(days=36500)


@pytest.mark.parametrize(
    ("value", "length"),
    [
        (5, timedelta(seconds=5)),
        (0.5, timedelta(milliseconds=500)),
        ("1.5h", timedelta(minutes=90)),
        (" 10 s ", timedelta(seconds=10)),
    ],
)
def test_numbers_fractions_and_a_space_are_read(value: object, length: timedelta) -> None:
    assert parse_duration(value) == length


@pytest.mark.parametrize(
    "value",
    ["", "s", "5 parsecs", "-1s", "1h30m", "\u0665s", "nan", None, True, "36501d", "9" * 15],
)
def test_anything_else_is_no_length(value: object) -> None:
    with pytest.raises(ValueError, match="must be a length of time"):
        parse_duration(value)


def test_what_matches_may_be_one_value_or_many() -> None:
    match = MatchConfig.model_validate(
        {
            "min_severity": "Minor",
            "devices": "sbc-*",
            "tags": {"site": "ams", "customer": ["acme", "umbrella"]},
            "name": ["acTrunk*"],
            "origin": "bridge",
        }
    )
    assert match == MatchConfig(
        min_severity=Severity.MINOR,
        devices=("sbc-*",),
        tags={"site": ("ams",), "customer": ("acme", "umbrella")},
        name=("acTrunk*",),
        origin=(Origin.BRIDGE,),
    )
    assert MatchConfig() == MatchConfig.model_validate({})


@pytest.mark.parametrize(
    "raw",
    [{"min_severity": "bad"}, {"devices": []}, {"devices": ""}, {"origin": "me"}, {"device": "x"}],
)
def test_what_cannot_match_is_a_mistake(raw: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        MatchConfig.model_validate(raw)


@pytest.mark.parametrize("name", ["", "a b", "-a", "a/b", "a*", "a\n", "x" * 101])
def test_a_name_is_one_word(name: str) -> None:
    with pytest.raises(ValidationError, match="letters, digits"):
        SinkConfig(name=name, type="log")


@pytest.mark.parametrize(
    "keys", [{"concurrency": 0}, {"concurrency": 65}, {"timeout": "0s"}, {"give_up_after": "-1s"}]
)
def test_every_sink_has_bounds(keys: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SinkConfig.model_validate({"name": "x", "type": "log", **keys})


def test_a_ca_file_is_sought_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(ValidationError, match=r"ca\.pem holds no certificate in PEM form"):
        Trusting.model_validate({"ca_file": "ca.pem"}, context={FOLDER: tmp_path})
    with pytest.raises(ValidationError, match=r"other\.pem cannot be read: No such file"):
        Trusting.model_validate({"ca_file": "other.pem"}, context={FOLDER: tmp_path})
