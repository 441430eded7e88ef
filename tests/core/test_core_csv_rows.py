"""CSV: what comes back from a table is what went in, and no cell is a formula."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarmbridge.core.csv_rows import csv_head, csv_rows, safe_cell


@pytest.mark.parametrize(
    "start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r\n=1", "  =1", "\uff1d1"]
)
def test_what_a_spreadsheet_takes_for_a_formula_is_text(start: str) -> None:
    assert safe_cell(start) == f"'{start.strip()}"


def test_nor_is_one_begun_within_a_cell_where_semicolons_part_them() -> None:
    assert safe_cell('a";=1;  @x; -;b=1') == "a\";'=1; '@x; '-;b=1"


def test_a_cell_is_one_line_in_which_nothing_is_hidden() -> None:
    assert safe_cell("a\r\nb\x00\u202ec\u2028d") == "a b<U+0000><U+202E>c<U+2028>d"


def test_what_there_is_not_is_an_empty_cell_and_the_rest_is_words() -> None:
    assert [safe_cell(value) for value in (None, True, False, 7, "x")] == [
        "",
        "true",
        "false",
        "7",
        "x",
    ]


@given(st.lists(st.tuples(st.text(), st.text()), max_size=5))
def test_each_row_is_one_line_and_reads_back_as_it_was_written(
    rows: list[tuple[str, str]],
) -> None:
    columns = ("a", "b")
    written = csv_head(columns) + csv_rows(
        columns, [dict(zip(columns, row, strict=True)) for row in rows]
    )
    assert written.count("\r\n") == len(rows) + 1
    read = list(csv.reader(StringIO(written, newline="")))
    assert read == [list(columns), *([safe_cell(one), safe_cell(two)] for one, two in rows)]
