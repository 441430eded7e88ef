from fnmatch import fnmatchcase

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from alarmbridge.core.report_text import comment_of, flow, glob_of, quoted

texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(texts)
@example("no")
@example("\ufeff\u2028\x85\x00\U0001f600")
@example("a: b # c")
def test_a_text_comes_back_as_it_was(text: str) -> None:
    assert yaml.safe_load(f"x: {quoted(text)}") == {"x": text}
    assert yaml.safe_load(flow([("x", quoted(text)), ("y", "1")])) == {"x": text, "y": 1}


@given(texts)
def test_nothing_in_a_text_is_hidden(text: str) -> None:
    assert quoted(text).isprintable()
    assert comment_of(text).isprintable()


@given(texts)
@example("Trunk[1]*?")
@example("x" * 500)
def test_a_glob_fits_its_text(text: str) -> None:
    assert fnmatchcase(text, glob_of(text))


@given(st.text(max_size=50), st.text(max_size=50))
def test_a_glob_of_a_short_text_fits_no_other(text: str, other: str) -> None:
    assert fnmatchcase(other, glob_of(text)) == (other == text)


@given(texts)
def test_a_comment_is_one_line_that_says_nothing_to_a_parser(text: str) -> None:
    assert yaml.safe_load(f"x: 1\n{comment_of(text)}\n") == {"x": 1}
