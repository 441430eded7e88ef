"""Words to search by: those of an alarm's texts, and those that somebody looks for.

Both databases are given the same words, so that both find the same: runs of letters and digits,
without regard to case.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

LONGEST = 64
"""Characters of a word that count."""

MOST = 1000
"""Different words of one alarm; a text that has more is not a person's."""

MOST_WANTED = 16
_WORD = re.compile(r"[^\W_]+")
_WANTED = re.compile(r"([^\W_]+)(\*?)")


def words_of(texts: Iterable[str | None]) -> tuple[str, ...]:
    """List the different words of some texts, in the order in which they come first."""
    found: dict[str, None] = {}
    for text in texts:
        for word in re.finditer(_WORD, (text or "").casefold()):
            found[word[0][:LONGEST]] = None
            if len(found) >= MOST:
                return tuple(found)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class WantedWord:
    """A word that somebody looks for. begins: any word that begins so will do."""

    word: str
    begins: bool


def wanted_words(text: str) -> tuple[WantedWord, ...]:
    """List the words that somebody looks for: each has to be there; () where there is none.

    `trunk` is that word, `trunk*` any that begins so; whole words are found much faster.
    """
    found: dict[WantedWord, None] = {}
    for word in re.finditer(_WANTED, text.casefold()):
        found[WantedWord(word[1][:LONGEST], begins=bool(word[2]))] = None
    return tuple(found)[:MOST_WANTED]
