"""Wording: what a person reads at three in the morning."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from core_cases import MINUTE, NOON, NOW, alarm, cleared

from alarmbridge.core.alarm import Alarm, ClearReason
from alarmbridge.core.bridge import CATALOGUE as OWN
from alarmbridge.core.bridge import SINK_FAILING, raise_own
from alarmbridge.core.event import Event, tell_changed, tell_cleared, tell_raised
from alarmbridge.core.payload import DeviceFacts, build_body, with_note
from alarmbridge.core.severity import Severity
from alarmbridge.core.telling import Telling, read_telling
from alarmbridge.core.wording import (
    LONGEST_TITLE,
    known_of,
    noun_of,
    place_of,
    word,
    word_digest,
    word_title,
    worst_of,
)

FACTS = DeviceFacts(
    name="sbc-ams-1",
    url="https://10.4.219.229",
    tags={"site": "ams", "customer": "acme"},
    product="Mediant SW",
    version="7.20A",
)
LINK = "1.3.6.1.4.1.5003.9.10.1.21.2.0.10"
HOSTILE = "down\r\nSeverity: cleared\u2028\x1b[2J\u202egniht\u200b\x00"


def link_down(**other: Any) -> Alarm:
    """Make the alarm of an Ethernet link, raised at noon and seen within the same minute."""
    told: dict[str, Any] = {
        "oid": LINK,
        "name": "acBoardEthernetLinkAlarm",
        "raised_at": NOON,
        "seen_at": NOON + timedelta(seconds=4),
    }
    return replace(alarm("1"), **(told | other))


def tell(event: Event, device: DeviceFacts | None = FACTS, note: str | None = None) -> Telling:
    return read_telling(with_note(build_body(event, device), note))


def raised(one: Alarm | None = None, **other: Any) -> Telling:
    return tell(tell_raised(one or link_down(), sequence=1, now=NOW), **other)


def ended(one: Alarm | None = None, **other: Any) -> Telling:
    closed = cleared(one or link_down(), cleared_at=NOON + 12 * MINUTE, **other)
    return tell(tell_cleared(closed, sequence=3, now=NOW))


def changed(before: Severity, now: Severity) -> Telling:
    worse = replace(link_down(), severity=now)
    return tell(tell_changed(worse, previous_severity=before, sequence=2, now=NOW))


def test_a_raise_says_what_where_how_bad_since_when_and_what_to_check() -> None:
    words = word(raised())
    assert words.title == "MAJOR sbc-ams-1: Trunk is down (Board#1)"
    assert words.text.splitlines() == [
        "Trunk is down",
        "Severity: major",
        "Device: sbc-ams-1, Mediant SW 7.20A, https://10.4.219.229",
        "Tags: customer=acme, site=ams",
        "Source: Board#1",
        "Alarm: acBoardEthernetLinkAlarm",
        "Raised: 2026-01-01 12:00:00 UTC",
        "What it means: An Ethernet port of the device has no link.",
        "What to check: Look at the cable, the switch port, and speed and duplex on both ends.",
        "Id: a1",
    ]


def test_a_clear_says_on_whose_word_when_and_after_how_long() -> None:
    words = word(ended(clear_description="Trunk is up"))
    assert words.title == "CLEARED sbc-ams-1: Trunk is down (Board#1)"
    assert "Cleared: Trunk is up" in words.text.splitlines()
    assert "Ended: 2026-01-01 12:12:00 UTC, after 0:12:00" in words.text.splitlines()
    assert "What to check" not in words.text


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (ClearReason.DEVICE, "the device shows it no longer"),
        (ClearReason.DEVICE_RESTART, "the device restarted"),
        (ClearReason.DEVICE_REMOVED, "the device is followed no longer"),
        (ClearReason.OPERATOR, "closed by hand"),
        (None, "it stands no longer"),
    ],
)
def test_a_clear_without_words_of_the_device_says_its_reason(
    reason: ClearReason | None, said: str
) -> None:
    assert f"Cleared: {said}" in word(ended(clear_reason=reason)).text.splitlines()


@pytest.mark.parametrize("moments", [{"cleared_at": None}, {"raised_at": NOON + 13 * MINUTE}])
def test_no_length_is_told_that_the_clocks_do_not_give(moments: dict[str, Any]) -> None:
    closed = replace(cleared(link_down(), cleared_at=NOON + 12 * MINUTE), **moments)
    (line,) = [
        line
        for line in word(tell(tell_cleared(closed, sequence=3, now=NOW))).text.splitlines()
        if line.startswith("Ended: ")
    ]
    assert line == f"Ended: 2026-01-01 {'12:12' if closed.cleared_at else '13:00'}:00 UTC"


def test_a_change_says_what_was_before_if_that_was_another_severity() -> None:
    words = word(changed(Severity.MAJOR, Severity.CRITICAL))
    assert words.title == "CRITICAL (was major) sbc-ams-1: Trunk is down (Board#1)"
    assert "Severity: critical (was major)" in words.text.splitlines()
    assert word_title(changed(Severity.MAJOR, Severity.MAJOR)).startswith("MAJOR sbc-ams-1: ")


def test_a_device_whose_clock_is_wrong_sends_nobody_back_to_its_year() -> None:
    early = link_down(raised_at=NOON.replace(year=2010))
    assert (
        "Raised: 2010-01-01 12:00:00 UTC by the device's clock, seen 2026-01-01 12:00:04 UTC"
        in word(raised(early)).text.splitlines()
    )


def test_without_the_devices_date_an_alarm_stands_since_it_was_seen() -> None:
    text = word(raised(link_down(raised_at=None))).text
    assert "Raised: 2026-01-01 12:00:04 UTC" in text.splitlines()


def test_a_transient_says_that_it_was_over_already() -> None:
    past = replace(link_down(), transient=True)
    assert "It had ended by the time it was seen." in word(raised(past)).text.splitlines()
    assert "by the time" not in word(ended(past)).text


def test_flapping_is_in_the_title_and_its_note_in_the_text() -> None:
    words = word(raised(note="flapping: raised 5 times within 10 min"))
    assert words.title == "MAJOR sbc-ams-1: Trunk is down (Board#1) [flapping]"
    assert words.text.splitlines()[1] == "flapping: raised 5 times within 10 min"


def test_what_a_device_does_not_tell_is_left_out() -> None:
    bare = replace(link_down(), source=None, oid=None, name=None, description=" ")
    words = word(raised(bare, device=DeviceFacts(name="sbc-1", url="https://192.0.2.1")))
    assert words.title == "MAJOR sbc-1: alarm"
    assert words.text.splitlines() == [
        "alarm",
        "Severity: major",
        "Device: sbc-1, https://192.0.2.1",
        "Raised: 2026-01-01 12:00:00 UTC",
        "Id: a1",
    ]


def test_an_oid_that_nobody_knows_is_named_and_nothing_is_advised() -> None:
    text = word(raised(link_down(oid="1.10", name=None))).text
    assert "Alarm: 1.10" in text.splitlines()
    assert "What" not in text


def test_an_alarm_of_the_bridges_own_says_what_to_check_as_well() -> None:
    own = raise_own(SINK_FAILING, device="", subject="chat", words="No.", sequence=1, now=NOW)
    words = word(tell(own, None))
    assert words.title == "MAJOR alarmbridge: No. (alarmbridge)"
    assert f"What to check: {OWN[SINK_FAILING].check}" in words.text.splitlines()
    assert place_of(tell(own, None)) == "alarmbridge"


def test_an_alarm_of_the_bridges_own_is_not_sought_among_those_of_devices() -> None:
    own = raise_own(SINK_FAILING, device="", subject="chat", words="No.", sequence=1, now=NOW)
    assert known_of(replace(own.alarm, oid=LINK, name=None)) is None


LONG = (
    "Proxy Set Alarm Proxy Set 3 (Teams-3): Server 52.114.75.7:5061 is down - one or more servers "
    "in the proxy set are offline"
)


@pytest.mark.parametrize("text", [LONG, "x" * 10_000, "Trunk is down"])
@pytest.mark.parametrize("source", [None, "Board#1/ProxyConnection#3", "y" * 10_000])
def test_a_title_fits_and_the_description_gives_way(text: str, source: str | None) -> None:
    title = word_title(raised(link_down(description=text, source=source), note="flapping"))
    assert len(title) <= LONGEST_TITLE
    assert title.startswith(f"MAJOR sbc-ams-1: {text[:12]}")
    assert title.endswith(" [flapping]")
    assert (source or "")[:25] in title


def test_no_device_can_forge_a_line_or_hide_one() -> None:
    one = link_down(description=HOSTILE, source=HOSTILE, name=HOSTILE)
    facts = replace(FACTS, product=HOSTILE, version=HOSTILE)
    told = (raised(one, device=facts), ended(one, clear_description=HOSTILE))
    for words in map(word, told):
        assert len(words.title.splitlines()) == 1
        assert [line for line in words.text.splitlines() if line.startswith("Severity: ")] == [
            "Severity: major"
        ]
        assert words.text.replace("\n", "").isprintable()
        assert "<U+202E>gniht<U+200B><U+0000>" in words.text


def test_a_digest_lists_the_worst_first_and_what_ended_last() -> None:
    tellings = [
        raised(replace(link_down(), id="a", severity=Severity.MINOR)),
        raised(replace(link_down(), id="b")),
        ended(replace(link_down(), id="c")),
        raised(replace(link_down(), id="d", severity=Severity.CRITICAL)),
    ]
    words = word_digest(tellings)
    assert words.title == "4 alarms, worst critical, 1 cleared"
    assert words.text.splitlines() == [
        "01-01 13:00 CRITICAL sbc-ams-1: Trunk is down (Board#1)",
        "01-01 13:00 MAJOR sbc-ams-1: Trunk is down (Board#1)",
        "01-01 13:00 MINOR sbc-ams-1: Trunk is down (Board#1)",
        "01-01 13:00 CLEARED sbc-ams-1: Trunk is down (Board#1)",
        "The times are in UTC.",
    ]


def test_of_one_alarm_a_digest_tells_the_last_event_alone() -> None:
    words = word_digest([raised(), ended()])
    assert words.title == "1 alarm cleared"
    assert len(words.text.splitlines()) == 2
    assert worst_of([ended()]) is Severity.INDETERMINATE


def test_a_digest_of_a_storm_is_counted_and_cut() -> None:
    words = word_digest([raised(replace(link_down(), id=str(number))) for number in range(53)])
    assert words.title == "53 alarms, worst major"
    assert words.text.splitlines()[-2:] == ["and 3 more", "The times are in UTC."]
    assert len(words.text.splitlines()) == 52


def test_what_happened_has_a_name() -> None:
    assert [noun_of(one) for one in ("raised", "changed", "cleared")] == [
        "raise",
        "change",
        "clear",
    ]
