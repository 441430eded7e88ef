"""Files on their way to a device and from it: read as they go, and shown how far they are."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from alarmbridge.cli.whole_file import whole_file
from alarmbridge.core.errors import ConfigError
from alarmbridge.mediant.transport import Upload

Moved = Callable[[int], None]


@contextmanager
def reading(file: Path) -> Iterator[Upload]:
    """Open a file to send; raises ConfigError for one that cannot be read, or is empty."""
    try:
        with file.open("rb") as source:
            size = os.fstat(source.fileno()).st_size
            if not size:
                raise ConfigError([f"{file}: is empty"])
            yield Upload(file.name, size, source.read)
    except OSError as error:
        raise ConfigError([f"{file}: {error.strerror}"]) from error


@contextmanager
def writing(file: Path | None, *, force: bool) -> Iterator[Callable[[bytes], object]]:
    """Open a file for what comes from a device, for nobody else to read; None is standard output.

    Because a configuration holds secrets.
    """
    if file is None:
        yield sys.stdout.buffer.write
        sys.stdout.flush()
        return
    with whole_file(file, force=force, private=True) as out:
        yield out.write


@contextmanager
def shown(words: str, size: int | None = None) -> Iterator[Moved]:
    """Show on a terminal how far a transfer is; size: bytes in all, None where nobody knows."""
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    ) as progress:
        task = progress.add_task(words, total=size)
        yield lambda moved: progress.update(task, completed=moved)
