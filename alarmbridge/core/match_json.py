"""A match as JSON, as the archive keeps it and the API says it; the keys are the configuration's.

What is not given is left out: `{"min_severity": "major", "devices": ["sbc-*"], "tags": {"site":
["ams"]}}`; `{}` is any alarm.
"""

from collections.abc import Iterator, Mapping
from typing import TypeVar

from alarmbridge.core.alarm import Origin
from alarmbridge.core.filters import Match
from alarmbridge.core.severity import Severity

MOST_VALUES = 100
LONGEST_VALUE = 500

Path = tuple[str | int, ...]
"""Where a value stands in the match, `("tags", "site", 0)`."""

_GLOBS = {
    "devices": "devices",
    "name": "names",
    "source": "sources",
    "description": "descriptions",
}
_KEYS = (
    "min_severity",
    "devices",
    "tags",
    "name",
    "source",
    "description",
    "origin",
    "labels",
    "not_labels",
)

W = TypeVar("W", Severity, Origin)


class BadMatch(ValueError):
    """What was written is no match. mistakes: each with its path and in words."""

    def __init__(self, mistakes: list[tuple[Path, str]]) -> None:
        super().__init__("; ".join(words for _, words in mistakes))
        self.mistakes = mistakes


def match_as_json(match: Match) -> dict[str, object]:
    """Give a match the shape that `parse_match` reads."""
    written: dict[str, object] = {
        "min_severity": match.min_severity.value if match.min_severity else None,
        "devices": list(match.devices),
        "tags": {key: list(values) for key, values in match.tags.items()},
        "name": list(match.names),
        "source": list(match.sources),
        "description": list(match.descriptions),
        "origin": list(match.origins),
        "labels": {name: list(globs) for name, globs in match.labels.items()},
        "not_labels": {name: list(globs) for name, globs in match.not_labels.items()},
    }
    return {key: value for key, value in written.items() if value}


def parse_match(raw: object) -> Match:
    """Read a match; raises BadMatch with every mistake. One value need not stand in a list."""
    reader = _Reader()
    match = reader.read(raw)
    if reader.mistakes:
        raise BadMatch(reader.mistakes)
    return match


class _Reader:
    def __init__(self) -> None:
        self.mistakes: list[tuple[Path, str]] = []

    def read(self, raw: object) -> Match:
        if not isinstance(raw, Mapping):
            self.mistakes.append(((), "must be a mapping of keys to values"))
            return Match()
        for key in raw:
            if key not in _KEYS:
                known = ", ".join(_KEYS)
                self.mistakes.append(((str(key),), f"is no known key; there are: {known}"))
        severity = self._words(raw, "min_severity", Severity, most=1)
        origins = self._words(raw, "origin", Origin, most=len(Origin))
        return Match(
            min_severity=severity[0] if severity else None,
            origins=tuple(origin.value for origin in origins),
            tags=self._by_key(raw, "tags"),
            labels=self._by_key(raw, "labels"),
            not_labels=self._by_key(raw, "not_labels"),
            **{part: self._globs(raw[key], (key,)) for key, part in _GLOBS.items() if key in raw},
        )

    def _words(
        self, raw: Mapping[object, object], key: str, kind: type[W], *, most: int
    ) -> tuple[W, ...]:
        known = {word.value: word for word in kind}
        found = []
        for at, text in self._texts(raw[key], (key,), most) if key in raw else ():
            if text.lower() in known:
                found.append(known[text.lower()])
            else:
                self.mistakes.append((at, f"must be {' or '.join(known)}"))
        return tuple(found)

    def _by_key(self, raw: Mapping[object, object], place: str) -> dict[str, tuple[str, ...]]:
        written = raw.get(place, {})
        if not isinstance(written, Mapping):
            self.mistakes.append(((place,), "must be a mapping of keys to values"))
            return {}
        return {
            str(key): self._globs(values, (place, str(key)))
            for key, values in written.items()
            if self._is_glob(key, (place, str(key)))
        }

    def _globs(self, raw: object, path: Path) -> tuple[str, ...]:
        texts = self._texts(raw, path, MOST_VALUES)
        return tuple(text for at, text in texts if self._is_glob(text, at))

    def _texts(self, raw: object, path: Path, most: int) -> Iterator[tuple[Path, str]]:
        listed = isinstance(raw, list | tuple)
        values = raw if isinstance(raw, list | tuple) else (raw,)
        if not 1 <= len(values) <= most:
            self.mistakes.append((path, f"must have 1 to {most} values"))
            return
        for place, value in enumerate(values):
            at = (*path, place) if listed else path
            if isinstance(value, str):
                yield at, value
            else:
                self.mistakes.append((at, "must be text"))

    def _is_glob(self, text: object, at: Path) -> bool:
        # Nothing else: the archive cannot keep a NUL or half a surrogate pair, people cannot
        # see the rest, and `?` stands for any of it.
        if isinstance(text, str) and text.isprintable() and 1 <= len(text) <= LONGEST_VALUE:
            return True
        words = f"must have 1 to {LONGEST_VALUE} characters that can be printed"
        self.mistakes.append((at, words))
        return False
