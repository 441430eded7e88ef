"""Lists of alarms: every filter alone and together, in pages, and what is found by words."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import combinations, pairwise
from typing import Any

import pytest
from store_cases import (
    HOUR,
    NOW,
    SECOND,
    alarm_of,
    change_alarm,
    clear_alarm,
    raise_alarm,
    register,
)

from alarmbridge.core.alarm import Alarm, State
from alarmbridge.core.severity import Severity
from alarmbridge.store.alarm_filter import AlarmFilter
from alarmbridge.store.alarm_lists import list_alarms
from alarmbridge.store.archive import Archive
from alarmbridge.store.page import BadCursor
from alarmbridge.store.retention import prune

DAY = timedelta(days=1)
SEVERITIES = tuple(Severity)
FILTERS: dict[str, Any] = {
    "severities": (Severity.MAJOR, Severity.WARNING),
    "min_severity": Severity.MINOR,
    "devices": ("sbc-1", "sbc-2"),
    "tags": {"site": ("ams",)},
    "states": (State.ACTIVE,),
    "raised_after": NOW + 3 * SECOND,
    "raised_before": NOW + 25 * SECOND,
    "text": "trunk dow*",
}


async def fill(archive: Archive) -> list[Alarm]:
    """Raise thirty alarms of three devices, of every severity, each third of them cleared.

    The first ten were raised last by their devices' clocks.
    """
    await register(archive, "sbc-1", "sbc-3", site="ams")
    await register(archive, "sbc-2", site="ber")
    made = []
    for number in range(30):
        seen = NOW + number * SECOND
        alarm = await raise_alarm(
            archive,
            alarm_of(
                number,
                device=f"sbc-{number % 3 + 1}",
                severity=SEVERITIES[number % 5],
                seen_at=seen,
                raised_at=seen + HOUR if number < 10 else seen,
            ),
            sinks=(),
        )
        if number % 4 == 0:
            alarm = await clear_alarm(archive, alarm, sinks=())
        made.append(alarm)
    return made


async def all_of(archive: Archive, wanted: AlarmFilter, *, limit: int) -> list[str]:
    """List all that is wanted page by page."""
    found: list[str] = []
    after: str | None = None
    while True:
        async with archive.read() as tx:
            page = await list_alarms(tx, wanted, limit=limit, after=after)
        assert len(page.items) <= limit
        found += [alarm.id for alarm in page.items]
        after = page.next
        if after is None:
            return found


def fits(alarm: Alarm, asked: dict[str, Any]) -> bool:
    """Say by hand whether an alarm is wanted."""
    severities = asked.get("severities", SEVERITIES)
    least = asked.get("min_severity", Severity.INDETERMINATE)
    raised = alarm.raised_at or alarm.seen_at
    return (
        alarm.severity in severities
        and alarm.severity.rank >= least.rank
        and alarm.device in asked.get("devices", ("sbc-1", "sbc-2", "sbc-3"))
        and ("tags" not in asked or alarm.device != "sbc-2")
        and alarm.state in asked.get("states", tuple(State))
        and raised > asked.get("raised_after", NOW - HOUR)
        and raised < asked.get("raised_before", NOW + 9 * HOUR)
    )


def ordered(alarms: Sequence[Alarm], asked: dict[str, Any]) -> list[str]:
    """Say by hand in which order they come."""
    timed = "text" not in asked and {"raised_after", "raised_before"} & asked.keys()
    newest = sorted(alarms, key=lambda one: (one.raised_at if timed else one.seen_at, one.id))
    return [alarm.id for alarm in reversed(newest)]


async def test_every_filter_holds_alone_and_with_each_other(archive: Archive) -> None:
    made = await fill(archive)
    pairs = [*combinations(FILTERS, 1), *combinations(FILTERS, 2), ()]
    for keys in pairs:
        asked = {key: FILTERS[key] for key in keys}
        right = ordered([alarm for alarm in made if fits(alarm, asked)], asked)
        assert await all_of(archive, AlarmFilter(**asked), limit=4) == right, keys
    everything = await all_of(archive, AlarmFilter(**FILTERS), limit=2)
    assert everything == ordered([one for one in made if fits(one, FILTERS)], FILTERS)


@pytest.mark.parametrize("number", [24, 30])
async def test_many_devices_are_one_list(archive: Archive, number: int) -> None:
    names = [f"sbc-{one}" for one in range(number)]
    await register(archive, *names, "other", site="ams")
    made = [
        await raise_alarm(
            archive,
            alarm_of(
                at,
                # The first has as many as all the others together.
                device=names[0] if at % 2 else (*names, "other")[at // 2 % (number + 1)],
                severity=SEVERITIES[at % 5],
                seen_at=NOW + at * SECOND,
                raised_at=NOW - at * SECOND,
            ),
            sinks=(),
        )
        for at in range(90)
    ]
    for asked in ({}, {"raised_after": NOW - 99 * SECOND}, {"severities": SEVERITIES[1:3]}):
        right = ordered(
            [
                one
                for one in made
                if one.device != "other" and fits(one, asked | {"devices": names})
            ],
            asked,
        )
        wanted = AlarmFilter(devices=tuple(names), tags={"site": ("ams",)}, **asked)
        assert await all_of(archive, wanted, limit=40) == right


async def test_devices_that_nobody_knows_have_no_alarms(archive: Archive) -> None:
    await fill(archive)
    names = ("sbc-2", *(f"other-{number}" for number in range(150)))
    assert len(await all_of(archive, AlarmFilter(devices=names), limit=3)) == 10
    assert await all_of(archive, AlarmFilter(devices=names[1:]), limit=3) == []
    assert await all_of(archive, AlarmFilter(devices=names[1:], text="trunk"), limit=3) == []


async def test_words_are_found_within_any_span_of_time(archive: Archive) -> None:
    await register(archive, "sbc-1")
    for number, days in enumerate((0, 1, 40, 400, 6000)):
        at = NOW - timedelta(days=days)
        await raise_alarm(archive, alarm_of(number, seen_at=NOW, raised_at=at), sinks=())
    for after, before, right in (
        (-7000, 1, "43210"),
        (-7000, None, "43210"),
        (None, -1, "432"),
        (-50, -0.5, "21"),
        (-2, 1, "10"),
        (-500, -30, "32"),
        (1, None, ""),
        (9, -9, ""),
    ):
        span = {
            key: None if days is None else NOW + timedelta(days=days)
            for key, days in (("raised_after", after), ("raised_before", before))
        }
        found = await find(archive, "trunk", **span)
        assert "".join(one.removeprefix("sbc-1/") for one in found) == right


async def test_words_are_found_from_any_minute_to_any_other(archive: Archive) -> None:
    await register(archive, "sbc-1")
    first = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
    raised = [first + number * timedelta(minutes=95) for number in range(48)]
    for number, at in enumerate(raised):
        await raise_alarm(archive, alarm_of(number, seen_at=NOW, raised_at=at), sinks=())
    dice = random.Random(1)
    moments = [first + timedelta(minutes=dice.randrange(-200, 4800)) for _ in range(30)]
    moments += [first, first + DAY, first + DAY - SECOND, first + 2 * DAY, first + 3 * DAY]
    for after, before in [*pairwise(moments), *combinations(moments[-5:], 2)]:
        found = await find(archive, "trunk", raised_after=after, raised_before=before)
        right = [number for number, at in enumerate(raised) if after < at < before]
        assert found == [f"sbc-1/{number}" for number in reversed(right)]


async def test_a_cursor_of_another_order_is_none(archive: Archive) -> None:
    await fill(archive)
    timed, found = AlarmFilter(raised_after=NOW - HOUR), AlarmFilter(text="trunk")
    kinds = (AlarmFilter(), timed, found)
    async with archive.read() as tx:
        cursors = [(await list_alarms(tx, kind, limit=1)).next for kind in kinds]
        for at, kind in enumerate(kinds):
            for other, cursor in enumerate(cursors):
                if at != other:
                    with pytest.raises(BadCursor):
                        await list_alarms(tx, kind, after=cursor)


async def find(archive: Archive, text: str, **other: Any) -> list[str]:
    return await all_of(archive, AlarmFilter(text=text, **other), limit=100)


async def test_alarms_are_found_by_all_their_texts(archive: Archive) -> None:
    await register(archive, "sbc-1", "gw-ber-7")
    first = await raise_alarm(
        archive,
        alarm_of(
            1, device="gw-ber-7", name="acProxyLost", description="Größe: <b>'x\" AND (y)</b>"
        ),
    )
    second = await raise_alarm(archive, alarm_of(2, description="Proxy 10.4.219.229 is offline"))
    for text in ("GRÖSSE", "ber", "gw-ber-7", "acproxy*", "and y"):
        assert await find(archive, text) == [first.id], text
    assert await find(archive, "offline prox* 10.4.219") == [second.id]
    assert await find(archive, "offlin") == []
    assert await find(archive, "trunk") == []
    for text in ("NOT", 'x" OR "', "') | ('a", "_severitymajor", "***", "\u202e", ":*", "a:b"):
        assert await find(archive, text) in ([], [first.id])


@pytest.mark.parametrize("look", [1, 3, 100])
async def test_the_beginning_of_a_word_is_found_among_the_newest_and_behind_them(
    archive: Archive, look: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alarmbridge.store.alarm_search._LOOK", look)
    await register(archive, "sbc-1", "sbc-2")
    said = ("Boards and trunks", "A fan", "The board", "boa", "Onboard", "board board2")
    for number, words in enumerate(said):
        await raise_alarm(archive, alarm_of(number, description=words, source="x"))
    await raise_alarm(archive, alarm_of(7, "sbc-2"))
    wanted = AlarmFilter(text="boar*", devices=("sbc-1",))
    found = await all_of(archive, wanted, limit=1)
    assert found == ["sbc-1/5", "sbc-1/2", "sbc-1/0"]
    assert await all_of(archive, wanted, limit=100) == found
    assert await find(archive, "boar* trun*") == ["sbc-2/7", "sbc-1/0"]


async def test_what_an_alarm_says_now_finds_it(archive: Archive) -> None:
    await register(archive, "sbc-1")
    alarm = await raise_alarm(archive, alarm_of(1, description="Trunk is down"))
    alarm = await change_alarm(archive, alarm, "Trunk is flapping")
    assert (await find(archive, "down"), await find(archive, "flapping")) == ([], [alarm.id])
    closed = replace(alarm, clear_description="carrier restored")
    await clear_alarm(archive, closed)
    assert await find(archive, "restored", states=(State.CLEARED,)) == [alarm.id]
    assert await find(archive, "restored", states=(State.ACTIVE,)) == []


async def test_what_has_left_is_not_found(archive: Archive) -> None:
    await register(archive, "sbc-1")
    await clear_alarm(archive, await raise_alarm(archive, alarm_of(1), sinks=()), sinks=())
    async with archive.begin() as tx:
        assert (await prune(tx, NOW + HOUR)).alarms == 1
    assert await find(archive, "trunk") == []
    await raise_alarm(archive, alarm_of(1, description="something else"))
    assert await find(archive, "trunk") == []


async def test_a_text_of_any_length_is_kept_and_found(archive: Archive) -> None:
    await register(archive, "sbc-1")
    words = " ".join(f"word{number}" for number in range(20_000))
    alarm = await raise_alarm(archive, alarm_of(1, description=words))
    assert await find(archive, "word7 word42") == [alarm.id]
    assert await find(archive, " ".join(f"word{number}" for number in range(500))) == [alarm.id]
