"""Rows of CSV (RFC 4180) that a spreadsheet shows and does not obey."""

import csv
import re
from collections.abc import Iterable, Mapping
from io import StringIO

from alarmbridge.core.texts import one_line

# Also in the width of Chinese characters; and behind a semicolon, by which a spreadsheet of half
# of Europe parts cells.
_FORMULA = re.compile(r"(?:^|;\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")


def csv_head(columns: Iterable[str]) -> str:
    """Write the head of a table."""
    return _write([list(columns)])


def csv_rows(columns: Iterable[str], rows: Iterable[Mapping[str, object]]) -> str:
    """Write rows, each cell by its column; what is None is an empty cell."""
    names = list(columns)
    return _write([safe_cell(row[name]) for name in names] for row in rows)


def safe_cell(value: object) -> str:
    """Write a cell: on one line, nothing hidden in it, and never taken for a formula.

    What could be one gets an apostrophe before it, as OWASP recommends ("CSV injection").
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return re.sub(_FORMULA, r"\g<0>'", one_line(str(value)))


def _write(rows: Iterable[list[str]]) -> str:
    written = StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue()
