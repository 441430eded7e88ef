"""How a command shows what it found: a table for people, JSON lines for programs."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
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
    "good": "green",
    "look at it": "yellow",
    "bad": "red",
}

_FREE_TEXT = frozenset(
    {
        "URL",
        "SOURCE",
        "DESCRIPTION",
        "TEXT",
        "WHY",
        "ERROR",
        "OID",
        "TYPE",
        "CAUSE",
        "SEVERITIES",
        "MATCH",
        "COMMENT",
        "AUTHOR",
    }
)
_NARROWEST = 24
_BETWEEN = 2
_ENDLESS = 100_000
_NOTHING = "-"


def show_table(
    heads: Sequence[str],
    rows: Iterable[Sequence[str | None]],
    *,
    empty: str,
    more: bool = False,
) -> None:
    """Print rows under their heads; what devices wrote is shown, never obeyed.

    On a terminal free text is folded, into its column or below its row where there is no room;
    elsewhere each row is one line. more: whether there are rows that were not asked for.
    """
    console = console_of()
    console.print(lay_out(heads, rows, empty=empty, width=console.width))
    if more:
        print("There are more; see --limit.", file=sys.stderr)


def console_of() -> Console:
    """Make what writes on standard output, as wide as it is, or without end."""
    console = Console()
    # Otherwise `alarmbridge alarms | grep` would find halves of lines.
    return console if console.is_terminal else Console(width=_ENDLESS)


def lay_out(
    heads: Sequence[str], rows: Iterable[Sequence[str | None]], *, empty: str, width: int
) -> RenderableType:
    """Lay rows out under their heads for so many columns of a terminal."""
    cells = [[printable(cell or _NOTHING) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    if not cells:
        return Text(empty)
    if _room_for_text(heads, widths, width) >= _NARROWEST:
        return _table(heads, widths, cells)
    return Group(*_stack(heads, widths, cells))


def show_text(text: str) -> None:
    """Print a text set in, folded between words on a terminal; elsewhere it is one line."""
    console_of().print(Padding(Text(printable(text)), (0, 0, 0, 2 * _BETWEEN), expand=False))


def warn(words: str) -> None:
    """Say on standard error what was done all the same."""
    print(f"alarmbridge: {printable(words)}", file=sys.stderr)


def show_line(cells: Sequence[str | None]) -> None:
    """Print what has just come as one line, at once."""
    words = [printable(cell or _NOTHING) for cell in cells]
    line = (" " * _BETWEEN).join(words)
    text = Text(line, overflow="fold")
    for word in COLOURS.keys() & set(words):
        text.highlight_words([word], COLOURS[word])
    console_of().print(text)
    sys.stdout.flush()


def show_json(document: object, *, at_once: bool = False) -> None:
    """Print one document as one line. at_once: to whoever reads it as it comes."""
    # To a terminal U+009B is a command, and U+202E turns what follows it round.
    print(json.dumps(document, ensure_ascii=sys.stdout.isatty()), flush=at_once)


def local(at: datetime | None) -> str | None:
    """Write an instant in this machine's zone, to the second."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S") if at else None


def _room_for_text(heads: Sequence[str], widths: Sequence[int], width: int) -> int:
    """Say how wide each column of free text can be when all others are as wide as they need."""
    taken = sum(w for head, w in zip(heads, widths, strict=True) if head not in _FREE_TEXT)
    free = sum(head in _FREE_TEXT for head in heads)
    return (width - taken - _BETWEEN * (len(heads) - 1)) // max(free, 1)


def _stack(
    heads: Sequence[str], widths: Sequence[int], cells: Iterable[Sequence[str]]
) -> Iterator[RenderableType]:
    """Lay each row's free text below the rest of it."""
    fixed = [at for at, head in enumerate(heads) if head not in _FREE_TEXT]
    free = [at for at, head in enumerate(heads) if head in _FREE_TEXT]
    for place, row in enumerate(cells):
        table = _table([heads[at] for at in fixed], [widths[at] for at in fixed], ())
        table.show_header = place == 0
        _add_row(table, [row[at] for at in fixed])
        yield table
        text = ": ".join(row[at] for at in free if row[at] != _NOTHING)
        if text:
            yield Padding(Text(text, overflow="fold"), (0, 0, 0, 2 * _BETWEEN), expand=False)


def _table(heads: Sequence[str], widths: Sequence[int], cells: Iterable[Sequence[str]]) -> Table:
    columns = [
        Column(head, overflow="fold")
        if head in _FREE_TEXT
        else Column(head, no_wrap=True, overflow="fold", min_width=width)
        for head, width in zip(heads, widths, strict=True)
    ]
    table = Table(*columns, box=None, pad_edge=False, padding=(0, 1), header_style="bold")
    for row in cells:
        _add_row(table, row)
    return table


def _add_row(table: Table, cells: Iterable[str]) -> None:
    table.add_row(*(Text(cell, style=COLOURS.get(cell, "")) for cell in cells))
