"""Exports: every alarm that is asked for in one file, of any size, a page at a time."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from alarmbridge.cli.answers import ALARMS, Answers, Document, Wanted, ask_all
from alarmbridge.cli.whole_file import whole_text
from alarmbridge.core.csv_rows import csv_head, csv_rows
from alarmbridge.core.errors import ConfigError
from alarmbridge.store.page import MOST
from alarmbridge.web.exports import COLUMNS

Write = Callable[[Sequence[Document]], str]


async def export(answers: Answers, wanted: Wanted, file: Path, *, force: bool) -> int:
    """Write the alarms into a file, which is there once it is whole; return how many."""
    head, write = form_of(file)
    count = 0
    with whole_text(file, force=force) as out, _progress() as progress:
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
