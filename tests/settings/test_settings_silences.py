"""Silences and maintenance windows in the configuration, and every mistake in them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from alarmbridge.settings.models import Settings

Load = Callable[..., Settings]
Mistakes = Callable[..., list[str]]

SILENCE = "match: {devices: a}, from: 2026-11-23 22:00, until: 2026-11-24 06:00"
WINDOW = "name: night, match: {devices: a}, duration: 1h"


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def test_a_silence_has_local_times_or_such_with_an_offset(load: Load) -> None:
    settings = load(
        """
        silences:
          - match: {devices: ["sbc-*"], tags: {site: ams}, min_severity: Major}
            timezone: Europe/Berlin
            from: 2026-11-23 22:00
            until: 2026-11-24T06:00:00Z
            comment: The new firmware
            author: voice team
        """
    )
    (one,) = settings.silences
    assert (one.from_, one.until) == (at(23, 21), at(24, 6))
    assert (one.match.devices, one.match.tags) == (("sbc-*",), {"site": ("ams",)})
    assert (one.comment, one.author, one.everything) == ("The new firmware", "voice team", False)


def test_times_without_a_zone_are_utc(load: Load) -> None:
    (one,) = load(f"silences: [{{{SILENCE}}}]").silences
    assert (one.from_, one.until) == (at(23, 22), at(24, 6))


def test_a_window_recurs_by_cron_or_by_a_rule(load: Load) -> None:
    settings = load(
        f"""
        maintenance:
          - {{{WINDOW}, cron: "30 2 * * SUN", timezone: Europe/Berlin, comment: Backups}}
          - name: patch-day
            everything: true
            rrule: FREQ=WEEKLY;INTERVAL=2
            start: 2026-11-01 03:00
            timezone: Europe/Berlin
            duration: 90m
          - name: quarter
            match: {{devices: a}}
            duration: 2h
            rrule: |
              DTSTART;TZID=Europe/Berlin:20261101T030000
              RRULE:FREQ=MONTHLY;INTERVAL=3
            timezone: Europe/Berlin
        """
    )
    night, patches, quarter = settings.maintenance
    assert (night.name, night.duration, night.comment) == ("night", timedelta(hours=1), "Backups")
    assert night.rule.after(at(23, 0)) == datetime(2026, 11, 29, 1, 30, tzinfo=UTC)
    assert patches.everything
    assert patches.rule.after(at(2, 0)) == at(15, 2)
    assert quarter.rule.after(at(2, 0)) == datetime(2027, 2, 1, 2, tzinfo=UTC)


def test_both_may_come_from_the_environment(load: Load) -> None:
    settings = load(
        "",
        ALARMBRIDGE_SILENCES=f"[{{{SILENCE}}}]",
        ALARMBRIDGE_MAINTENANCE__0__NAME="night",
        ALARMBRIDGE_MAINTENANCE__0__CRON="0 2 * * *",
        ALARMBRIDGE_MAINTENANCE__0__DURATION="1h",
        ALARMBRIDGE_MAINTENANCE__0__EVERYTHING="true",
    )
    assert (len(settings.silences), settings.maintenance[0].cron) == (1, "0 2 * * *")


@pytest.mark.parametrize(
    ("item", "mistake"),
    [
        ("from: 2026-11-23 22:00, until: 2026-11-24 06:00", "everything: must be true where there"),
        (f"{SILENCE}, everything: true", "everything: is true, and there is a match as well"),
        ("match: {devices: a}, until: 2026-11-24 06:00", "from: is needed"),
        ("match: {devices: a}, from: 2026-11-24 06:00", "until: is needed"),
        (
            "match: {devices: a}, from: 2026-11-24 06:00, until: 2026-11-24 06:00",
            "until: must be after from",
        ),
        (SILENCE.replace("22:00", "10 pm"), "from: must be a time such as 2026-11-23 21:04 or"),
        (f"{SILENCE}, timezone: Europe/Berlln", "timezone: must be a time zone by its name; did"),
        (f"{SILENCE}, timezone: Europe", "timezone: must be a time zone by its name"),
        (f"{SILENCE}, timezone: /etc/passwd", "timezone: must be a time zone by its name, such"),
        (f"{SILENCE}, timezone: ../../etc", "timezone: must be a time zone by its name"),
        (
            f"timezone: Europe/Berlin, {SILENCE.replace('11-23 22:00', '03-29 02:30')}",
            "from: does not come there: the clock is put forward over it",
        ),
        (f'{SILENCE}, comment: "two\\nlines"', "comment: must be one line of at most 500"),
        (f"{SILENCE}, name: x", "name: is no known key; there are: author, "),
        (SILENCE.replace("devices: a", "device: a"), "match.device: is no known key; did"),
        (SILENCE.replace("devices: a", "device: a, name: b"), "match.device: is no known key; did"),
        (SILENCE.replace("devices: a", "min_severity: x"), "match.min_severity: must be "),
    ],
)
def test_a_silence_that_cannot_be_is_told_by_its_key(
    mistakes: Mistakes, item: str, mistake: str
) -> None:
    (line,) = mistakes(f"silences: [{{{item}}}]")
    assert line.startswith(f"silences[0].{mistake}")
    assert line.endswith("(alarmbridge.yaml:1)")


@pytest.mark.parametrize(
    ("item", "mistake"),
    [
        (WINDOW, "rrule: is needed, or a cron"),
        (
            f'{WINDOW}, cron: "0 2 * * *", rrule: FREQ=DAILY',
            "rrule: is given, and so is cron; give one",
        ),
        (f'{WINDOW}, cron: "0 2 * *"', "cron: must have five fields: minute, hour, "),
        (f'{WINDOW}, cron: "0 25 * * *"', "cron: has a wrong hour"),
        (f'{WINDOW}, cron: "0 2 30 2 *"', "cron: has a wrong day of month"),
        (f'{WINDOW}, cron: "0 2 * * *", start: 2026-11-01 00:00', "start: is for an rrule"),
        (f"{WINDOW}, rrule: FREQ=HOURLY", "rrule: needs a FREQ, one of DAILY, "),
        (f"{WINDOW}, rrule: FREQ=DAILY;INTERVAL=2", "rrule: needs a start, from which follows"),
        (f"{WINDOW}, rrule: FREQ=DAILY, start: soon", "start: must be a time such as "),
        (f"{WINDOW}, rrule: FREQ=DAILY;INTERVAL=2, start: soon", "start: must be a time such as "),
        (f'{WINDOW.replace("1h", "32d")}, cron: "0 0 1 * *"', "duration: must be 1s to 31d"),
        (f'{WINDOW.replace("1h", "0s")}, cron: "0 2 * * *"', "duration: must be 1s to 31d"),
        (f'{WINDOW.replace("1h", "12h")}, cron: "0 * * * *"', "duration: comes more than 10 times"),
        (
            f"{WINDOW.replace('1h', '30d')}, rrule: FREQ=DAILY",
            "duration: comes more than 10 times before it is over",
        ),
        (f'{WINDOW.replace(", duration: 1h", "")}, cron: "0 2 * * *"', "duration: is needed"),
        ('match: {devices: a}, duration: 1h, cron: "0 2 * * *"', "name: is needed"),
        ('name: a, duration: 1h, cron: "0 2 * * *"', "everything: must be true where there is no"),
        ('name: a, match: {}, duration: 1h, cron: "0 2 * * *"', "everything: must be true where"),
    ],
)
def test_a_window_that_cannot_be_is_told_by_its_key(
    mistakes: Mistakes, item: str, mistake: str
) -> None:
    (line,) = mistakes(f"maintenance: [{{{item}}}]")
    assert line.startswith(f"maintenance[0].{mistake}")


def test_all_their_mistakes_are_told_at_once(mistakes: Mistakes) -> None:
    found = mistakes(
        """
        silences:
          - {from: never, until: never, timezone: Mars/Base, comment: "\\a"}
          - just text
        maintenance:
          - {name: a, match: {devices: a}, cron: x, duration: 1y}
          - {name: a, match: {devices: a}, cron: "0 2 * * *", duration: 1h}
          - {timezone: Mars/Base, cron: x, start: x, rrule: x}
        """
    )
    assert [line.split(": ", 1)[0] for line in found] == [
        "silences[0].everything",
        "silences[0].timezone",
        "silences[0].comment",
        "silences[0].from",
        "silences[0].until",
        "silences[1]",
        "maintenance[1].name",
        "maintenance[0].cron",
        "maintenance[0].duration",
        "maintenance[2].everything",
        "maintenance[2].timezone",
        "maintenance[2].name",
        "maintenance[2].cron",
        "maintenance[2].start",
        "maintenance[2].rrule",
        "maintenance[2].duration",
    ]
