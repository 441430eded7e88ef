from datetime import date

from report_cases import DAY, HOUR, MINUTE, NOON, NOW, SECOND, WEEK, every, figures_of, put, row

from alarmbridge.core.report import make_report
from alarmbridge.core.report_figures import Blind, Brief, Told, period_of
from alarmbridge.core.severity import Severity
from alarmbridge.store.archive import Archive
from alarmbridge.store.blind_spells import SpellKind, close_spell, open_spell
from alarmbridge.store.report_scope import ReportFilter

SLOT = 10 * MINUTE


async def test_an_empty_archive_has_figures_too(archive: Archive) -> None:
    figures = await figures_of(archive)
    assert (figures.raised, figures.devices, figures.own, figures.median) == (0, 0, 0, None)
    assert figures.severities == dict.fromkeys(Severity, Told())
    assert {one.verdict for one in make_report(figures).findings} == {"good"}


async def test_one_alarm_is_all_there_is_to_say(archive: Archive) -> None:
    await put(archive, row())
    figures = await figures_of(archive)
    assert (figures.raised, figures.devices) == (1, 2)
    [actor] = figures.frequent.items
    assert (actor.device, actor.name, actor.source, actor.raised) == (
        "sbc-1",
        "acTrunk",
        "Board#1",
        1,
    )
    assert (figures.frequent.count, figures.fleeting.count, figures.chattering.count) == (1, 0, 0)
    assert [one.severity for one in figures.unacknowledged.items] == [Severity.MINOR]


async def test_of_what_was_never_acknowledged_only_the_periods_own_counts(
    archive: Archive,
) -> None:
    await put(archive, row(-WEEK, severity="critical"), row(), row(2 * HOUR, severity="critical"))
    figures = await figures_of(archive)
    assert (figures.raised, figures.unacknowledged.count) == (1, 1)
    assert [one.severity for one in figures.unacknowledged.items] == [Severity.MINOR]


async def test_alarms_are_counted_by_the_ten_minutes_of_our_clock(archive: Archive) -> None:
    wrong = NOON.replace(year=1999)
    await put(
        archive,
        row(raised_at=wrong, dated_at=wrong),
        row(SLOT - 0.000001 * SECOND),
        row(SLOT),
        row(-WEEK),
        row(2 * HOUR),
    )
    figures = await figures_of(archive)
    first = period_of(NOON, NOON).first
    assert figures.slots == {first: 2, first + 1: 1}


async def test_the_bridges_own_alarms_are_counted_apart(archive: Archive) -> None:
    await put(archive, row(), row(origin="bridge", device_id=0), row(origin="bridge"))
    figures = await figures_of(archive)
    assert (figures.raised, figures.own, figures.standing.count) == (1, 2, 0)
    assert figures.unacknowledged.count == 1
    one = await figures_of(archive, ReportFilter(devices=("sbc-1",)))
    assert (one.raised, one.own) == (1, 1)


async def test_only_what_is_asked_for_is_counted(archive: Archive) -> None:
    rows = [row(device_id=2), row(severity="critical"), row(severity="warning", device_id=2)]
    await put(archive, *rows)
    for wanted, raised, devices in (
        (ReportFilter(devices=("sbc-2",)), 2, 1),
        (ReportFilter(devices=("sbc-2", "sbc-9")), 2, 1),
        (ReportFilter(tags={"site": ("ams", "x")}), 1, 1),
        (ReportFilter(tags={"site": ("ber",), "x": ("y",)}), 0, 0),
        (ReportFilter(min_severity=Severity.MINOR), 2, 2),
    ):
        figures = await figures_of(archive, wanted)
        assert (figures.raised, figures.devices) == (raised, devices), wanted
        assert sum(one.raised for one in figures.frequent.items) == raised
        assert figures.unacknowledged.count == raised


async def test_severities_are_the_last_that_an_alarm_had(archive: Archive) -> None:
    await put(
        archive,
        row(severity="major", revision=3),
        row(severity="major", acknowledged_at=NOON + MINUTE),
    )
    figures = await figures_of(archive)
    assert figures.severities[Severity.MAJOR] == Told(raised=2, acknowledged=1)
    assert figures.median == MINUTE


async def test_half_of_all_were_acknowledged_within_the_median(archive: Archive) -> None:
    waits = [30 * SECOND, MINUTE, HOUR, -HOUR]
    await put(archive, *(row(acknowledged_at=NOON + wait) for wait in waits))
    assert (await figures_of(archive)).median == MINUTE


async def test_the_ten_most_frequent_are_told_apart_as_flapping_does(archive: Archive) -> None:
    rows = [row(source=f"Board#{number}") for number in range(12) for _ in range(number + 1)]
    await put(archive, *rows, row(oid=None, name=None, description="a"), row(device_id=2))
    figures = await figures_of(archive)
    assert figures.frequent.count == 14
    assert [one.raised for one in figures.frequent.items] == list(range(12, 2, -1))
    assert figures.frequent.items[0].source == "Board#11"


async def test_without_an_oid_an_alarm_is_known_by_its_words(archive: Archive) -> None:
    words = ("fan", "fan", "power")
    await put(archive, *(row(oid=None, name=None, description=said) for said in words))
    found = (await figures_of(archive)).frequent
    assert [(one.description, one.raised) for one in found.items] == [("fan", 2), ("power", 1)]


async def test_the_worst_severity_of_each_is_known(archive: Archive) -> None:
    await put(archive, row(severity="indeterminate"), row(severity="critical"), row())
    [actor] = (await figures_of(archive)).frequent.items
    assert (actor.worst, actor.critical, actor.raised) == (Severity.CRITICAL, 1, 3)


async def test_what_was_gone_within_a_minute_is_fleeting(archive: Archive) -> None:
    await put(
        archive,
        row(stood=2 * SECOND),
        row(stood=2.9 * SECOND, severity="critical"),
        row(stood=59 * SECOND),
        row(stood=60 * SECOND),
        row(stood=-HOUR),
        row(),
    )
    figures = await figures_of(archive)
    assert figures.brief == (
        Brief(seconds=0, count=1),
        Brief(seconds=2, count=2, critical=1),
        Brief(seconds=59, count=1),
    )
    assert figures.fleeting.items[0].fleeting == 4


async def test_what_came_and_went_unseen_stood_as_long_as_the_device_says(
    archive: Archive,
) -> None:
    def unseen(cleared_after: object, **other: object) -> object:
        return row(
            stood=0 * SECOND,
            transient=True,
            raised_at=NOON - DAY,
            cleared_at=NOON - DAY + cleared_after,  # type: ignore[operator] - a length of time
            **other,
        )

    await put(
        archive,
        unseen(5 * SECOND, severity="critical"),
        unseen(2 * HOUR),
        row(stood=0 * SECOND, transient=True),
    )
    figures = await figures_of(archive)
    assert (figures.transients, figures.critical_transients) == (3, 1)
    assert [(one.seconds, one.count) for one in figures.brief] == [(0, 1), (5, 1)]


async def test_three_raises_within_a_minute_are_chatter(archive: Archive) -> None:
    steady = [row(after, source="calm") for after in every(31 * SECOND, 5)]
    noisy = [row(after) for after in every(20 * SECOND, 5)]
    late = [row(10 * MINUTE), row(HOUR - MINUTE, severity="critical")]
    await put(archive, *steady, *noisy, *late)
    figures = await figures_of(archive)
    [chatter] = figures.chattering.items
    assert (chatter.actor.source, chatter.actor.raised, chatter.most) == ("Board#1", 7, 4)
    assert (chatter.again, figures.again, figures.critical_again) == (2, 2, 0)
    assert (chatter.pause, chatter.actor.critical) == (520 * SECOND, 1)


async def test_a_history_that_is_read_at_once_is_no_chatter(archive: Archive) -> None:
    times = [NOON - HOUR * number for number in range(5)]
    rows = [row(stood=0 * SECOND, transient=True, raised_at=at, dated_at=at) for at in times]
    await put(archive, *rows)
    assert (await figures_of(archive)).chattering.count == 0
    await put(archive, *(row(source="x", stood=0 * SECOND) for _ in range(3)))
    assert (await figures_of(archive)).chattering.count == 1


async def test_what_stands_for_a_day_is_counted_on_each_day_after(archive: Archive) -> None:
    await put(
        archive,
        row(-3 * DAY),
        row(-3 * DAY, stood=DAY + SECOND),
        row(-3 * DAY, stood=DAY - SECOND),
        row(-30 * DAY, stood=25 * DAY),
        row(-30 * DAY, stood=20 * DAY),
        row(-23 * HOUR),
    )
    figures = await figures_of(archive)
    days = make_report(figures).stale_days
    assert list(days.items()) == [
        (date(2026, 11, 16), 1),
        (date(2026, 11, 17), 1),
        (date(2026, 11, 18), 1),
        (date(2026, 11, 19), 0),
        (date(2026, 11, 20), 0),
        (date(2026, 11, 21), 2),
        (date(2026, 11, 22), 1),
        (date(2026, 11, 23), 1),
    ]
    assert [one.seen_at for one in figures.standing.items] == [NOON - 3 * DAY]


async def test_the_worst_that_nobody_acknowledged_stand_first(archive: Archive) -> None:
    await put(
        archive,
        row(severity="warning"),
        row(severity="critical", source="new"),
        row(-DAY, severity="critical", source="old"),
        row(severity="critical", acknowledged_at=NOON),
        row(severity="critical", stood=HOUR),
    )
    found = (await figures_of(archive)).unacknowledged
    assert [one.source for one in found.items] == ["old", "new", "Board#1"]
    assert found.count == 3


async def test_devices_that_could_not_be_seen_are_named(archive: Archive) -> None:
    await put(archive)
    async with archive.begin() as tx:
        for device, since, until in (
            ("sbc-1", NOON - 30 * DAY, NOON - 20 * DAY),
            ("sbc-1", NOON - HOUR, NOON - 30 * MINUTE),
            ("sbc-1", NOON, NOON + 10 * MINUTE),
            ("sbc-2", NOON - 30 * DAY, None),
        ):
            await open_spell(tx, device, kind=SpellKind.LOGIN, since=since, reason="refused")
            if until is not None:
                await close_spell(tx, device, until=until)
    found = (await figures_of(archive)).blind
    length = NOW - period_of(NOW - WEEK, NOW).since
    assert found.items == (
        Blind(device="sbc-2", spells=1, length=length, lasting=True),
        Blind(device="sbc-1", spells=2, length=40 * MINUTE, lasting=False),
    )
    only = await figures_of(archive, ReportFilter(devices=("sbc-1",)))
    assert only.blind.count == 1


async def test_texts_of_any_length_are_counted(archive: Archive) -> None:
    long = "x\u202e<script>" * 20_000
    await put(archive, *(row(source=long, description=long) for _ in range(3)))
    figures = await figures_of(archive)
    assert figures.frequent.items[0].source == long
    assert figures.chattering.items[0].most == 3
