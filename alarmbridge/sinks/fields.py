"""The kinds of value that configuration is written in: lengths of time, names, globs, files."""

import re
import ssl
from datetime import timedelta
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationInfo,
)

from alarmbridge.core.durations import LONGEST, parse_duration, write_duration

FOLDER = "folder"
"""The validation context's key for the folder that relative paths start from."""

_WORD = re.compile(r"[!-~]+")
_NAME = re.compile(r"\w[\w.-]{0,99}")

T = TypeVar("T")


class Section(BaseModel):
    """A mapping in the configuration: frozen, unknown keys are mistakes, input is not echoed."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, coerce_numbers_to_str=True
    )


def between(least: timedelta, most: timedelta = LONGEST) -> AfterValidator:
    """Bound a length of time, in words such as it is written in."""

    def check(length: timedelta) -> timedelta:
        if length < least:
            raise ValueError(f"must be at least {write_duration(least)}")
        if length > most:
            raise ValueError(f"must be at most {write_duration(most)}")
        return length

    return AfterValidator(check)


def lower(value: object) -> object:
    """Write a word in lower case, so that `Major` is `major`."""
    return value.lower() if isinstance(value, str) else value


def _parse_name(text: str) -> str:
    if not re.fullmatch(_NAME, text):
        raise ValueError("must be up to 100 letters, digits and . _ - with no space between")
    return text


def _as_many(value: object) -> object:
    return value if isinstance(value, list | tuple) else (value,)


def _find_ca_file(path: Path, validation: ValidationInfo) -> Path:
    found = Path((validation.context or {}).get(FOLDER, "")) / path
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(found)
    except ssl.SSLError:
        raise ValueError(f"{found} holds no certificate in PEM form") from None
    except OSError as error:
        raise ValueError(f"{found} cannot be read: {error.strerror}") from None
    return found


def _check_secret_word(secret: SecretStr) -> SecretStr:
    if not re.fullmatch(_WORD, secret.get_secret_value()):
        raise ValueError("must be printable ASCII with no space in it")
    return secret


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
"""A length of time, up to a hundred years."""

Pause = Annotated[Duration, between(timedelta(milliseconds=100))]
"""A length of time that something waits, so that zero can make no hot loop."""

Name = Annotated[str, AfterValidator(_parse_name)]
"""What a thing is called here and in all that is said of it."""

Glob = Annotated[str, StringConstraints(min_length=1)]
"""A pattern of `*`, `?` and `[…]`, compared with regard to case."""

SecretWord = Annotated[SecretStr, AfterValidator(_check_secret_word)]
"""A key that somebody has given out: printable ASCII with no space in it."""

CaFile = Annotated[Path, AfterValidator(_find_ca_file)]
"""A file of certificates to trust; relative to the configuration's own folder."""

OneOrMany = Annotated[tuple[T, ...], BeforeValidator(_as_many), Field(min_length=1)]
"""A list, or one value that need not stand in a list."""
