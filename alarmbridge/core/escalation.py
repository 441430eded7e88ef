"""Escalations: a clear and a raise that are one alarm getting worse, or better."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import itemgetter

from alarmbridge.core.episode import BEFORE_ALL, Episode
from alarmbridge.core.matching import surely_alike
from alarmbridge.core.reading import Reading

ESCALATION = timedelta(seconds=2)
"""How far apart its two rows may be by the device's clock (docs/design.md, "Escalations")."""


def find_escalations(
    episodes: Sequence[Episode], *, settled: bool, known_until: datetime | None
) -> None:
    """Have each episode that goes on as another continue there.

    settled: the read was. known_until: when one settled last, before.
    """
    for older in sorted(episodes, key=lambda episode: episode.closed):
        if not settled and _may_find_raise_row(older, known_until):
            # Under the newer one's date nobody would know that row again when it comes, and it
            # would be told as one more alarm.
            continue
        newer = _next_raise(older, episodes)
        if newer is not None and _escalates(older, newer):
            newer.continues, older.continued = older, newer
    for first in episodes:
        if first.continues is None and first.continued is not None:
            _order_clears(first)


def _may_find_raise_row(episode: Episode, known_until: datetime | None) -> bool:
    """Whether a held alarm lacks its raise row, and no settled read has looked for it in vain."""
    alarm = episode.alarm
    if alarm is None or alarm.raise_row is not None or episode.raise_row is not None:
        return False
    if known_until is None or alarm.seen_at > known_until:
        return True
    # What has escalated before was first seen under another date.
    return (alarm.device_date.at if alarm.device_date else None) != alarm.raised_at


def _next_raise(older: Episode, episodes: Sequence[Episode]) -> Episode | None:
    """Find the raise of the same thing that stands next to an episode's clear."""
    alike = (
        episode
        for episode in episodes
        if episode is not older
        and episode.continues is None
        and (episode.stands or episode.opened > older.opened)
        and surely_alike(episode.about, older.about)
    )
    # What stands and has no raise row yet was raised after all that has one.
    return min(
        alike,
        key=lambda newer: (newer.opened == BEFORE_ALL, abs(newer.opened - older.closed)),
        default=None,
    )


def _escalates(older: Episode, newer: Episode) -> bool:
    # Where either is not told, two alarms that look alike may well be of two kinds.
    if older.about.oid is None or older.about.source is None:
        return False
    if older.about.severity == (newer.raise_row or newer.about).severity:
        return False
    cleared, raised = _instant(older.clear_row), _instant(newer.opening)
    return cleared is not None and raised is not None and abs(raised - cleared) <= ESCALATION


def _order_clears(first: Episode) -> None:
    """Have the clear rows of a chain end its episodes in turn, for none outlasts a newer one."""
    chain = [first]
    while chain[-1].continued is not None:
        chain.append(chain[-1].continued)
    over = [one for one in chain if one.clear_row is not None]
    ends = sorted(((one.closed, one.clear_row) for one in over), key=itemgetter(0))
    for episode, (place, row) in zip(over, ends, strict=True):
        episode.closed, episode.clear_row = place, row


def _instant(reading: Reading | None) -> datetime | None:
    return reading.date.at if reading is not None and reading.date is not None else None
