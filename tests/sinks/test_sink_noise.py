"""How the rules that keep the noise down are written, and what of it is a mistake."""

from datetime import timedelta
from typing import ClassVar

import pytest
from pydantic import ValidationError

from alarmbridge.core.noise import Digest, Flapping, Rate, Transients
from alarmbridge.core.severity import Severity
from alarmbridge.sinks.base import SinkConfig
from alarmbridge.sinks.noise import DigestRule, FlappingRule

MINUTE = timedelta(minutes=1)


class PeoplesConfig(SinkConfig):
    for_people: ClassVar[bool] = True


def configure(kind: type[SinkConfig] = PeoplesConfig, **keys: object) -> SinkConfig:
    return kind.model_validate({"name": "chat", "type": "chat", **keys})


@pytest.mark.parametrize(
    ("written", "rate"),
    [
        ("30/m", Rate(number=30, per=MINUTE)),
        (" 5 / 10s ", Rate(number=5, per=timedelta(seconds=10))),
        ("100/1h", Rate(number=100, per=timedelta(hours=1))),
        ("1/1.5 h", Rate(number=1, per=90 * MINUTE)),
        (Rate(number=2, per=MINUTE), Rate(number=2, per=MINUTE)),
    ],
)
def test_a_rate_is_a_number_per_length_of_time(written: object, rate: Rate) -> None:
    assert configure(rate_limit=written).rate_limit == rate


@pytest.mark.parametrize(
    "written", ["30", "0/m", "m/30", "-1/m", "30/", "30/500ms", "30/0s", "30/x", "1.5/m", "", 30]
)
def test_what_is_no_rate_is_a_mistake(written: object) -> None:
    with pytest.raises(ValidationError, match="rate_limit"):
        configure(rate_limit=written)


def test_flapping_has_defaults_and_bounds() -> None:
    rule = FlappingRule()
    assert rule.rule == Flapping(raises=5, within=10 * MINUTE, calm=10 * MINUTE)
    assert configure(flapping={"raises": 3, "within": "1m"}).flapping == FlappingRule(
        raises=3, within=MINUTE
    )
    for mistake in ({"raises": 1}, {"within": "500ms"}, {"calm": "0s"}, {"often": 3}):
        with pytest.raises(ValidationError, match="flapping"):
            configure(flapping=mistake)


def test_a_digest_says_how_long_and_what_does_not_wait() -> None:
    assert DigestRule().rule == Digest(every=5 * MINUTE)
    config = configure(digest={"every": "1m", "urgent": "Critical"})
    assert config.digest is not None
    assert config.digest.rule == Digest(every=MINUTE, urgent=Severity.CRITICAL)
    with pytest.raises(ValidationError, match=r"digest\.urgent"):
        configure(digest={"urgent": "terrible"})


@pytest.mark.parametrize("keys", [{"digest": {}}, {"transients": "digest"}])
def test_only_sinks_that_people_read_gather(keys: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="cannot be a digest: what this sink leads to"):
        configure(SinkConfig, **keys)
    assert configure(**keys)


def test_transients_and_repeats_are_words_and_lengths_of_time() -> None:
    config = configure(SinkConfig, transients="drop", repeat="4h", delay="30s")
    assert config.transients is Transients.DROP
    assert (config.repeat, config.delay) == (timedelta(hours=4), timedelta(seconds=30))
    for mistake in ({"transients": "maybe"}, {"repeat": "59s"}, {"delay": "soon"}):
        with pytest.raises(ValidationError):
            configure(SinkConfig, **mistake)
