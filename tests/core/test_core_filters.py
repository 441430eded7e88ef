"""Filters: an alarm passes all or is told which one it does not."""

import pytest
from core_cases import alarm

from alarmbridge.core.alarm import Origin
from alarmbridge.core.filters import Match, why_unfit
from alarmbridge.core.severity import Severity

ALARM = alarm("1", "Trunk is down", name="acTrunk")
TAGS = {"site": "ams", "customer": "acme"}

FITTING = [
    Match(),
    Match(min_severity=Severity.MAJOR),
    Match(devices=("other", "sbc-*")),
    Match(tags={"site": ("ber", "a*"), "customer": ("acme",)}),
    Match(names=("acTrunk",)),
    Match(sources=("Board#?",)),
    Match(descriptions=("*down",)),
    Match(origins=("device",)),
    Match(labels={"alertname": ("acTrunk",), "severity": ("critical", "major")}),
    Match(labels={"site": ("a*",), "oid": ("*",)}, not_labels={"device": ("sbc-9",)}),
    Match(not_labels={"rack": ("?*",)}),
]


@pytest.mark.parametrize("match", FITTING, ids=str)
def test_what_passes_every_filter_is_meant(match: Match) -> None:
    assert match.fits(ALARM, TAGS)


@pytest.mark.parametrize(
    ("match", "words"),
    [
        (Match(min_severity=Severity.CRITICAL), "severity major is below critical"),
        (Match(devices=("sbc-2", "x")), "device 'sbc-1' is not among sbc-2, x"),
        (Match(devices=("SBC-1",)), "device 'sbc-1' is not among SBC-1"),
        (Match(names=("ac",)), "name 'acTrunk' is not among ac"),
        (Match(sources=("Board",)), "source 'Board#1' is not among Board"),
        (Match(descriptions=("up",)), "description 'Trunk is down' is not among up"),
        (Match(origins=("bridge",)), "origin 'device' is not among bridge"),
        (Match(tags={"site": ("ber", "x")}), "tag site is 'ams', not ber or x"),
        (Match(tags={"rack": ("1",)}), "tag rack is None, not 1"),
        (Match(labels={"severity": ("a", "b")}), "label severity is 'major', not a or b"),
        (Match(labels={"rack": ("?*",)}), "label rack is '', not ?*"),
        (
            Match(not_labels={"device": ("x", "sbc-*")}),
            "label device is 'sbc-1', and not to be x or sbc-*",
        ),
    ],
    ids=str,
)
def test_what_is_not_meant_is_told_why(match: Match, words: str) -> None:
    assert not match.fits(ALARM, TAGS)
    assert why_unfit(match, ALARM, TAGS) == words


def test_what_an_alarm_lacks_passes_any_glob_and_no_other() -> None:
    bare = alarm("1", source=None)
    assert Match(sources=("*",)).fits(bare, {})
    assert not Match(sources=("?*",)).fits(bare, {})


def test_a_match_says_in_words_what_it_means() -> None:
    assert str(Match()) == "any alarm"
    whole = Match(
        min_severity=Severity.MINOR,
        devices=("a", "b"),
        tags={"site": ("ams",), "customer": ("x", "y")},
        names=("n",),
        sources=("s",),
        descriptions=("d",),
        origins=(Origin.BRIDGE.value,),
        labels={"oid": ("1", "2")},
        not_labels={"source": ("t",)},
    )
    assert str(whole) == (
        "device a or b, tag customer x or y, tag site ams, name n, source s, description d, "
        "origin bridge, label oid 1 or 2, label source not t, severity minor or worse"
    )
