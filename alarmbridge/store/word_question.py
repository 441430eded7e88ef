"""A question about words, as the index of either database is asked it, and as words are read."""

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import ColumnElement, Text, and_, func, literal, or_

from alarmbridge.core.search_words import WantedWord
from alarmbridge.store.word_sql import Has, Reads

Groups = Sequence[Sequence[WantedWord]]
"""What words an alarm must have: one of each group."""


def groups_of(words: Iterable[WantedWord], facets: Iterable[Iterable[str]]) -> Groups:
    """Want all of the words, and of each group of facets one."""
    wanted = ([WantedWord(facet, begins=False) for facet in group] for group in facets)
    return [*([word] for word in words), *wanted]


def has_words(groups: Groups) -> ColumnElement[bool]:
    """Ask the index which rows of alarm_words have the words."""
    fts = _all_of(groups, lambda one: f'"{one.word}"' + "*" * one.begins, " OR ", " AND ")
    return Has(literal(fts, Text), literal(_tsquery(groups), Text))


def read_words(groups: Groups, words: ColumnElement[str]) -> ColumnElement[bool]:
    """Read words, as alarm_words has them, for those of the groups."""
    text = literal(" ") + words + literal(" ")
    condition = and_(
        *(
            or_(*(func.instr(text, f" {one.word}{' ' * (not one.begins)}") > 0 for one in group))
            for group in groups
        )
    )
    return Reads(condition, words, literal(_tsquery(groups), Text))


def _tsquery(groups: Groups) -> str:
    return _all_of(groups, lambda one: f"'{one.word}'" + ":*" * one.begins, " | ", " & ")


def _all_of(groups: Groups, write: Callable[[WantedWord], str], either: str, both: str) -> str:
    return both.join(f"({either.join(map(write, group))})" for group in groups)
