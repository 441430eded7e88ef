"""`alarms`, `events` and `devices` over a real archive."""

import json
import re
from pathlib import Path

import pytest
from cli_cases import HOSTILE, Run, alarm_of, do, save

from alarmbridge.core.payload import listed_alarm_as_json
from alarmbridge.store.archive import Archive
from alarmbridge.store.blind_spells import SpellKind, open_spell
from alarmbridge.store.devices import DeviceEntry, register_devices

pytestmark = pytest.mark.usefixtures("database")


def test_alarms_are_listed_the_newest_first(run: Run) -> None:
    result = run("alarms")
    assert result.status == 0
    heads = result.out.splitlines()[0].split()
    assert heads == ["SEEN", "DEVICE", "STATE", "SEVERITY", "SOURCE", "DESCRIPTION"]
    words = [" ".join(row.split()[2:]) for row in result.rows]
    assert words == [
        "alarmbridge active major alarmbridge Trunk 4 is down",
        "sbc-2 active (stale) minor Board#3 Trunk 3 is down",
        "sbc-1 cleared major Board#2 Trunk 2 is down",
        "sbc-1 active major Board#1 Trunk 1 is down",
    ]


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        (["--state", "active"], [4, 3, 1]),
        (["--state", "cleared"], [2]),
        (["--min-severity", "major"], [4, 2, 1]),
        (["--device", "sbc-2"], [3]),
        (["--device", "sbc-1", "--device", "sbc-2"], [3, 2, 1]),
        (["--name", "acTrunk"], [3]),
        (["--source", "Board#1", "--source", "Board#2"], [2, 1]),
        (["--origin", "bridge"], [4]),
        (["--limit", "2"], [4, 3]),
        (["--state", "active", "--device", "sbc-1"], [1]),
    ],
)
def test_alarms_are_those_asked_for(run: Run, asked: list[str], numbers: list[int]) -> None:
    result = run("alarms", *asked, "--json")
    found = [json.loads(line)["id"].rpartition("/")[2] for line in result.out.splitlines()]
    assert (result.status, found) == (0, [str(number) for number in numbers])


def test_an_alarm_as_json_has_the_shape_of_the_api(run: Run) -> None:
    bridges, stale, *_ = [json.loads(line) for line in run("alarms", "--json").out.splitlines()]
    assert stale.keys() == listed_alarm_as_json(alarm_of(1)).keys()
    assert (stale["device"], stale["stale"], stale["severity"]) == ("sbc-2", True, "minor")
    assert (bridges["device"], bridges["stale"]) == (None, False)


def test_nothing_found_is_said_and_is_no_failure(run: Run) -> None:
    for command, words in (("alarms", "No such alarms."), ("events", "No such events.")):
        result = run(command, "--device", "nobody")
        assert (result.status, result.out) == (0, f"{words}\n")
        assert run(command, "--device", "nobody", "--json").out == ""


def test_more_than_was_shown_is_hinted_at_beside_the_table(run: Run) -> None:
    for command, most in (("alarms", 3), ("events", 4)):
        words = run(command, "--limit", str(most)).err
        more = re.fullmatch("There are more; see --limit and --all, or --after '(.+)'.\n", words)
        assert more is not None
        rest = run(command, "--after", more[1])
        assert (len(rest.rows), rest.err) == (1, "")
        assert run(command, "--limit", str(most + 1)).err == ""


def test_events_are_listed_with_a_clears_own_words(run: Run) -> None:
    result = run("events", "--device", "sbc-1")
    words = [" ".join(row.split()[2:]) for row in result.rows]
    assert words == [
        "sbc-1 3 cleared major Board#2 Trunk 2 is up",
        "sbc-1 2 raised major Board#2 Trunk 2 is down",
        "sbc-1 1 raised major Board#1 Trunk 1 is down",
    ]


def test_events_as_json_are_what_was_told(run: Run) -> None:
    result = run("events", "--alarm", "sbc-1/2", "--json")
    cleared, raised = [json.loads(line) for line in result.out.splitlines()]
    assert (raised["type"], cleared["type"]) == ("alarm.raised", "alarm.cleared")
    assert cleared["data"]["alarm"]["clear_description"] == "Trunk 2 is up"
    assert cleared["data"]["device"]["name"] == "sbc-1"


def test_devices_show_how_each_of_them_is(run: Run) -> None:
    result = run("devices")
    words = [row.split() for row in result.rows]
    assert [row[:3] for row in words] == [
        ["sbc-1", "followed", "1"],
        ["sbc-2", "unreachable", "1"],
        ["sbc-gone", "removed", "0"],
    ]
    assert words[0][-4:] == ["Mediant", "SW", "7.20A", "https://sbc-1"]


def test_devices_as_json_have_everything(run: Run) -> None:
    first, second, gone = [json.loads(line) for line in run("devices", "--json").out.splitlines()]
    assert first == {
        "name": "sbc-1",
        "url": "https://sbc-1",
        "tags": {"site": "ams"},
        "product": "Mediant SW",
        "version": "7.20A",
        "serial_number": None,
        "high_availability": None,
        "state": "followed",
        "active_alarms": 1,
        "first_seen_at": "2026-11-23T21:04:05.000Z",
        "read_at": "2026-11-23T21:04:05.000Z",
        "removed_at": None,
        "blind": None,
    }
    assert (second["blind"], gone["removed_at"]) == ("unreachable", "2026-11-23T21:04:05.000Z")


def test_more_blind_devices_than_a_page_holds_are_all_shown(database: Path, run: Run) -> None:
    names = [f"blind-{number:04}" for number in range(1001)]

    async def blind_them(archive: Archive) -> None:
        entries = [DeviceEntry(name=name, url=f"https://{name}") for name in names]
        now = alarm_of(1).seen_at
        async with archive.begin() as tx:
            await register_devices(tx, entries, now=now)
            for name in names:
                await open_spell(tx, name, kind=SpellKind.LOGIN, since=now, reason="refused")

    do(database, blind_them)
    result = run("devices", "--json")
    blind = [json.loads(line)["blind"] for line in result.out.splitlines()]
    assert (blind.count("login"), blind.count("unreachable")) == (1001, 1)


def test_text_of_a_device_is_shown_and_never_obeyed(database: Path, run: Run) -> None:
    hostile = alarm_of(9, description=HOSTILE, source=HOSTILE)
    do(database, lambda archive: save(archive, hostile))
    for command in (["alarms"], ["events"], ["deliveries", "list"]):
        result = run(*command, "--limit", "1")
        (row,) = result.rows
        assert r"down\r\nforged line \x1b[31mred\x1b[0m [red]markup[/red] \u202eback\x07" in row
        assert all(char.isprintable() for char in row)
    (line,) = run("alarms", "--limit", "1", "--json").out.splitlines()
    assert json.loads(line)["description"] == HOSTILE
    assert "\x1b" not in line


@pytest.mark.usefixtures("database")
def test_a_severity_may_be_written_as_devices_write_it(run: Run) -> None:
    assert (
        run("alarms", "--min-severity", "Major").out == run("alarms", "--min-severity", "major").out
    )
