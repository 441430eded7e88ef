"""INI: reads the form of a device's configuration file, and masks the secrets in it.

The form is the guide's (6.2): `Name = value`, and tables between `[ Name ]` and `[ \\Name ]`, whose
FORMAT names the columns. Whatever is in doubt is masked, and nothing that a device sends raises an
error.
"""

import re

from alarmbridge.core.ini_secrets import (
    MASK,
    hide,
    hide_all,
    hide_parts,
    hide_pem,
    hide_within,
    is_measure,
    sounds_secret,
)
from alarmbridge.core.texts import decode

MOST_COLUMNS = 1000
LONGEST_HEAD = 200
LINE = re.compile(r"[^\r\n]+")
BLANKS = "\ufeff \t\v\f"
_FORMAT = re.compile(r"FORMAT\s([^=;]*)=([^=;]*);", re.IGNORECASE)
_ROW = re.compile(r"([^\s=]+)\s+(\d{1,9}(?:\s*,\s*\d{1,9})*)")
_PARAMETER = re.compile(r"[A-Za-z][\w.\-]*")
_CELL = re.compile(r'(?:\s*"[^"]*"\s*|[^",;]*)(?=[,;]|\Z)')
_HIDDEN_BY_DEVICE = re.compile(r"[\w.]+ is hidden but has non-default value")


def mask_secrets(text: str) -> str:
    """Put `***` for every secret of an INI; all else stays byte for byte, line ends included.

    Masked are values of parameters and cells of tables whose name says so, whatever a device has
    obscured (`$1$…`), users in URLs, PEM blocks with their lines, and rows whose columns nothing
    names. An empty value is none. Any text will do; what was masked once stays as it is.
    """
    return re.sub(LINE, _Masker().mask, hide_pem(text))


def read_ini(raw: bytes) -> str:
    """Read a file as a device sent it, fit to be stored anywhere: no NUL in it."""
    return decode(raw).replace("\0", "")


def is_ini(text: str) -> bool:
    """Tell whether a text looks like a configuration, not like a web page or nothing.

    Most lines that are no comments are headings or `Name = value`, and one at least is the latter.
    """
    lines = assigned = headings = 0
    for line in re.finditer(LINE, text):
        body = line[0].strip(BLANKS)
        if not body or body[0] == ";":
            continue
        head, sign, _ = body.partition("=")
        lines += 1
        assigned += bool(sign) and is_head(head)
        headings += heading_of(body) is not None
    return assigned > 0 and 2 * (assigned + headings) >= lines


def heading_of(body: str) -> str | None:
    """Read the name of a section or table, "" where one ends, None if a line is no heading."""
    if not body.startswith("["):
        return None
    inner, bracket, rest = body[1:].partition("]")
    rest = rest.lstrip(BLANKS)
    if not bracket or (rest and rest[0] != ";"):
        return None
    return "" if inner.lstrip().startswith("\\") else inner.strip()


def is_format(body: str) -> bool:
    """Tell whether a line is to name the columns of a table."""
    return body[:6].upper() == "FORMAT" and body[6:7].isspace()


def columns_of(body: str, table: str) -> tuple[str, ...] | None:
    """Read the columns that a FORMAT names, without the table's name before each; None: broken."""
    found = re.fullmatch(_FORMAT, body)
    if found is None or found[2].count(",") >= MOST_COLUMNS or '"' in found[2]:
        return None
    prefix = f"{table}_".casefold()
    names = [name.strip() for name in found[2].split(",")]
    return tuple(n[len(prefix) :] if n.casefold().startswith(prefix) else n for n in names)


def row_of(head: str) -> tuple[str, str] | None:
    """Read table and index of a row, (`IPGroup`, `3`); None: what is before `=` is no row's."""
    found = re.fullmatch(_ROW, head.strip(BLANKS)) if len(head) <= LONGEST_HEAD else None
    return found and (found[1], found[2])


def is_head(head: str) -> bool:
    """Tell whether what stands before a `=` can be that of a parameter, a row or a FORMAT."""
    if len(head) > LONGEST_HEAD:
        return False
    name = head.strip(BLANKS)
    return bool(re.fullmatch(_PARAMETER, name)) or row_of(name) is not None or is_format(name)


def cells_of(value: str, count: int) -> tuple[list[str], str] | None:
    """Part a row into so many cells, blanks and quotes included, and its end; None: no fit."""
    cells: list[str] = []
    at = 0
    while len(cells) < count and (cell := _CELL.match(value, at)):
        cells.append(cell[0])
        if not value.startswith(",", cell.end()):
            end = value[cell.end() :]
            return (cells, end) if len(cells) == count and end.strip() in {"", ";"} else None
        at = cell.end() + 1
    return None


def is_of_table(name: str, table: str) -> bool:
    """Tell whether a row of that name belongs to a table; older files write `Index` for it."""
    return name.casefold() in {table.casefold(), "index"}


class _Masker:
    """Takes line by line; open: whether the last secret may go on in lines that are nothing else.

    Forms are read before anything in them is masked, and no mask changes them: otherwise a second
    time would read another file.
    """

    def __init__(self) -> None:
        self._open = False
        self._enter("")

    def _enter(self, name: str) -> None:
        self._open = False
        self._table = name
        self._columns: tuple[str, ...] = ()
        self._hidden: tuple[bool, ...] = ()
        self._secret = sounds_secret(name)

    def mask(self, line: re.Match[str]) -> str:
        text = line[0]
        body = text.strip(BLANKS)
        if body[:1] in {"", ";"}:
            return self._comment(text)
        if body[0] == "[":
            return self._heading(text, heading_of(body))
        if is_format(body):
            return self._format(text, body)
        head, sign, value = text.partition("=")
        if not sign or (self._open and not (is_head(head) and value.strip("= \t"))):
            return self._loose(text)
        if hide_parts(head) != head:
            return hide_all(text)
        return head + sign + self._value(head, value)

    def _heading(self, text: str, name: str | None) -> str:
        head, bracket, rest = text.partition("]")
        if name is None or hide_parts(head) != head:
            return self._loose(text)
        self._enter(name)
        return head + bracket + self._comment(rest)

    def _format(self, text: str, body: str) -> str:
        columns = columns_of(body, self._table) if hide_parts(text) == text else None
        self._columns = columns or ()
        self._hidden = tuple(map(sounds_secret, self._columns))
        if columns is None:
            return self._loose(text)
        self._open = False
        return text

    def _comment(self, text: str) -> str:
        inner = text.lstrip(BLANKS + ";")
        lead = text[: len(text) - len(inner)]
        if not inner or re.fullmatch(_HIDDEN_BY_DEVICE, inner.rstrip()):
            return text
        sign = re.search(r"[=:]", inner)
        if sign is None:
            shown = hide_parts(inner)
            return lead + (hide_all(inner) if sounds_secret(shown) else shown)
        head, value = inner[: sign.start()], inner[sign.end() :]
        if hide_parts(head) != head:
            return lead + hide_all(inner)
        was_open = self._open
        shown = self._value(head, value)
        self._open = was_open
        if sounds_secret(shown) and not is_format(head):
            shown = hide_all(value)
        return lead + head + sign[0] + shown

    def _loose(self, text: str) -> str:
        shown = hide_within(text)
        self._open = self._open or sounds_secret(shown)
        return hide_all(text) if self._open or shown != text else text

    def _value(self, head: str, value: str) -> str:
        self._open = False
        row = row_of(head)
        if row is not None:
            return self._row(row[0], value)
        self._open = self._secret or (sounds_secret(head) and not is_measure(head, value))
        return hide(value) if self._open else hide_within(value)

    def _row(self, name: str, value: str) -> str:
        own = is_of_table(name, self._table) and not self._secret
        fit = cells_of(value, len(self._columns)) if own else None
        if fit is not None:
            self._open = any(self._hidden)
            return ",".join(map(self._cell, self._columns, self._hidden, fit[0])) + fit[1]
        self._open = True
        return _all_hidden(value, ";" if value.rstrip().endswith(";") else "")

    @staticmethod
    def _cell(column: str, secret: bool, cell: str) -> str:
        return hide(cell) if secret and not is_measure(column, cell) else hide_within(cell)


def _all_hidden(value: str, end: str) -> str:
    bare = value.strip().removesuffix(end)
    if not bare.strip():
        return value
    lead, _, rest = value.partition(value.strip())
    return lead + MASK + end + rest
