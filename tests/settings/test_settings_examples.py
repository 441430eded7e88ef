"""The examples in config/ cannot rot: they load, and the full one names every key."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from alarmbridge.settings.environment import Sections
from alarmbridge.settings.loading import load_settings
from alarmbridge.settings.models import (
    ApiSettings,
    DatabaseSettings,
    DeviceDefaults,
    DeviceSettings,
    LogSettings,
    TlsSettings,
    TokenSettings,
)
from alarmbridge.settings.silences import MaintenanceSettings, SilenceSettings
from alarmbridge.sinks.base import MatchConfig
from alarmbridge.sinks.registry import BUILT_IN, load_type

FOLDER = Path(__file__).parents[2] / "config"
MODELS: list[type[BaseModel]] = [
    Sections,
    DatabaseSettings,
    ApiSettings,
    TokenSettings,
    DeviceDefaults,
    DeviceSettings,
    TlsSettings,
    MatchConfig,
    SilenceSettings,
    MaintenanceSettings,
    LogSettings,
    *(load_type(name).config for name in BUILT_IN),
]


@pytest.mark.parametrize("name", ["example", "minimal"])
def test_an_example_loads(name: str) -> None:
    settings = load_settings(FOLDER / f"alarmbridge.{name}.yaml", environ={})
    assert settings.devices
    assert settings.sinks


def test_the_example_is_nothing_to_be_warned_of() -> None:
    assert load_settings(FOLDER / "alarmbridge.example.yaml", environ={}).warnings() == []


def test_the_example_names_every_key_and_every_built_in_sink() -> None:
    text = (FOLDER / "alarmbridge.example.yaml").read_text()
    named = set(re.findall(r"^(?: |- )*\b(\w+):|[{,] ?(\w+):", text, re.MULTILINE))
    keys = {word for pair in named for word in pair if word}
    wanted = {field.alias or key for model in MODELS for key, field in model.model_fields.items()}
    assert wanted - keys == set()
    types = {sink.type for sink in load_settings(FOLDER / "alarmbridge.example.yaml").sinks}
    assert types == set(BUILT_IN)


def test_the_example_shows_the_defaults_where_it_says_so() -> None:
    example = load_settings(FOLDER / "alarmbridge.example.yaml", environ={})
    first, hook = example.devices[0], example.sinks[0]
    shown = [example.database, example.log, example.api, first, first.tls, hook]
    differing = {f"{type(model).__name__}.{key}" for model in shown for key in _differing(model)}
    assert differing == {
        "ApiSettings.tokens",
        "DeviceSettings.username",
        "DeviceSettings.password",
        "DeviceSettings.tags",
        "DeviceSettings.watch",
        "Config.secret",
        "Config.exclude",
        "Config.flapping",
        "Config.rate_limit",
        "Config.repeat",
        "Config.headers",
        "Config.match",
    }


def _differing(model: BaseModel) -> Iterator[str]:
    for key, field in type(model).model_fields.items():
        default = field.get_default(call_default_factory=True, validated_data={})
        if not field.is_required() and getattr(model, key) != default:
            yield key
