"""`silences`: added, listed with those of the configuration, ended; and what is refused."""

import getpass
import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cli_cases import Result, Run, do, write_config

from alarmbridge.core.filters import Match
from alarmbridge.store.archive import Archive
from alarmbridge.store.operator_actions import list_actions
from alarmbridge.store.silences import add_silence

pytestmark = pytest.mark.usefixtures("database")

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have this machine stand in Berlin, by the name of a night shift."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    monkeypatch.setenv("LOGNAME", "night-shift")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def add(run: Run, *options: str) -> dict[str, Any]:
    result = run("silences", "add", *options, "--json")
    assert (result.status, result.err) == (0, "")
    silence: dict[str, Any] = json.loads(result.out)
    return silence


def listed(run: Run, *asked: str) -> list[dict[str, Any]]:
    result = run("silences", "list", *asked, "--json")
    assert result.status == 0
    return [json.loads(line) for line in result.out.splitlines()]


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_silence_says_what_was_silenced_and_until_when(run: Run) -> None:
    result = run("silences", "add", "--device", "sbc-*", "--for", "2h", "--comment", "upgrade")
    assert (result.status, result.err) == (0, "")
    assert re.fullmatch(
        r"Silence 1: device sbc-\*, until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\n", result.out
    )
    (one,) = listed(run)
    assert (one["id"], one["state"], one["place"]) == ("1", "active", "archive")
    assert (one["match"], one["comment"]) == ({"devices": ["sbc-*"]}, "upgrade")
    assert one["author"] == "night-shift"
    assert instant(one["ends_at"]) - instant(one["starts_at"]) == 2 * HOUR


def test_each_option_may_be_repeated(run: Run) -> None:
    one = add(
        run,
        *("--device", "sbc-1", "--device", "sbc-2", "--for", "1h", "--min-severity", "minor"),
        *("--tag", "site=ams", "--tag", "site=b*", "--tag", "customer=acme=x"),
        *("--name", "ac*", "--name", "x", "--source", "Board#1", "--source", "Board#2"),
        *("--description", "*down*", "--description", "*up*", "--origin", "device"),
    )
    assert one["match"] == {
        "min_severity": "minor",
        "devices": ["sbc-1", "sbc-2"],
        "tags": {"site": ["ams", "b*"], "customer": ["acme=x"]},
        "name": ["ac*", "x"],
        "source": ["Board#1", "Board#2"],
        "description": ["*down*", "*up*"],
        "origin": ["device"],
    }


def test_times_are_local_or_have_an_offset(run: Run) -> None:
    when = ("--from", "2030-07-01 22:00", "--until", "2030-07-02T06:00:00Z")
    one = add(run, "--name", "x", *when)
    assert (one["starts_at"], one["ends_at"], one["state"]) == (
        "2030-07-01T20:00:00.000Z",
        "2030-07-02T06:00:00.000Z",
        "pending",
    )
    text = run("silences", "add", "--name", "x", *when).out
    assert text == ("Silence 2: name x, from 2030-07-01 22:00:00 until 2030-07-02 08:00:00.\n")


def test_a_length_counts_from_its_start(run: Run) -> None:
    one = add(run, "--name", "x", "--from", "2030-07-01T00:00:00Z", "--for", "90m")
    assert one["ends_at"] == "2030-07-01T01:30:00.000Z"


def test_everything_is_silenced_only_if_that_is_said(run: Run) -> None:
    refused = run("silences", "add", "--for", "1h")
    assert (refused.status, refused.err) == (
        2,
        "silences add: say which alarms, or --everything\n",
    )
    assert run("silences", "add", "--everything", "--for", "1h").out.startswith(
        "Silence 1: any alarm, until "
    )
    both = run("silences", "add", "--everything", "--name", "x", "--for", "1h")
    assert (both.status, both.err) == (
        2,
        "--everything: silences every alarm; leave it out, or all else\n",
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "silences add: say either --for or --until"),
        (("--for", "1h", "--until", "2030-01-01 00:00"), "silences add: say either --for or "),
        (("--for", "soon"), "--for: must be a length of time such as "),
        (("--for", "0s"), "--for: would end before it begins, or in the past"),
        (("--from", "2999-01-01 00:00", "--for", "9999d"), "--for: makes an end that must lie"),
        (("--until", "tomorrow"), "--until: must be a time such as 2026-11-23 21:04 or "),
        (("--until", "2020-01-01 00:00"), "--until: would end before it begins, or in the past"),
        (("--from", "2030-03-31 02:30", "--for", "1h"), "--from: does not come there: the clock"),
        (("--until", "2030-10-27 02:30"), "--until: comes twice there, for the clock is put back"),
        (("--for", "1h", "--tag", "site"), "--tag: must be key=value such as site=ams"),
        (("--for", "1h", "--tag", "=x"), "--tag: must be key=value such as site=ams"),
        (("--for", "1h", "--tag", "site="), "--tag: must have 1 to 500 characters that can"),
        (("--for", "1h", "--device", "a\nb"), "--device: must have 1 to 500 characters that can"),
        (("--for", "1h", "--comment", "a\nb"), "--comment: must be one line of at most 500"),
        (("--for", "1h", "--author", "a\x1b[31m"), "--author: must be one line of at most 500"),
    ],
)
def test_an_option_that_cannot_be_is_named(run: Run, options: tuple[str, ...], words: str) -> None:
    result = run("silences", "add", "--name", "x", *options)
    assert (result.status, result.out) == (2, "")
    (line,) = result.err.splitlines()
    assert line.startswith(words)
    assert listed(run) == []


def test_all_that_is_wrong_is_told_at_once(run: Run) -> None:
    result = run("silences", "add", "--tag", "x", "--until", "x", "--for", "x", "--from", "x")
    assert [line.split(":")[0] for line in result.err.splitlines()] == [
        "--tag",
        "--from",
        "--until",
        "silences add",
    ]


def test_a_name_that_no_device_has_is_told_and_silenced_all_the_same(run: Run) -> None:
    result = run("silences", "add", "--device", "sbc-gone", "--device", "sbc-1", "--for", "1h")
    assert result.status == 0
    assert result.err == "alarmbridge: No device is called sbc-gone; it is silenced all the same.\n"
    assert len(listed(run)) == 1


def test_the_author_may_be_said(run: Run) -> None:
    assert add(run, "--name", "x", "--for", "1h", "--author", "noc")["author"] == "noc"


def test_a_machine_that_knows_no_names_is_no_hindrance(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> str:
        raise KeyError("getpwuid(): uid not found: 10001")

    monkeypatch.setattr(getpass, "getuser", fail)
    assert add(run, "--name", "x", "--for", "1h")["author"] == ""


CONFIGURED = {
    "silences": [
        {
            "match": {"devices": "sbc-1"},
            "from": "2020-01-01T00:00:00Z",
            "until": "2999-01-01T00:00:00Z",
            "comment": "out of service",
            "author": "voice team",
        },
        {
            "match": {"devices": "sbc-1"},
            "from": "2020-01-01T00:00:00Z",
            "until": "2020-01-02T00:00:00Z",
        },
    ],
    "maintenance": [
        {"name": "nightly", "everything": True, "cron": "0 2 29 2 *", "duration": "1s"},
    ],
}


def test_those_of_the_configuration_are_listed_by_where_they_stand(
    run: Run, config: Path, database: Path
) -> None:
    write_config(config, database, **CONFIGURED)
    add(run, "--name", "x", "--for", "1h")
    static, window, one = listed(run)
    assert [(row["place"], row["state"]) for row in (static, window, one)] == [
        ("configuration", "active"),
        ("maintenance", "pending"),
        ("archive", "active"),
    ]
    assert static["author"] == "voice team"
    assert window["id"].startswith("config/maintenance/nightly/")
    table = run("silences", "list")
    assert table.out.splitlines()[0].split() == [
        *("ID", "STANDS", "IN", "STATE", "FROM", "UNTIL", "MATCH", "COMMENT", "AUTHOR"),
    ]
    assert [row.split()[0] for row in table.rows] == [static["id"][-8:], "nightly", "1"]
    assert [row.split()[1] for row in table.rows] == ["configuration", "maintenance", "archive"]
    assert listed(run, "--limit", "1") == [static]
    assert " ".join(table.rows[0].split()).endswith("device sbc-1 out of service voice team")


def test_what_has_ended_is_listed_only_if_all_are_asked_for(run: Run, database: Path) -> None:
    assert run("silences", "list").out == "No silences.\n"

    async def add_old(archive: Archive) -> None:
        now = datetime.now(UTC)
        async with archive.begin() as tx:
            await add_silence(
                tx, match=Match(), starts_at=now - 2 * HOUR, ends_at=now - HOUR, now=now
            )

    do(database, add_old)
    assert listed(run) == []
    assert [one["state"] for one in listed(run, "--all")] == ["expired"]


def test_no_more_are_listed_than_asked_for(run: Run) -> None:
    for _ in range(3):
        add(run, "--name", "x", "--for", "1h")
    assert [one["id"] for one in listed(run, "--limit", "2")] == ["3", "2"]
    assert run("silences", "list", "--limit", "2").err == "There are more; see --limit.\n"


def test_a_silence_is_ended_once(run: Run) -> None:
    add(run, "--name", "x", "--for", "1h")
    result = run("silences", "expire", "1")
    assert (result.status, result.out) == (0, "Silence 1 has ended.\n")
    assert listed(run) == []
    again = run("silences", "expire", "1")
    assert (again.status, again.out) == (1, "")
    assert re.match(r"alarmbridge: Silence 1 is over since \d{4}-", again.err)


def test_one_that_is_not_there_cannot_be_ended(run: Run) -> None:
    result = run("silences", "expire", "7")
    assert (result.status, result.err) == (
        1,
        "alarmbridge: There is no silence 7; see: silences list --all.\n",
    )


@pytest.mark.parametrize("name", ["x", "-1", "1.0", "9" * 30, "\u0661", ""])
def test_what_is_no_id_is_a_wrong_use(run: Run, name: str) -> None:
    result: Result = run("silences", "expire", "--", name)
    assert (result.status, result.out) == (2, "")
    assert "no number; what stands in the configuration ends only there" in result.err


def test_those_of_the_configuration_cannot_be_ended(run: Run, config: Path, database: Path) -> None:
    write_config(config, database, **CONFIGURED)
    for one in listed(run):
        result = run("silences", "expire", one["id"])
        assert (result.status, result.err) == (
            1,
            f"alarmbridge: {one['id']} stands in the configuration; it can be ended only there.\n",
        )


def test_labels_say_what_is_silenced_and_what_is_not(run: Run) -> None:
    one = add(
        run, "--label", "severity=minor", "--label", "severity=warning",
        "--not-label", "site=ber", "--for", "2h",
    )  # fmt: skip
    assert one["match"] == {
        "labels": {"severity": ["minor", "warning"]},
        "not_labels": {"site": ["ber"]},
    }
    result = run("silences", "add", "--not-label", "site", "--for", "2h")
    assert (result.status, "--not-label: must be key=value" in result.err) == (2, True)


def test_it_is_noted_who_added_and_ended_one(run: Run, database: Path) -> None:
    add(run, "--device", "sbc-1", "--for", "2h", "--comment", "upgrade", "--author", "somebody")
    run("silences", "expire", "1")
    run("silences", "expire", "1")
    noted = []

    async def look(archive: Archive) -> None:
        async with archive.read() as tx:
            noted.extend((await list_actions(tx)).items)

    do(database, look)
    assert [(one.who, one.action, one.target, one.comment) for one in noted] == [
        ("night-shift", "silence.expire", "1", ""),
        ("night-shift", "silence.add", "1", "upgrade"),
    ]
