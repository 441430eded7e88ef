"""Rows of CSV (RFC 4180) that a spreadsheet shows and does not obey."""

import csv
from collections.abc import Iterable, Mapping
from io import StringIO

from alarmbridge.core.texts import one_line

_FORMULA = ("=", "+", "-", "@")


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
    text = one_line(str(value))
    return f"'{text}" if text.startswith(_FORMULA) else text


def _write(rows: Iterable[list[str]]) -> str:
    written = StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue()
