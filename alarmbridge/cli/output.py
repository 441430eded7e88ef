"""How a command shows what it found: a table for people, JSON lines for programs."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from alarmbridge.telemetry.logs import printable

COLOURS = {
    "critical": "bold red",
    "major": "red",
    "minor": "yellow",
    "warning": "cyan",
    "indeterminate": "magenta",
    "dead": "red",
    "cleared": "green",
}


def show_table(heads: Sequence[str], rows: Iterable[Sequence[str | None]], *, empty: str) -> None:
    """Print rows under their heads; what devices wrote is shown, never obeyed."""
    console = Console(soft_wrap=False)
    table = Table(*heads, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        cells = [printable(cell or "-") for cell in row]
        table.add_row(*(Text(cell, style=COLOURS.get(cell, "")) for cell in cells))
    console.print(table if table.row_count else empty)


def show_json(document: object) -> None:
    """Print one document as one line."""
    print(json.dumps(document, ensure_ascii=False))


def local(at: datetime | None) -> str | None:
    """Write an instant in this machine's zone, to the second."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S") if at else None
