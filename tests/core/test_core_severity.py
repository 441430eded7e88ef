"""Severity: the words of X.733, and what becomes of a word that nobody knows."""

import pytest

from alarmbridge.core.severity import Severity, parse_severity


def test_the_ranks_are_those_of_rfc_8632_so_that_severities_compare() -> None:
    ranks = [severity.rank for severity in Severity]
    assert ranks == [6, 5, 4, 3, 2]
    assert Severity.CRITICAL.rank > Severity.INDETERMINATE.rank


def test_what_is_as_bad_or_worse_goes_from_the_worst_to_it() -> None:
    assert Severity.MAJOR.and_worse == (Severity.CRITICAL, Severity.MAJOR)
    assert Severity.INDETERMINATE.and_worse == tuple(Severity)


@pytest.mark.parametrize("word", ["Major", "MAJOR", " major "])
def test_a_word_is_known_in_any_case(word: str) -> None:
    assert parse_severity(word) is Severity.MAJOR


@pytest.mark.parametrize("word", ["Catastrophic", "", None, "cleared"])
def test_a_word_that_nobody_knows_is_indeterminate(word: str | None) -> None:
    assert parse_severity(word) is Severity.INDETERMINATE
