"""Differences of two configurations, in lines that a person can read."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from alarmbridge.core.ini import (
    BLANKS,
    LINE,
    cells_of,
    columns_of,
    heading_of,
    is_format,
    is_of_table,
    row_of,
)
from alarmbridge.core.ini_secrets import MASK
from alarmbridge.core.texts import shorten

LONGEST_VALUE = 200
LONGEST_SUMMARY = 1500
_QUOTED = re.compile(r"""("[^"]*"|'[^']*')\s*(?:;.*)?""")
_COMMENT = re.compile(r"(?:^|(?<=\s));.*")

Key = tuple[str, int]
"""A name without regard to case, and how many had it before."""


def differences(before: str, after: str) -> tuple[str, ...]:
    """List what changed between two masked configurations, in the order of the file.

    `SyslogServerIP: 10.0.0.1 -> 10.0.0.9`; `EnableSyslog: added, 1`, or `removed, was 1`;
    `IPGroup 3, Name: "a" -> "b"`; `IPGroup 4: added, Name "x"`; `table IPGroup: added, 3 rows`;
    `added: …` and `removed: …` for lines that are neither. Comments, blanks, and the order of
    parameters, rows and columns count for nothing. Values are cut to 200 characters; their
    characters are the device's.
    """
    return tuple(_differences(before, after))


def summary_of(lines: Sequence[str], most: int = 10) -> str:
    """Put the first so many differences on one line, of 1,500 characters at most.

    What does not fit is counted: `…; and 3 more`. No differences: "".
    """
    room = LONGEST_SUMMARY - len(f"; and {len(lines)} more")
    said = ""
    count = 0
    for line in lines[: max(most, 0)]:
        longer = f"{said}; {line}" if said else shorten(line, room)
        if len(longer) > room:
            break
        said, count = longer, count + 1
    left = len(lines) - count
    if not left:
        return said
    return f"{said}; and {left} more" if count else f"{left} more"


@dataclass(frozen=True, slots=True)
class _Parameter:
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class _Row:
    """One row: its text, and its cells by column, None where they cannot be told apart."""

    index: str
    text: str
    cells: dict[Key, str] | None


@dataclass(slots=True)
class _Table:
    """One table: the columns as they are written, and the rows by index."""

    name: str
    columns: dict[Key, str] = field(default_factory=dict)
    rows: dict[Key, _Row] = field(default_factory=dict)


_Entry = _Parameter | _Table | str
"""What an INI consists of; a str is a line that is neither parameter nor table."""


def _differences(before: str, after: str) -> Iterator[str]:
    old, new = _Reader().read(before), _Reader().read(after)
    for key in _merged(old, new):
        if key not in old:
            yield _come(new[key])
        elif key not in new:
            yield _gone(old[key])
        else:
            yield from _changed(old[key], new[key])


def _come(entry: _Entry) -> str:
    match entry:
        case _Parameter():
            return f"{_cut(entry.name)}: added, {_cut(entry.value)}"
        case _Table():
            return f"table {_cut(entry.name)}: added, {_count(entry)}"
        case _:
            return f"added: {_cut(entry)}"


def _gone(entry: _Entry) -> str:
    match entry:
        case _Parameter():
            return f"{_cut(entry.name)}: removed, was {_cut(entry.value)}"
        case _Table():
            return f"table {_cut(entry.name)}: removed, had {_count(entry)}"
        case _:
            return f"removed: {_cut(entry)}"


def _changed(old: _Entry, new: _Entry) -> Iterator[str]:
    if isinstance(old, _Table) and isinstance(new, _Table):
        yield from _table_changed(old, new)
    elif isinstance(old, _Parameter) and isinstance(new, _Parameter) and old.value != new.value:
        yield f"{_cut(new.name)}: {_cut(old.value)} -> {_cut(new.value)}"


def _table_changed(old: _Table, new: _Table) -> Iterator[str]:
    name = _cut(new.name)
    # Said once: a new release brings columns, and each would show in every row.
    for key in _merged(old.columns, new.columns):
        if key not in old.columns:
            yield f"table {name}: column {_cut(new.columns[key])} added"
        elif key not in new.columns:
            yield f"table {name}: column {_cut(old.columns[key])} removed"
    for key in _merged(old.rows, new.rows):
        if key not in old.rows:
            row = new.rows[key]
            yield f"{name} {row.index}: added{_told(', ', new, row)}"
        elif key not in new.rows:
            row = old.rows[key]
            yield f"{name} {row.index}: removed{_told(', was ', old, row)}"
        else:
            yield from _row_changed(new, old.rows[key], new.rows[key])


def _row_changed(table: _Table, old: _Row, new: _Row) -> Iterator[str]:
    name = f"{_cut(table.name)} {new.index}"
    if old.cells is None or new.cells is None:
        if old.text != new.text:
            yield f"{name}: {_cut(old.text)} -> {_cut(new.text)}"
        return
    for key, value in new.cells.items():
        was = old.cells.get(key, value)
        if was != value:
            yield f"{name}, {_cut(table.columns[key])}: {_cut(was)} -> {_cut(value)}"


def _told(lead: str, table: _Table, row: _Row) -> str:
    if row.cells is None:
        return lead + _cut(row.text)
    told = [f"{table.columns[key]} {cell}" for key, cell in row.cells.items() if cell.strip('"')]
    return lead + _cut(", ".join(told)) if told else ""


def _count(table: _Table) -> str:
    return "1 row" if len(table.rows) == 1 else f"{len(table.rows)} rows"


def _cut(text: str) -> str:
    return shorten(text, LONGEST_VALUE)


def _merged(old: Mapping[Key, object], new: Mapping[Key, object]) -> Iterator[Key]:
    """List the keys of both: the new in their order, each old one behind what it stood behind."""
    behind: dict[Key | None, list[Key]] = {}
    last: Key | None = None
    for key in old:
        if key in new:
            last = key
        else:
            behind.setdefault(last, []).append(key)
    yield from behind.get(None, ())
    for key in new:
        yield key
        yield from behind.get(key, ())


class _Reader:
    """Takes a masked INI line by line; table: the one whose rows come, if its FORMAT was read."""

    def __init__(self) -> None:
        self._found: dict[Key, _Entry] = {}
        self._seen: Counter[str] = Counter()
        self._tables: dict[str, _Table] = {}
        self._heading = ""
        self._columns: tuple[str, ...] = ()

    def read(self, text: str) -> dict[Key, _Entry]:
        for line in re.finditer(LINE, text):
            body = line[0].strip(BLANKS)
            if body and body[0] != ";":
                self._take(body)
        return self._found

    def _take(self, body: str) -> None:
        heading = heading_of(body)
        head, sign, value = body.partition("=")
        if heading is not None:
            self._heading, self._columns = heading, ()
        elif is_format(body) and (columns := columns_of(body, self._heading)):
            self._columns = columns
            self._table(self._heading).columns = dict(zip(_numbered(columns), columns, strict=True))
        elif not sign:
            self._found[self._key(f"line {body}")] = body
        elif row := row_of(head):
            self._row(*row, value)
        else:
            name = head.strip(BLANKS)
            self._found[self._key(f"parameter {name}")] = _Parameter(name, _value(value))

    def _row(self, name: str, index: str, value: str) -> None:
        own = is_of_table(name, self._heading)
        table = self._table(self._heading if own else name)
        fit = cells_of(value, len(self._columns)) if own else None
        cells = fit and dict(zip(_numbered(self._columns), map(_unquoted, fit[0]), strict=True))
        text = _unquoted(value.strip().removesuffix(";"))
        table.rows[self._key(f"row {table.name} {index}")] = _Row(index, text, cells)

    def _table(self, name: str) -> _Table:
        table = self._tables.setdefault(name.casefold(), _Table(name))
        self._found.setdefault((f"table {name}".casefold(), 0), table)
        return table

    def _key(self, name: str) -> Key:
        folded = name.casefold()
        self._seen[folded] += 1
        return folded, self._seen[folded]


def _numbered(names: Iterable[str]) -> Iterator[Key]:
    seen: Counter[str] = Counter()
    for name in names:
        folded = name.casefold()
        seen[folded] += 1
        yield folded, seen[folded]


def _value(text: str) -> str:
    bare = text.strip()
    quoted = re.fullmatch(_QUOTED, bare)
    return _unquoted(quoted[1] if quoted else re.sub(_COMMENT, "", bare))


def _unquoted(text: str) -> str:
    bare = text.strip()
    return MASK if bare.strip("\"'") == MASK else bare
