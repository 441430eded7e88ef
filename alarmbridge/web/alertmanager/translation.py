"""A match of ours as matchers, and matchers as a match: only where both mean the same."""

import re
from collections.abc import Iterable, Mapping, Sequence

from alarmbridge.core.filters import Match
from alarmbridge.core.match_json import BadMatch, match_as_json, parse_match
from alarmbridge.core.severity import Severity
from alarmbridge.sinks.alerts import OWN_LABELS, label_name
from alarmbridge.web.alertmanager.matchers import BadMatcher, Matcher

_KEYS = {"alertname": "name", "device": "devices", "source": "source", "origin": "origin"}
_AROUND = re.compile(r"\^?(?:\((?:\?:)?(?P<inner>[^()]*)\)|(?P<bare>[^()]*))\$?")
_PIECE = re.compile(r"\.\*|\.\+|\\[^A-Za-z0-9]|[^\\.*+?^$|()\[\]{}]")
_GLOB = re.compile(r"\[([^\]])\]|[*?]|.", re.DOTALL)
_UPWARDS = [
    frozenset(one.value for one in Severity if one.rank >= least.rank) for least in Severity
]


def match_of(matchers: Sequence[Matcher], *, tags: Mapping[str, str]) -> Match:
    """Say matchers as a match; raises BadMatcher where that is not the same.

    tags: the keys of devices' tags, by the label that each is.
    """
    keys: dict[str, object] = {}
    tagged: dict[str, list[str]] = {}
    for name in {matcher.name for matcher in matchers}:
        if sum(matcher.name == name for matcher in matchers) > 1:
            raise BadMatcher(f"{name}: two conditions on one label cannot be said here")
    for matcher in matchers:
        if not matcher.is_equal:
            raise BadMatcher(f"{matcher.name}: what is not to be silenced cannot be said here")
        if matcher.name == "severity":
            keys["min_severity"] = _least(matcher).value
        elif matcher.name in _KEYS:
            keys[_KEYS[matcher.name]] = _globs(matcher)
        elif matcher.name in tags and matcher.name not in OWN_LABELS:
            tagged[tags[matcher.name]] = _globs(matcher)
        else:
            raise BadMatcher(f"{matcher.name}: alarms cannot be silenced by this label")
    if tagged:
        keys["tags"] = tagged
    try:
        return parse_match(keys)
    except BadMatch as error:
        raise BadMatcher(str(error)) from None


def matchers_of(match: Match) -> list[Matcher]:
    """Say a match as matchers; one of any alarm as `alertname=~".+"`."""
    said = match_as_json(match)
    found = [
        _matcher(label, globs)
        for label, globs in (
            ("alertname", match.names),
            ("device", match.devices),
            ("source", match.sources),
            ("description", match.descriptions),
            ("origin", match.origins),
            *((label_name(key), values) for key, values in sorted(match.tags.items())),
        )
        if globs
    ]
    if match.min_severity is not None:
        words = [one.value for one in Severity if one.rank >= match.min_severity.rank]
        found.append(_matcher("severity", words))
    return found if said else [Matcher(name="alertname", value=".+", is_regex=True)]


def _least(matcher: Matcher) -> Severity:
    wanted = frozenset(_globs(matcher))
    if wanted not in _UPWARDS:
        raise BadMatcher(
            "severity: only all from one upwards can be silenced, such as "
            'severity=~"critical|major"'
        )
    return list(Severity)[_UPWARDS.index(wanted)]


def _globs(matcher: Matcher) -> list[str]:
    if not matcher.value:
        raise BadMatcher(f"{matcher.name}: alarms without it cannot be told apart here")
    if not matcher.is_regex:
        return [_escape(matcher.value)]
    around = re.fullmatch(_AROUND, matcher.value)
    if around is None:
        raise BadMatcher(_too_much(matcher))
    inner = around["inner"] if around["inner"] is not None else around["bare"]
    return [_glob(matcher, part) for part in re.split(r"(?<!\\)\|", inner)]


def _glob(matcher: Matcher, pattern: str) -> str:
    pieces = re.findall(_PIECE, pattern)
    if "".join(pieces) != pattern or not pieces:
        raise BadMatcher(_too_much(matcher))
    return "".join(_PATTERNS.get(piece) or _escape(piece.removeprefix("\\")) for piece in pieces)


_PATTERNS = {".*": "*", ".+": "?*"}


def _too_much(matcher: Matcher) -> str:
    return (
        f"{matcher.name}: of regular expressions only alternatives with .* and .+ can be said "
        "here, such as sbc-ams-.*|sbc-ber-1"
    )


def _escape(text: str) -> str:
    return re.sub(r"[*?\[]", r"[\g<0>]", text)


def _matcher(label: str, globs: Iterable[str]) -> Matcher:
    values = list(globs)
    if len(values) == 1 and not re.search(r"[*?\[]", values[0]):
        return Matcher(name=label, value=values[0])
    return Matcher(name=label, value="|".join(map(_regex, values)), is_regex=True)


def _regex(glob: str) -> str:
    """Write a glob as a regular expression."""
    return re.sub(_GLOB, _regex_of, glob)


def _regex_of(piece: re.Match[str]) -> str:
    return _WILD.get(piece[0]) or _NOT_PLAIN.sub(r"\\\g<0>", piece[1] or piece[0])


_WILD = {"*": ".*", "?": "."}
_NOT_PLAIN = re.compile(r"[\\.+*?()|\[\]{}^$]")
