"""Differences of configurations: what changed is named, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarmbridge.core.ini_diff import differences, summary_of

NAMES = st.lists(
    st.from_regex(r"[A-Z][a-z]{1,8}", fullmatch=True),
    min_size=1,
    max_size=8,
    unique_by=str.casefold,
)


def table(*rows: str, columns: str = "IPGroup_Type, IPGroup_Name") -> str:
    lines = "\n".join(f"IPGroup {row};" for row in rows)
    return f"[ IPGroup ]\n\nFORMAT IPGroup_Index = {columns};\n{lines}\n[ \\IPGroup ]\n"


TWO = table('0 = 0, "a"', '1 = 1, "b"')


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("IP = 10.0.0.1", "IP=10.0.0.9 ; new", ["IP: 10.0.0.1 -> 10.0.0.9"]),
        ("A = 1", "A = 1\nB = 1", ["B: added, 1"]),
        ("A = 1\nB = 1\nC = 1", "C = 2\nA = 1", ["C: 1 -> 2", "B: removed, was 1"]),
        ("A = 0\nB = 1", "B = 2", ["A: removed, was 0", "B: 1 -> 2"]),
        ("Pw = ''", "Pw = '***'", ["Pw: '' -> ***"]),
        ("A = 1\nA = 2", "A = 1\nA = 3", ["A: 2 -> 3"]),
        ("A = '1;2' ; x", "A = '1;3'", ["A: '1;2' -> '1;3'"]),
        (TWO, table('0 = 0, "a"', '1 = 1, "c"'), ['IPGroup 1, Name: "b" -> "c"']),
        (table('0 = 0, "a"'), TWO, ['IPGroup 1: added, Type 1, Name "b"']),
        (TWO, table('0 = 0, "a"'), ['IPGroup 1: removed, was Type 1, Name "b"']),
        (table(), table('0 = , ""'), ["IPGroup 0: added"]),
        ("", TWO, ["table IPGroup: added, 2 rows"]),
        (table('0 = 0, "a"'), "", ["table IPGroup: removed, had 1 row"]),
        (table("0 = ***"), table("0 = 1, 2, 3"), ["IPGroup 0: *** -> 1, 2, 3"]),
        (table("0 = 0, 1"), table("0 = 0, 1", "1 = ***"), ["IPGroup 1: added, ***"]),
        ("T 0 = 1;", "T 0 = 1;\nT 1 = 2;", ["T 1: added, 2"]),
        (
            table("0 = 0, a", columns="Type, Old"),
            table("0 = 0, b", columns="Type, New"),
            ["table IPGroup: column New added", "table IPGroup: column Old removed"],
        ),
        ("gone\nstays", "stays\ncame", ["removed: gone", "added: came"]),
        ("A = 1", f"A = {'x' * 300}", [f"A: 1 -> {'x' * 199}…"]),
    ],
)
def test_each_difference_is_one_line(before: str, after: str, said: list[str]) -> None:
    assert sorted(differences(before, after)) == sorted(said)


def test_what_was_removed_is_told_where_it_stood() -> None:
    before, after = "A = 1\nB = 1\nC = 1\nD = 1", "A = 2\nC = 2\nD = 2"
    said = [line.partition(":")[0] for line in differences(before, after)]
    assert said == ["A", "B", "C", "D"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (";at 10:00\n\nA = 1\nB = 2\n", ";at 11:00\nb=2\r\n A =  1 ; why\r\n"),
        (TWO, table('1 = 1,"b"', '0 =  0, "a" ')),
        (TWO, table('0 = "a", 0', '1 = "b", 1', columns="IPGroup_Name, IPGroup_Type")),
        (table("0 = ***, 1"), table('0 = "***", 1')),
        (table("0 = ***"), table("0 = ***")),
        ("FORMAT broken", "FORMAT broken\n"),
    ],
)
def test_comments_blanks_and_order_are_no_difference(before: str, after: str) -> None:
    assert differences(before, after) == ()


@given(st.text() | st.text("[]\\= ,;\"'\nFORMATa_0"))
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert differences(text, text) == ()
    assert differences(text, f"\n{text}\n;x") == ()
    assert isinstance(differences(text, TWO), tuple)


@given(names=NAMES, data=st.data())
def test_one_changed_parameter_is_named_and_no_other(names: list[str], data: st.DataObject) -> None:
    changed = data.draw(st.sampled_from(names))
    before = "\n".join(f"{name} = 1" for name in names)
    after = "\n".join(f"{name} = {2 if name == changed else 1}" for name in names)
    assert differences(before, after) == (f"{changed}: 1 -> 2",)


def test_a_summary_names_the_first_and_counts_the_rest() -> None:
    assert summary_of([]) == ""
    assert summary_of(["a", "b"]) == "a; b"
    assert summary_of(["a", "b", "c"], most=2) == "a; b; and 1 more"
    assert summary_of(["a", "b"], most=0) == "2 more"


@given(st.lists(st.text(min_size=1, max_size=3000), max_size=20), st.integers(-1, 12))
def test_a_summary_fits_into_a_description(lines: list[str], most: int) -> None:
    assert len(summary_of(lines, most)) <= 1500


def test_a_long_line_is_cut_and_what_does_not_fit_is_counted() -> None:
    said = summary_of(["x" * 2000, "y"])
    assert said.endswith("x…; and 1 more")
    assert summary_of(["x" * 800] * 3) == "x" * 800 + "; and 2 more"
