"""How a command shows what it found: a table for people, JSON lines for programs."""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Column, Table
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

_FREE_TEXT = frozenset({"URL", "SOURCE", "DESCRIPTION", "TEXT", "WHY", "ERROR"})
_ENDLESS = 100_000


def show_table(
    heads: Sequence[str],
    rows: Iterable[Sequence[str | None]],
    *,
    empty: str,
    more: bool = False,
) -> None:
    """Print rows under their heads; what devices wrote is shown, never obeyed.

    On a terminal free text is folded into its column, elsewhere each row is one line.
    more: whether there are rows that were not asked for.
    """
    console = Console()
    if not console.is_terminal:
        # Otherwise `alarmbridge alarms | grep` would find halves of lines.
        console = Console(width=_ENDLESS)
    columns = [Column(head, no_wrap=head not in _FREE_TEXT, overflow="fold") for head in heads]
    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        cells = [printable(cell or "-") for cell in row]
        table.add_row(*(Text(cell, style=COLOURS.get(cell, "")) for cell in cells))
    console.print(table if table.row_count else empty)
    if more:
        print("There are more; see --limit.", file=sys.stderr)


def show_json(document: object) -> None:
    """Print one document as one line."""
    print(json.dumps(document, ensure_ascii=False))


def local(at: datetime | None) -> str | None:
    """Write an instant in this machine's zone, to the second."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S") if at else None
