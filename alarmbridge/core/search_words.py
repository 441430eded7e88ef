"""Words to search by: those of an alarm's texts, and those that somebody looks for.

Both databases are given the same words, so that both find the same: runs of letters and digits,
without regard to case.
"""

import re
from collections.abc import Iterable

LONGEST = 64
"""Characters of a word that count."""

MOST = 1000
"""Different words of one alarm; a text that has more is not a person's."""

MOST_WANTED = 16
_WHOLE_BELOW = 3
_WORD = re.compile(r"[^\W_]+")


def words_of(texts: Iterable[str | None]) -> tuple[str, ...]:
    """List the different words of some texts, in the order in which they come first."""
    found: dict[str, None] = {}
    for text in texts:
        for word in re.finditer(_WORD, (text or "").casefold()):
            found[word[0][:LONGEST]] = None
            if len(found) >= MOST:
                return tuple(found)
    return tuple(found)


def wanted_words(text: str) -> tuple[str, ...]:
    """List the words that somebody looks for: each has to be there; () where there is none."""
    return words_of([text])[:MOST_WANTED]


def may_go_on(word: str) -> bool:
    """Say whether a word that is looked for may be the beginning of one: a short one may not."""
    return len(word) >= _WHOLE_BELOW
