"""Files that are there once they are whole, and not before."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, TextIO

from alarmbridge.core.errors import AlarmbridgeError, ConfigError


@contextmanager
def whole_file(file: Path, *, force: bool, private: bool = False) -> Iterator[BinaryIO]:
    """Open a file to write that takes its name only at the end, and then all at once.

    private: nobody else may read it. Raises ConfigError for one that is there, unless by force.
    """
    partial = file.with_name(f".{file.name}.{os.getpid()}.part")
    _check_free(file, force=force)
    try:
        access = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(partial, access, 0o600 if private else 0o666), "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        _check_free(file, force=force)
        partial.replace(file)
    except OSError as error:
        raise AlarmbridgeError(f"{file} cannot be written: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def whole_text(file: Path, *, force: bool) -> Iterator[TextIO]:
    """Open one for text in UTF-8, as `whole_file` does."""
    with whole_file(file, force=force) as whole:
        out = TextIOWrapper(whole, encoding="utf-8", newline="")
        yield out
        out.detach()


def _check_free(file: Path, *, force: bool) -> None:
    if not force and file.exists():
        raise ConfigError([f"{file} is there already; give --force to replace it"])
