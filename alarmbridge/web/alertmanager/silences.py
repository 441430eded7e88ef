"""Silences of ours as an Alertmanager's, and theirs as ours."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from alarmbridge.core.filters import Match
from alarmbridge.core.instants import parse_instant
from alarmbridge.core.payload import format_instant
from alarmbridge.core.silence import LONGEST_COMMENT, Silence
from alarmbridge.core.texts import one_line, shorten
from alarmbridge.web.alertmanager.matchers import BadMatcher, read_matcher
from alarmbridge.web.alertmanager.translation import match_of, matchers_of


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedSilence:
    """A silence as a tool asks for it. replaces: the id of the one that it takes the place of."""

    match: Match
    starts_at: datetime
    ends_at: datetime
    author: str
    comment: str
    replaces: str | None


def read_silence(
    body: Mapping[str, Any], *, known: Collection[str], now: datetime
) -> PostedSilence:
    """Read a `postableSilence`; raises BadMatcher for whatever is wrong with it.

    known: the labels that alarms have.
    """
    matchers = body.get("matchers")
    if not isinstance(matchers, list) or not matchers:
        raise BadMatcher("matchers in body is required")
    starts_at, ends_at = _moment(body, "startsAt"), _moment(body, "endsAt")
    if ends_at <= max(starts_at, now):
        raise BadMatcher("bad silence: it must end after it begins, and not in the past")
    replaces = body.get("id") or None
    if replaces is not None and not isinstance(replaces, str):
        raise BadMatcher("id in body must be text")
    return PostedSilence(
        match=match_of([read_matcher(one) for one in matchers], known=known),
        starts_at=max(starts_at, now),
        ends_at=ends_at,
        author=_line(body, "createdBy"),
        comment=_line(body, "comment"),
        replaces=replaces,
    )


def silence_as_json(silence: Silence, *, now: datetime) -> dict[str, object]:
    """Give a silence the shape `gettableSilence`."""
    began = silence.created_at or silence.starts_at
    return {
        "id": silence.id,
        "matchers": [matcher.as_json() for matcher in matchers_of(silence.match)],
        "startsAt": format_instant(silence.starts_at),
        "endsAt": format_instant(silence.ends_at),
        "updatedAt": format_instant(began),
        "createdBy": silence.author,
        "comment": silence.comment,
        "status": {"state": silence.state(now).value},
        "annotations": {},
    }


def _moment(body: Mapping[str, Any], key: str) -> datetime:
    text = body.get(key)
    if not isinstance(text, str):
        raise BadMatcher(f"{key} in body is required")
    try:
        # Go writes nanoseconds.
        whole, point, rest = text.partition(".")
        digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
        # A time without an offset is UTC there: Nagstamon writes none.
        return parse_instant(f"{whole}{point}{digits[:6]}{rest[len(digits) :]}", UTC)
    except ValueError as error:
        raise BadMatcher(f"{key} in body {error}") from None


def _line(body: Mapping[str, Any], key: str) -> str:
    text = body.get(key, "")
    if not isinstance(text, str):
        raise BadMatcher(f"{key} in body must be text")
    return shorten(one_line(text), LONGEST_COMMENT)
