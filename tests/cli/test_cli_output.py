"""Tables: whole on every terminal, one line a row elsewhere, and no colours there."""

import re
from collections.abc import Callable

import pytest

from alarmbridge.cli.output import show_table

HEADS = ("AT", "STATE", "SOURCE", "TEXT")
ROWS = [
    ("2026-11-23 21:04:05", "critical", "Board#1", "one " * 20),
    ("2026-11-23 21:04:06", None, None, None),
    ("2026-11-23 21:04:07", "a state longer than others", None, "w" * 50 + " [red]"),
]

Shown = Callable[[int], list[str]]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shown:
    """Show the rows on a terminal of this width, and give its lines without colours."""

    def show(width: int) -> list[str]:
        for name, value in (("FORCE_COLOR", "1"), ("TERM", "xterm"), ("COLUMNS", str(width))):
            monkeypatch.setenv(name, value)
        show_table(HEADS, ROWS, empty="-")
        out = capsys.readouterr().out
        assert "\x1b[" in out
        return re.sub("\x1b\\[[0-9;]*m", "", out).splitlines()

    return show


def test_a_wide_terminal_has_text_folded_into_its_column(shown: Shown) -> None:
    lines = shown(110)
    assert lines[0].split() == list(HEADS)
    column = lines[0].index("TEXT")
    assert {line[:column].strip() for line in lines[2:3]} == {""}
    assert all(len(line) <= 110 for line in lines)
    assert "".join(line[column:] for line in lines).count("w") == 50


@pytest.mark.parametrize("width", [80, 50])
def test_a_narrow_terminal_has_text_below_its_row(shown: Shown, width: int) -> None:
    lines = shown(width)
    assert [line.split() for line in lines if line[0] != " "] == [
        ["AT", "STATE"],
        ["2026-11-23", "21:04:05", "critical"],
        ["2026-11-23", "21:04:06", "-"],
        ["2026-11-23", "21:04:07", "a", "state", "longer", "than", "others"],
    ]
    assert lines[2].startswith("    Board#1: one one ")
    assert all(len(line) <= width for line in lines)
    assert sum(line.count("w") for line in lines) == 50
    assert lines[-1].rstrip().endswith("[red]")


def test_where_there_is_no_room_at_all_nothing_is_cut_off_the_text(shown: Shown) -> None:
    assert sum(line.count("w") for line in shown(20)) == 50


def test_elsewhere_each_row_is_one_line_without_colours(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_table(HEADS, ROWS, empty="-")
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert len(out.splitlines()) == 4
    assert "w" * 50 + " [red]" in out


def test_what_is_empty_and_what_is_more_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(HEADS, [], empty="Nothing.")
    assert capsys.readouterr() == ("Nothing.\n", "")
    show_table(HEADS, ROWS, empty="Nothing.", more=True)
    assert capsys.readouterr().err == "There are more; see --limit.\n"
