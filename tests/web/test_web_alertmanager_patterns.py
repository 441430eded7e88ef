"""Patterns: what is written as globs fits what the expression fits, or it is refused."""

from fnmatch import fnmatchcase

import pytest
import re2
from hypothesis import assume, example, given
from hypothesis import strategies as st

from alarmbridge.web.alertmanager.patterns import MOST, NoGlob, expression_of, globs_of, text_of

SPECIAL = "ab1-.*+?^$|()[]\\!"
PIECES = st.sampled_from([*SPECIAL, ".*", ".+", "[ab]", "[^a-b]", "(a|b)", "\\d", "\\\\"])
EXPRESSIONS = st.lists(PIECES, min_size=1, max_size=8).map("".join)
TEXTS = st.text(st.sampled_from(SPECIAL), max_size=6)


def _pattern(expression: str) -> "re2._Regexp":
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(f"(?:{expression})", options)
    except re2.error:
        assume(False)
        raise


@given(EXPRESSIONS, st.lists(TEXTS, min_size=1, max_size=30))
@example("(a.)*", ["abab"])
@example("[(a]b[c)]", ["(bc", "ac", "bc"])
@example("\\\\[(a]b[c)]", ["\\abc", "\\(bc"])
@example("a\\\\|b", ["b", "a|b"])
@example("\\(a|b\\)", ["(a", "(a)"])
def test_an_expression_and_its_globs_fit_the_same(expression: str, texts: list[str]) -> None:
    pattern = _pattern(expression)
    try:
        globs = globs_of(expression)
    except NoGlob:
        return
    for text in texts:
        assert any(fnmatchcase(text, glob) for glob in globs) is bool(pattern.fullmatch(text))


@given(st.lists(EXPRESSIONS, min_size=1, max_size=2), st.lists(TEXTS, min_size=1, max_size=30))
@example(["[]a]"], ["]", "a"])
@example(["[!]a]*"], ["]", "bb"])
@example(["[^a]"], ["^", "b"])
def test_globs_and_their_expression_fit_the_same(globs: list[str], texts: list[str]) -> None:
    pattern = _pattern(expression_of(globs))
    only = text_of(globs)
    for text in texts:
        fits = any(fnmatchcase(text, glob) for glob in globs)
        assert fits is bool(pattern.fullmatch(text))
        assert only is None or fits is (text == only)


@pytest.mark.parametrize(
    ("expression", "globs"),
    [
        ("sbc-.*", ["sbc-*"]),
        ("^(?:sbc-1|gw.+)$", ["sbc-1", "gw?*"]),
        ("sbc-(ams|ber(-|_)x)-1", ["sbc-ams-1", "sbc-ber-x-1", "sbc-ber_x-1"]),
        (r"10\.4\.219\.\d", ["10.4.219.[0-9]"]),
        (r"Board\[1\]\*", ["Board[[]1][*]"]),
        ("[^a-c]x", ["[!a-c]x"]),
    ],
)
def test_what_people_write_is_written_as_globs(expression: str, globs: list[str]) -> None:
    assert globs_of(expression) == globs


@pytest.mark.parametrize("expression", ["a*", "(?i)a", "(ab)+", "a{2}", "a|", "\\w", "(a|b)" * 30])
def test_what_is_more_than_globs_is_refused(expression: str) -> None:
    assert MOST < 2**30
    with pytest.raises(NoGlob):
        globs_of(expression)
