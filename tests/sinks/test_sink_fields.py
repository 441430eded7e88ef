from pathlib import Path

import pytest
from pydantic import ValidationError

from alarmbridge.core.alarm import Origin
from alarmbridge.core.severity import Severity
from alarmbridge.sinks.base import MatchConfig, SinkConfig
from alarmbridge.sinks.fields import FOLDER, CaFile, Section


class Trusting(Section):
    ca_file: CaFile


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
