"""Exports: every alarm that is asked for in one file, of any size, a page at a time."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from alarmbridge.cli.answers import ALARMS, Answers, Document, Wanted, ask_all
from alarmbridge.core.csv_rows import csv_head, csv_rows
from alarmbridge.core.errors import AlarmbridgeError, ConfigError
from alarmbridge.store.page import MOST
from alarmbridge.web.exports import COLUMNS

Write = Callable[[Sequence[Document]], str]


async def export(answers: Answers, wanted: Wanted, file: Path, *, force: bool) -> int:
    """Write the alarms into a file, which is there once it is whole; return how many."""
    head, write = form_of(file)
    count = 0
    with whole_file(file, force=force) as out, _progress() as progress:
        task = progress.add_task("", total=None)
        out.write(head)
        async for page in ask_all(answers, ALARMS, wanted.put(limit=MOST)):
            out.write(write(page.items))
            count += len(page.items)
            progress.update(task, completed=count)
    return count


def form_of(file: Path) -> tuple[str, Write]:
    """Say what a file begins with and how rows are written, by its name; raises ConfigError."""
    forms: dict[str, tuple[str, Write]] = {
        ".csv": (csv_head(COLUMNS), lambda items: csv_rows(COLUMNS, items)),
        ".ndjson": ("", _lines),
    }
    form = forms.get(file.suffix.lower())
    if form is None:
        raise ConfigError([f"--export: {file} must end in {' or '.join(forms)}"])
    return form


@contextmanager
def whole_file(file: Path, *, force: bool) -> Iterator[TextIO]:
    """Open a file to write that takes its name only at the end, and then all at once."""
    partial = file.with_name(f".{file.name}.{os.getpid()}.part")
    _check_free(file, force=force)
    try:
        with partial.open("x", encoding="utf-8", newline="") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        _check_free(file, force=force)
        partial.replace(file)
    except OSError as error:
        raise AlarmbridgeError(f"--export: {file} cannot be written: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)


def _check_free(file: Path, *, force: bool) -> None:
    if not force and file.exists():
        raise ConfigError([f"--export: {file} is there already; give --force to replace it"])


def _progress() -> Progress:
    console = Console(stderr=True)
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.completed:,} alarms"),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )


def _lines(items: Sequence[Document]) -> str:
    return "".join(
        json.dumps(item, ensure_ascii=False, separators=(",", ":")) + "\n" for item in items
    )
