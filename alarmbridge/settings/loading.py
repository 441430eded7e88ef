"""The way in: find the file, lay the environment over it, parse all sections, check the whole."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from alarmbridge.core.errors import ConfigError
from alarmbridge.settings import mistakes as found
from alarmbridge.settings.checks import check_api, check_credentials, check_unique
from alarmbridge.settings.document import Document, read_document
from alarmbridge.settings.environment import PREFIX, Environment, Sections
from alarmbridge.settings.mistakes import Mistakes
from alarmbridge.settings.models import (
    ApiSettings,
    DatabaseSettings,
    DeviceDefaults,
    DeviceSettings,
    LogSettings,
    Settings,
)
from alarmbridge.settings.shape import M, Shaper
from alarmbridge.settings.silences import MaintenanceSettings, SilenceSettings
from alarmbridge.settings.words import word_unknown_key
from alarmbridge.sinks.base import SinkConfig
from alarmbridge.sinks.registry import list_types, load_type

PLACES = (Path("alarmbridge.yaml"), Path("/etc/alarmbridge/alarmbridge.yaml"))
"""Where the file is sought when neither --config nor $ALARMBRIDGE_CONFIG names one."""


def find_file(config: Path | None, environ: Mapping[str, str]) -> Path | None:
    """Say which file is meant: the one given, the environment's, or the first that exists."""
    if config is not None:
        return config
    if named := environ.get(f"{PREFIX}CONFIG"):
        return Path(named)
    return next((place for place in PLACES if place.exists()), None)


def load_settings(
    config: Path | None = None, *, environ: Mapping[str, str] | None = None
) -> Settings:
    """Read the configuration; raises ConfigError with every mistake in it.

    config: the file, when the user named one. environ: instead of the process's own.
    """
    environ = os.environ if environ is None else environ
    environment, file = Environment(environ), find_file(config, environ)
    if file is None and not environment.tree:
        sought = " nor ".join(str(place) for place in PLACES)
        raise ConfigError([f"there is no configuration: neither {sought}; name it by --config"])
    document = _read(file) if file is not None else Document({})

    def place_of(path: found.Path) -> str:
        if variable := environment.variable_of(path):
            return variable
        line = document.line_of(path)
        return f"{file.name}:{line}" if file is not None and line is not None else ""

    mistakes = Mistakes(place_of)
    for path, words in document.mistakes:
        mistakes.add(path, words)
    environment.check(mistakes)
    tree = environment.laid_over(document.tree, mistakes)
    return _assemble(tree, file, mistakes)


def _read(file: Path) -> Document:
    try:
        document = read_document(file.read_text("utf-8-sig"))
    except OSError as error:
        raise ConfigError([f"{file}: cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError:
        raise ConfigError([f"{file}: is no text in UTF-8"]) from None
    except ConfigError as error:
        raise ConfigError([f"{file}: {mistake}" for mistake in error.mistakes]) from None
    if document.tree is None:
        return Document({})
    if not isinstance(document.tree, dict):
        raise ConfigError([f"{file}: must begin with keys such as devices: and sinks:"])
    return document


def _assemble(tree: dict[str, Any], file: Path | None, mistakes: Mistakes) -> Settings:
    for key in tree.keys() - Sections.model_fields.keys():
        mistakes.add((key,), word_unknown_key(key, Sections.model_fields))
    raw = {key: value for key, value in tree.items() if value is not None}
    shaper = Shaper(file.parent if file is not None else Path(), mistakes)
    database = shaper.parse(DatabaseSettings, raw.get("database", {}), ("database",))
    api = shaper.parse(ApiSettings, raw.get("api", {}), ("api",))
    log = shaper.parse(LogSettings, raw.get("log", {}), ("log",))
    devices = _devices(raw, shaper)
    sinks = _sinks(_items(raw, "sinks", mistakes), shaper)
    silences = _list(raw, "silences", SilenceSettings, shaper)
    maintenance = _list(raw, "maintenance", MaintenanceSettings, shaper)
    if api is not None:
        check_api(api, mistakes)
    mistakes.raise_if_any()
    # Made from what was validated already; what is None has left its mistake above.
    return Settings.model_construct(
        file=file,
        database=database or DatabaseSettings(),
        api=api or ApiSettings(),
        devices=devices,
        sinks=sinks,
        silences=silences,
        maintenance=maintenance,
        log=log or LogSettings(),
    )


def _devices(raw: Mapping[str, Any], shaper: Shaper) -> tuple[DeviceSettings, ...]:
    mistakes, items = shaper.mistakes, _items(raw, "devices", shaper.mistakes)
    written = raw.get("defaults", {})
    defaults = shaper.parse(DeviceDefaults, written, ("defaults",)) or DeviceDefaults()
    parsed = [shaper.parse(DeviceSettings, item, ("devices", at)) for at, item in enumerate(items)]
    check_unique(items, ("devices",), mistakes)
    if isinstance(written, Mapping):
        check_credentials(written, items, mistakes)
    return tuple(device.inherit(defaults) for device in parsed if device is not None)


def _list(raw: Mapping[str, Any], section: str, model: type[M], shaper: Shaper) -> tuple[M, ...]:
    items = _items(raw, section, shaper.mistakes)
    check_unique(items, (section,), shaper.mistakes)
    parsed = [shaper.parse(model, item, (section, at)) for at, item in enumerate(items)]
    return tuple(one for one in parsed if one is not None)


def _sinks(items: list[Any], shaper: Shaper) -> tuple[SinkConfig, ...]:
    check_unique(items, ("sinks",), shaper.mistakes)
    parsed = [_sink(item, ("sinks", at), shaper) for at, item in enumerate(items)]
    return tuple(sink for sink in parsed if sink is not None)


def _sink(raw: object, path: found.Path, shaper: Shaper) -> SinkConfig | None:
    if not isinstance(raw, Mapping):
        return shaper.parse(SinkConfig, raw, path)
    name = raw.get("type")
    if not isinstance(name, str):
        known = ", ".join(list_types())
        shaper.mistakes.add((*path, "type"), f"is needed; there are: {known}")
        return None
    try:
        kind = load_type(name)
    except ConfigError as error:
        shaper.mistakes.add((*path, "type"), error.mistakes[0])
        return None
    return shaper.parse(kind.config, raw, path)


def _items(raw: Mapping[str, Any], section: str, mistakes: Mistakes) -> list[Any]:
    items = raw.get(section, [])
    if isinstance(items, list):
        return items
    mistakes.add((section,), "must be a list")
    return []
