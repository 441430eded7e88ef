"""Matchers: which alerts are meant, as Alertmanager writes it: `device=~"sbc-.*"`.

Regular expressions are RE2's, of the library itself, because they match in linear time whatever a
stranger writes, and mean to the letter what they mean to an Alertmanager.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import re2

from alarmbridge.web.questions import is_storable

LONGEST = 4096

_WRITTEN = re.compile(
    r"""\s*(?P<name>"(?:[^"\\]|\\.)+"|[^"=!~\s]+)\s*(?P<sign>=~|!~|!=|=)\s*(?P<value>.*?)\s*""",
    re.DOTALL,
)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_ESCAPE = re.compile(r"\\.", re.DOTALL)
_ESCAPES = {r"\n": "\n", r"\"": '"', r"\\": "\\"}


class BadMatcher(ValueError):
    """What was written is no matcher."""


@dataclass(frozen=True, kw_only=True)
class Matcher:
    """One condition on a label; one that an alert does not have is ""."""

    name: str
    value: str
    is_regex: bool = False
    is_equal: bool = True

    def fits(self, labels: Mapping[str, str]) -> bool:
        """Say whether an alert with these labels is meant."""
        text = labels.get(self.name, "")
        same = bool(self._pattern.fullmatch(text)) if self.is_regex else text == self.value
        return same is self.is_equal

    @cached_property
    def _pattern(self) -> Any:
        options = re2.Options()
        options.log_errors = False
        try:
            return re2.compile(f"(?:{self.value})", options)
        except re2.error:
            raise BadMatcher(f"{self.value!r} is no regular expression") from None

    def as_json(self) -> dict[str, object]:
        """Give it the shape `matcher` of Alertmanager's API."""
        return {
            "name": self.name,
            "value": self.value,
            "isRegex": self.is_regex,
            "isEqual": self.is_equal,
        }


def parse_matcher(text: str) -> Matcher:
    """Read `name="value"`, with `=`, `!=`, `=~` or `!~`; raises BadMatcher."""
    written = re.fullmatch(_WRITTEN, text) if len(text) <= LONGEST else None
    if written is None:
        raise BadMatcher(f"bad matcher format: {text[:80]}")
    sign = written["sign"]
    return check_matcher(
        Matcher(
            name=_unquote(written["name"]),
            value=_unquote(written["value"]),
            is_regex=sign in {"=~", "!~"},
            is_equal=sign in {"=", "=~"},
        )
    )


def read_matcher(raw: object) -> Matcher:
    """Read a matcher of a body; raises BadMatcher."""
    if not isinstance(raw, Mapping):
        raise BadMatcher("a matcher must be an object")
    name, value = raw.get("name"), raw.get("value")
    is_regex, is_equal = _flag(raw, "isRegex", default=False), _flag(raw, "isEqual", default=True)
    if not isinstance(name, str) or not isinstance(value, str) or not name:
        raise BadMatcher("a matcher needs a name and a value")
    return check_matcher(Matcher(name=name, value=value, is_regex=is_regex, is_equal=is_equal))


def check_matcher(matcher: Matcher) -> Matcher:
    """Let a matcher pass that can be tried; raises BadMatcher."""
    # Half a surrogate pair is no text to RE2.
    if len(matcher.value) > LONGEST or not is_storable(matcher.value):
        raise BadMatcher("a matcher is too long, or no text")
    if not matcher.name.isprintable():
        raise BadMatcher("the name of a label must be such as can be printed")
    matcher.fits({})
    return matcher


def fit_all(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    """Say whether an alert is meant by all of them."""
    return all(matcher.fits(labels) for matcher in matchers)


def _flag(raw: Mapping[str, Any], key: str, *, default: bool) -> bool:
    said = raw.get(key)
    if said is not None and not isinstance(said, bool):
        raise BadMatcher(f"{key} must be true or false")
    return default if said is None else said


def _unquote(text: str) -> str:
    """Take off quotes and escapes as an Alertmanager does; one that it does not know stays."""
    if re.fullmatch(_QUOTED, text):
        text = text[1:-1]
    elif '"' in re.sub(_ESCAPE, "", text):
        raise BadMatcher(f"bad matcher format: {text[:80]}")
    return re.sub(_ESCAPE, lambda found: _ESCAPES.get(found[0], found[0]), text)
