"""INI: reads and writes the form of a device's configuration file (guide 6.2)."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

_PARAMETER = re.compile(r"([A-Za-z][\w.]*)\s*=\s*(.*)")
_HEADING = re.compile(r"\[\s*(\\?)\s*([\w ]+?)\s*\]")
_FORMAT = re.compile(r"FORMAT\s+\w+\s*=\s*(.+?);?", re.IGNORECASE)
_ROW = re.compile(r"(\w+)\s+(\d{1,9})\s*=\s*(.*?);?")
_CELL = re.compile(r'\s*("[^"]*"|[^,"]*?)\s*(?:,|$)')


class IniFlawed(ValueError):
    """What is wrong with an INI file, with the number of its line."""


@dataclass(slots=True)
class Table:
    """One table: its columns, and its rows by index, each with as many cells (no quotes)."""

    columns: tuple[str, ...]
    rows: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def cell(self, index: int, column: str) -> str:
        """Read one cell; "" if there is no such row or column."""
        if index not in self.rows or column not in self.columns:
            return ""
        return self.rows[index][self.columns.index(column)]

    def merge(self, index: int, cells: Mapping[str, str]) -> None:
        """Put cells into a row by their columns, and leave the others as they are or empty."""
        for column in cells:
            if column not in self.columns:
                self.columns += (column,)
                self.rows = {each: (*row, "") for each, row in self.rows.items()}
        old = self.rows.get(index, ("",) * len(self.columns))
        pairs = zip(self.columns, old, strict=True)
        self.rows[index] = tuple(cells.get(column, cell) for column, cell in pairs)


@dataclass(slots=True)
class Ini:
    """One configuration: parameters with their sections, and tables, each in order.

    sections: parameter names to values, by the section they stand in ("" for none).
    """

    sections: dict[str, dict[str, str]] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """Read a parameter, "" if it is not set."""
        return next((s[name] for s in self.sections.values() if name in s), "")

    def set(self, name: str, value: str, section: str = "") -> None:
        """Set a parameter where it stands, or in a section (by default the system's)."""
        for known in self.sections.values():
            if name in known:
                known[name] = value
                return
        self.sections.setdefault(section or "SYSTEM Params", {})[name] = value

    def merge(self, other: "Ini") -> None:
        """Take over what another one says: parameters one by one, tables row by row."""
        for section, parameters in other.sections.items():
            for name, value in parameters.items():
                self.set(name, value, section)
        for name, table in other.tables.items():
            mine = self.tables.setdefault(name, Table(table.columns))
            for index, row in table.rows.items():
                mine.merge(index, dict(zip(table.columns, row, strict=True)))

    def copy(self) -> "Ini":
        """Make one that may be changed without this one noticing."""
        return Ini(
            {name: dict(section) for name, section in self.sections.items()},
            {name: Table(t.columns, dict(t.rows)) for name, t in self.tables.items()},
        )


def parse_ini(text: str) -> Ini:
    """Read an INI file. IniFlawed: a line is none of one, or there is nothing in it."""
    reader = _Reader()
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped and not stripped.startswith(";") and not reader.take(stripped):
            raise IniFlawed(f"Invalid line {number}")
    if not reader.found.sections and not reader.found.tables:
        raise IniFlawed("No parameters found")
    return reader.found


class _Reader:
    """Takes line by line; heading: the section or table it is in, table: once its FORMAT came."""

    def __init__(self) -> None:
        self.found = Ini()
        self._heading = ""
        self._table: Table | None = None

    def take(self, line: str) -> bool:
        """Take a line in; returns whether it is one of an INI file."""
        if heading := _HEADING.fullmatch(line):
            return self._take_heading(closing=bool(heading[1]), name=heading[2])
        if line.upper().startswith("FORMAT "):
            return self._take_format(line)
        if self._table is not None:
            return self._take_row(line)
        parameter = _PARAMETER.fullmatch(line)
        if parameter is None:
            return False
        section = self.found.sections.setdefault(self._heading, {})
        section[parameter[1]] = parameter[2].strip().strip("'")
        return True

    def _take_heading(self, *, closing: bool, name: str) -> bool:
        if closing:
            matching = name == self._heading
            self._heading, self._table = "", None
            return matching
        self._heading, self._table = name, None
        return True

    def _take_format(self, line: str) -> bool:
        columns = _FORMAT.fullmatch(line)
        if columns is None or not self._heading:
            return False
        # Older loads write the table's name before each column's.
        prefix = f"{self._heading}_"
        names = (name.strip().removeprefix(prefix) for name in columns[1].split(","))
        self._table = self.found.tables.setdefault(self._heading, Table(tuple(names)))
        return True

    def _take_row(self, line: str) -> bool:
        row = _ROW.fullmatch(line)
        if row is None or row[1] != self._heading or self._table is None:
            return False
        cells = tuple(_cells(row[3]))
        if len(cells) != len(self._table.columns):
            return False
        self._table.rows[int(row[2])] = cells
        return True


def _cells(text: str) -> Iterator[str]:
    at = 0
    while at <= len(text) and (cell := _CELL.match(text, at)):
        yield cell[1].strip('"')
        if cell.end() == len(text) and not cell[0].endswith(","):
            return
        at = cell.end()


def write_ini(ini: Ini, header: Iterable[str]) -> str:
    """Write an INI file; header: lines of its comment."""
    stars = ";**************"
    lines = [stars, ";** Ini File **", stars, "", *(f";{line}" for line in header), ""]
    for name, parameters in ini.sections.items():
        lines += ["", f"[{name}]", ""] if name else [""]
        lines += [f"{key} = {_written(value)}" for key, value in parameters.items()]
    for name, table in ini.tables.items():
        lines += ["", f"[ {name} ]", "", f"FORMAT Index = {', '.join(table.columns)};"]
        lines += [
            f"{name} {index} = {', '.join(_cell(cell) for cell in row)};"
            for index, row in sorted(table.rows.items())
        ]
        lines += ["", f"[ \\{name} ]", ""]
    return "\n".join(lines) + "\n"


def _written(value: str) -> str:
    return value if re.fullmatch(r"[\w.:-]+", value) else f"'{value}'"


def _cell(cell: str) -> str:
    return cell if re.fullmatch(r"-?\d+(\.\d+){0,3}", cell) else f'"{cell}"'
