"""What was written, in the shape its model expects: secret files read, unknown keys named."""

import pathlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from alarmbridge.settings.mistakes import Mistakes, Path
from alarmbridge.settings.words import word_error, word_unknown_key
from alarmbridge.sinks.fields import FOLDER

_FILE = "_file"

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Shaper:
    """Parses sections. folder: where relative paths start."""

    folder: pathlib.Path
    mistakes: Mistakes

    def parse(self, model: type[M], raw: object, path: Path) -> M | None:
        """Make a section, or report every mistake in it and return None."""
        shaped = self._mapping(raw, model, path)
        try:
            return model.model_validate(shaped, context={FOLDER: self.folder})
        except ValidationError as invalid:
            for error in invalid.errors(include_url=False, include_input=False):
                self.mistakes.add((*path, *_steps(error["loc"], shaped)), word_error(error))
            return None

    def _mapping(
        self, raw: object, model: type[BaseModel], path: Path, *, nested: bool = False
    ) -> object:
        if not isinstance(raw, Mapping):
            return raw
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        secrets = {f"{key}{_FILE}": key for key, field in fields.items() if _is_secret(field)}
        shaped: dict[str, object] = {}
        for key, value in raw.items():
            here = (*path, key)
            if key in fields:
                if value is not None or _allows_none(fields[key]):
                    shaped[key] = self._value(value, fields[key], here)
            elif key not in secrets:
                self.mistakes.add(here, word_unknown_key(key, {*fields, *secrets}))
                if nested and isinstance(key, str):
                    # Otherwise `{match: {device: a}}` would be said to match nothing as well.
                    shaped[key] = value
            elif value is not None:
                self._secret(raw, shaped, secrets[key], path)
        return shaped

    def _value(self, value: object, field: FieldInfo, path: Path) -> object:
        inner = next((kind for kind in _kinds(field) if issubclass(kind, BaseModel)), None)
        if inner is not None and isinstance(value, list):
            return [
                self._mapping(item, inner, (*path, at), nested=True)
                for at, item in enumerate(value)
            ]
        if inner is not None:
            return self._mapping(value, inner, path, nested=True)
        if isinstance(value, Mapping) and _is_secret(field):
            return self._mapping_of_secrets(value, path)
        return value

    def _mapping_of_secrets(self, raw: Mapping[str, object], path: Path) -> dict[str, object]:
        shaped: dict[str, object] = {}
        for key, value in raw.items():
            if key.endswith(_FILE):
                self._secret(raw, shaped, key.removesuffix(_FILE), path)
            else:
                shaped[key] = value
        return shaped

    def _secret(
        self, raw: Mapping[str, object], shaped: dict[str, object], key: str, path: Path
    ) -> None:
        """Put what the file or files of `key_file` hold where `key` is expected."""
        here, named = (*path, key), raw[f"{key}{_FILE}"]
        if raw.get(key) is not None:
            self.mistakes.add(here, f"is given, and so is {key}{_FILE}; give one of them")
            return
        try:
            if isinstance(named, list):
                shaped[key] = [self._read(name) for name in named]
            else:
                shaped[key] = self._read(named)
        except ValueError as error:
            # At the secret's own path, so that it is not reported as missing as well.
            self.mistakes.add(here, f"{key}{_FILE} {error}")

    def _read(self, name: object) -> str:
        if not isinstance(name, str):
            raise ValueError("must be the path of a file")  # noqa: TRY004 - a mistake like others
        path = self.folder / name
        try:
            text = path.read_text("utf-8")
        except OSError as error:
            raise ValueError(f"{path} cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise ValueError(f"{path} does not hold text in UTF-8") from None
        if not text.strip():
            raise ValueError(f"{path} is empty")
        return text.removesuffix("\n").removesuffix("\r")


def _steps(location: Path, shaped: object) -> Iterator[str | int]:
    """Follow a model's location as far as what was written goes; one value has no items."""
    for step in location:
        if step == "[key]" or not isinstance(shaped, Mapping | list):
            return
        if isinstance(step, int) and isinstance(shaped, Mapping) and step not in shaped:
            continue
        yield step
        if isinstance(shaped, Mapping):
            shaped = shaped.get(step)
        else:
            shaped = shaped[step] if isinstance(step, int) and step < len(shaped) else None


def _kinds(field: FieldInfo) -> Iterator[type]:
    """Give every class that a field's annotation names, however deep."""
    waiting: list[Any] = [field.annotation]
    while waiting:
        annotation = waiting.pop(0)
        waiting += get_args(annotation)
        if isinstance(annotation, type):
            yield annotation


def _is_secret(field: FieldInfo) -> bool:
    return SecretStr in _kinds(field)


def _allows_none(field: FieldInfo) -> bool:
    return type(None) in _kinds(field)
