"""A match of ours as matchers, and matchers as a match: only where both mean the same."""

from collections.abc import Collection, Sequence

from alarmbridge.core.filters import Match
from alarmbridge.core.labels import label_name
from alarmbridge.core.match_json import BadMatch, parse_match
from alarmbridge.web.alertmanager.matchers import BadMatcher, Matcher, fit_all
from alarmbridge.web.alertmanager.patterns import NoGlob, escape, expression_of, globs_of, text_of

_ANYTHING = "?*"


def match_of(matchers: Sequence[Matcher], *, known: Collection[str]) -> Match:
    """Say matchers as a match; raises BadMatcher where that is not the same.

    known: the labels that alarms have.
    """
    if fit_all(matchers, {}):
        raise BadMatcher("at least one matcher must not match the empty string")
    labels: dict[str, list[str]] = {}
    without: dict[str, list[str]] = {}
    for matcher in matchers:
        name = matcher.name
        if name not in known:
            raise BadMatcher(f"{name}: no alarm has this label; there are: {_listed(known)}")
        wanted, globs = matcher.is_equal, _globs(matcher)
        if not matcher.value:
            # To have none is not to have any.
            wanted, globs = not wanted, [_ANYTHING]
        if not wanted:
            without.setdefault(name, []).extend(globs)
        elif labels.setdefault(name, globs) is not globs:
            raise BadMatcher(f"{name}: of two conditions on one label only one can be kept")
    try:
        return parse_match({"labels": labels, "not_labels": without})
    except BadMatch as error:
        raise BadMatcher(str(error)) from None


def matchers_of(match: Match) -> list[Matcher]:
    """Say a match as matchers; one of any alarm as `alertname=~".+"`."""
    least = match.min_severity
    worse = [one.value for one in least.and_worse] if least else []
    found = [
        _matcher(label, globs, is_equal=wanted)
        for label, globs, wanted in (
            ("alertname", match.names, True),
            ("device", match.devices, True),
            ("source", match.sources, True),
            ("description", match.descriptions, True),
            ("origin", match.origins, True),
            ("severity", worse, True),
            *((label_name(key), values, True) for key, values in sorted(match.tags.items())),
            *((name, globs, True) for name, globs in sorted(match.labels.items())),
            *((name, globs, False) for name, globs in sorted(match.not_labels.items())),
        )
        if globs
    ]
    return found or [Matcher(name="alertname", value=".+", is_regex=True)]


def _globs(matcher: Matcher) -> list[str]:
    if not matcher.is_regex:
        return [escape(matcher.value)]
    try:
        return globs_of(matcher.value)
    except NoGlob:
        raise BadMatcher(
            f"{matcher.name}: of regular expressions only alternatives, groups of them, "
            r"., .*, .+, \d and classes such as [a-f] can be kept here, and none that fits nothing"
        ) from None


def _matcher(label: str, globs: Sequence[str], *, is_equal: bool) -> Matcher:
    if not is_equal and tuple(globs) == (_ANYTHING,):
        return Matcher(name=label, value="")
    if (text := text_of(globs)) is not None:
        return Matcher(name=label, value=text, is_equal=is_equal)
    return Matcher(name=label, value=expression_of(globs), is_regex=True, is_equal=is_equal)


def _listed(known: Collection[str]) -> str:
    return ", ".join(sorted(known))
