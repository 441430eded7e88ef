"""Files on their way to a device and from it: read as they go, and shown how far they are."""

import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from alarmbridge.cli.device.door import ask, do
from alarmbridge.cli.options import ConfigFile
from alarmbridge.cli.output import show_json
from alarmbridge.cli.whole_file import whole_file
from alarmbridge.core.errors import ConfigError
from alarmbridge.mediant.files import Check, download_file
from alarmbridge.mediant.maintenance import Maintenance
from alarmbridge.mediant.mediant import Mediant
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


Send = Callable[[Maintenance, Upload, Moved], Awaitable[str]]


def send(
    context: typer.Context, config: ConfigFile, file: Path, load: Send, *, as_json: bool
) -> None:
    """Send a file, and show what the device says to it."""

    async def work(mediant: Mediant) -> str:
        with reading(file) as upload, shown(f"{context.obj}: {file.name}", upload.size) as moved:
            return await load(mediant.maintenance, upload, moved)

    do(context, config, work, otherwise="Loaded.", as_json=as_json)


def fetch(
    context: typer.Context,
    config: ConfigFile,
    path: str,
    target: Path | None,
    *,
    check: Check,
    force: bool,
    as_json: bool,
) -> None:
    """Fetch a file whole, or none of it. as_json: as a document with its text, or where it is.

    check: what it has to look like.
    """
    text, device = BytesIO(), str(context.obj)

    async def work(mediant: Mediant) -> int:
        with writing(target, force=force) as out, shown(f"{device}: {path}") as moved:
            write = text.write if as_json and target is None else out
            return await download_file(
                mediant.line, path, write, device=device, check=check, progress=moved
            )

    size = ask(context, config, work)
    if as_json:
        place = {"text": text.getvalue().decode(errors="replace")}
        show_json({"bytes": size, **(place if target is None else {"file": str(target)})})


def read(file: Path) -> bytes:
    """Read a small file whole; raises ConfigError."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigError([f"{file}: {error.strerror}"]) from error
