"""The options of `silences add`: read as people write them, with every mistake told at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from dateutil.tz import tzlocal

from alarmbridge.core.durations import parse_duration
from alarmbridge.core.errors import ConfigError
from alarmbridge.core.filters import Match
from alarmbridge.core.instants import end_of, parse_instant
from alarmbridge.core.match_json import BadMatch, parse_match
from alarmbridge.core.silence import parse_comment

_OPTIONS = {"devices": "device", "tags": "tag", "labels": "label", "not_labels": "not-label"}


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when, both in UTC."""

    first: datetime
    last: datetime


class SilenceOptions:
    """Reads options, and gathers what is wrong with them."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def by_key(self, option: str, written: Iterable[str]) -> dict[str, list[str]]:
        """Read `key=glob` options."""
        found: dict[str, list[str]] = {}
        for text in written:
            key, equals, value = text.partition("=")
            if key and equals:
                found.setdefault(key, []).append(value)
            else:
                self._note(option, "must be key=value such as site=ams")
        return found

    def match(self, given: Mapping[str, object], *, everything: bool) -> Match:
        """Read which alarms are meant; any alarm only where everything is."""
        try:
            match = parse_match({key: value for key, value in given.items() if value})
        except BadMatch as bad:
            for path, words in bad.mistakes:
                key = str(path[0])
                self._note(_OPTIONS.get(key, key), words)
            return Match()
        if match == Match() and not everything and not self._lines:
            self._lines.append("silences add: say which alarms, or --everything")
        if match != Match() and everything:
            self._note("everything", "silences every alarm; leave it out, or all else")
        return match

    def span(
        self, begin: str | None, until: str | None, lasting: str | None, *, now: datetime
    ) -> Span:
        """Read from when to when; from now where nothing is said."""
        first = self._moment("from", begin) or now
        last = self._moment("until", until)
        if (until is None) == (lasting is None):
            self._lines.append("silences add: say either --for or --until")
        elif lasting is not None:
            last = self._end(first, lasting)
        if last is not None and last <= max(first, now):
            self._note("until" if until else "for", "would end before it begins, or in the past")
        return Span(first, last or first)

    def line(self, option: str, text: str) -> str:
        """Read a comment, or the name of an author."""
        try:
            return parse_comment(text)
        except ValueError as error:
            self._note(option, str(error))
            return ""

    def check(self) -> None:
        """Raise ConfigError with every mistake there is."""
        if self._lines:
            raise ConfigError(self._lines)

    def _moment(self, option: str, text: str | None) -> datetime | None:
        try:
            return None if text is None else parse_instant(text, tzlocal())
        except ValueError as error:
            self._note(option, str(error))
            return None

    def _end(self, first: datetime, lasting: str) -> datetime | None:
        try:
            return end_of(first, parse_duration(lasting))
        except ValueError as error:
            self._note("for", str(error))
            return None

    def _note(self, option: str, words: str) -> None:
        self._lines.append(f"--{option}: {words}")
