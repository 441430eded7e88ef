"""The types of sink there are, by name: built in, or from packages of others."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Any

from alarmbridge.core.errors import ConfigError
from alarmbridge.sinks.base import Sink, SinkConfig

BUILT_IN = MappingProxyType(
    {
        "alertmanager": "alarmbridge.sinks.alertmanager",
        "apprise": "alarmbridge.sinks.apprise",
        "jsm": "alarmbridge.sinks.jsm",
        "log": "alarmbridge.sinks.log",
        "pagerduty": "alarmbridge.sinks.pagerduty",
        "servicenow": "alarmbridge.sinks.servicenow",
        "snmp": "alarmbridge.sinks.snmp",
        "syslog": "alarmbridge.sinks.syslog",
        "webhook": "alarmbridge.sinks.webhook",
    }
)
"""The module of each; it holds a `Config` and a `Sink`. Loaded only when one is configured."""

GROUP = "alarmbridge.sinks"
"""The entry points by which a package of others adds a type; each leads to the same two names."""


@dataclass(frozen=True, slots=True)
class SinkType:
    """A type of sink: what it is configured by, and what makes one from that."""

    name: str
    config: type[SinkConfig]
    make: Callable[[Any], Sink]


def list_types(plug_ins: Iterable[EntryPoint] | None = None) -> tuple[str, ...]:
    """Name every type there is. plug_ins: those that are installed, when not given."""
    return tuple(sorted({*BUILT_IN, *(entry.name for entry in _installed(plug_ins))}))


def load_type(name: str, plug_ins: Iterable[EntryPoint] | None = None) -> SinkType:
    """Load a type of sink; raises ConfigError when there is none, or it is broken."""
    if name in BUILT_IN:
        return _check(name, import_module(BUILT_IN[name]), BUILT_IN[name])
    found = [entry for entry in _installed(plug_ins) if entry.name == name]
    if not found:
        known = ", ".join(list_types(plug_ins))
        raise ConfigError([f"there is no sink type {name!r}; there are: {known}"])
    if len(found) > 1:
        rivals = " and ".join(sorted(_describe(entry) for entry in found))
        raise ConfigError([f"sink type {name!r} is claimed by {rivals}; uninstall one"])
    return _check(name, _load_plug_in(found[0]), _describe(found[0]))


def make_sink(config: SinkConfig, plug_ins: Iterable[EntryPoint] | None = None) -> Sink:
    """Make the sink that a configuration describes; nothing is connected yet."""
    return load_type(config.type, plug_ins).make(config)


def _installed(plug_ins: Iterable[EntryPoint] | None) -> tuple[EntryPoint, ...]:
    return tuple(entry_points(group=GROUP) if plug_ins is None else plug_ins)


def _load_plug_in(entry: EntryPoint) -> object:
    try:
        return entry.load()
    except Exception as error:  # an odd sink may raise anything when it is loaded
        words = f"{type(error).__name__}: {error}"
        raise ConfigError(
            [f"sink type {entry.name!r} cannot be loaded from {_describe(entry)}: {words}"]
        ) from error


def _check(name: str, holder: object, place: str) -> SinkType:
    config, make = getattr(holder, "Config", None), getattr(holder, "Sink", None)
    if not (isinstance(config, type) and issubclass(config, SinkConfig)):
        raise ConfigError(
            [f"sink type {name!r}, from {place}, has no Config derived from base.SinkConfig"]
        )
    if not callable(make):
        raise ConfigError([f"sink type {name!r}, from {place}, has no Sink"])
    return SinkType(name, config, make)


def _describe(entry: EntryPoint) -> str:
    package = f" of package {entry.dist.name}" if entry.dist is not None else ""
    return f"{entry.value}{package}"
