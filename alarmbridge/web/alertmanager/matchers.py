"""Matchers: which alerts are meant, as Alertmanager writes it: `device=~"sbc-.*"`.

Regular expressions are RE2's, of the library itself, because they match in linear time whatever a
stranger writes, and mean to the letter what they mean to an Alertmanager.
"""

import json
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
    is_regex, is_equal = raw.get("isRegex", False), raw.get("isEqual", True)
    if not isinstance(name, str) or not isinstance(value, str) or not name:
        raise BadMatcher("a matcher needs a name and a value")
    if not isinstance(is_regex, bool) or not isinstance(is_equal, bool):
        raise BadMatcher("isRegex and isEqual must be true or false")
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


def _unquote(text: str) -> str:
    if not text.startswith('"'):
        return text
    if not re.fullmatch(_QUOTED, text):
        raise BadMatcher(f"bad matcher format: {text[:80]}")
    try:
        said: str = json.loads(text, strict=False)
    except ValueError:
        raise BadMatcher(f"bad escape in {text[:80]}") from None
    return said
