"""Keys from the environment: `ALARMBRIDGE_DATABASE__URL` is `database.url`.

An item of a list has its number for a name (`ALARMBRIDGE_SINKS__0__SECRET`), a whole list or
mapping is written as YAML or JSON. An empty variable is not given.
"""

from collections.abc import Mapping
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from alarmbridge.core.errors import ConfigError
from alarmbridge.settings.document import read_document
from alarmbridge.settings.mistakes import Mistakes, Path
from alarmbridge.settings.models import ApiSettings, DatabaseSettings, DeviceDefaults, LogSettings
from alarmbridge.settings.words import word_unknown_key

PREFIX = "ALARMBRIDGE_"
_BETWEEN = "__"
_FILE = "_file"


class Sections(BaseSettings):
    """The sections there are. Never made: it tells the source where a value is no plain text."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter=_BETWEEN, frozen=True)

    database: DatabaseSettings
    api: ApiSettings
    defaults: DeviceDefaults
    devices: list[dict[str, Any]]
    sinks: list[dict[str, Any]]
    silences: list[dict[str, Any]]
    maintenance: list[dict[str, Any]]
    log: LogSettings


class Environment:
    """What the variables say. tree: as a document would say it, list items under their numbers."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._variables = {
            tuple(name.removeprefix(PREFIX).lower().split(_BETWEEN)): name
            for name, value in environ.items()
            if name.startswith(PREFIX) and value
        }
        source = _Source({path: environ[name] for path, name in self._variables.items()})
        self.tree: dict[str, Any] = source()
        self._unreadable = source.unreadable

    def variable_of(self, path: Path) -> str | None:
        """Name the variable that gave the value at a path, what holds it, or a part of it."""
        steps = tuple(str(step) for step in path)
        for end in range(len(steps), 0, -1):
            for tried in (steps[:end], (*steps[: end - 1], steps[end - 1] + _FILE)):
                if tried in self._variables:
                    return self._variables[tried]
        parts = (name for path, name in self._variables.items() if path[: len(steps)] == steps)
        return min(parts, default=None)

    def check(self, mistakes: Mistakes) -> None:
        """Report variables of no section, and those that cannot be read."""
        for path, words in self._unreadable:
            mistakes.add(path, words)
        for path, name in sorted(self._variables.items()):
            # One underscore is none of ours: Kubernetes sets ALARMBRIDGE_SERVICE_HOST and more.
            if len(path) > 1 and path[0] not in Sections.model_fields:
                mistakes.add((name,), word_unknown_key(path[0], Sections.model_fields))

    def laid_over(self, tree: dict[str, Any], mistakes: Mistakes) -> dict[str, Any]:
        """Return a tree in which the variables' values stand in place of those they name."""
        merged = _lay(tree, self.tree, (), mistakes)
        return merged if isinstance(merged, dict) else {}


class _Source(EnvSettingsSource):
    """Reads whole mappings and lists as YAML, of which JSON is a part, with all values as text."""

    def __init__(self, values: Mapping[tuple[str, ...], str]) -> None:
        super().__init__(Sections)
        self._values = values
        self.env_vars = {
            f"{PREFIX}{_BETWEEN.join(path)}".lower(): value for path, value in values.items()
        }
        self.unreadable: list[tuple[Path, str]] = []

    def decode_complex_value(
        self, field_name: str, field: FieldInfo | None, value: object
    ) -> object:
        del field
        # The name is only the last part of the path; the text tells which variable it was.
        path = next(
            path for path, text in self._values.items() if (path[-1], text) == (field_name, value)
        )
        try:
            document = read_document(str(value))
        except ConfigError as error:
            self.unreadable.append((path, error.mistakes[0]))
            return None
        self.unreadable += [((*path, *inner), words) for inner, words in document.mistakes]
        return document.tree


def _lay(base: object, over: object, path: Path, mistakes: Mistakes) -> object:
    if not isinstance(over, dict):
        return over
    if all(key.isdecimal() for key in over) and isinstance(base, list | None):
        return _lay_items(list(base or ()), over, path, mistakes)
    # Without the rivals, or a password from here would contradict the file's password_file.
    rivals = {f"{key}{_FILE}" for key in over} | {key.removesuffix(_FILE) for key in over}
    kept = base.items() if isinstance(base, dict) else ()
    merged = {key: value for key, value in kept if key in over or key not in rivals}
    for key, value in over.items():
        merged[key] = _lay(merged.get(key), value, (*path, key), mistakes)
    return merged


def _lay_items(
    items: list[object], over: dict[str, object], path: Path, mistakes: Mistakes
) -> list[object]:
    for at, value in sorted({int(key): value for key, value in over.items()}.items()):
        if at > len(items):
            mistakes.add((*path, at), f"is no item: the list has {len(items)} of them")
            continue
        here = items[at] if at < len(items) else None
        items[at : at + 1] = [_lay(here, value, (*path, at), mistakes)]
    return items
