"""`report`: of the file and of a daemon, for people and for programs."""

import json
from pathlib import Path

import pytest
import yaml
from cli_cases import HOSTILE, NOW, Run, alarm_of, do, free_port, save
from cli_daemon import TOKEN, served

from alarmbridge.core.severity import Severity

PERIOD = ("--since", "2026-11-23T21:00:00Z", "--for", "1h")


def save_many(database: Path, number: int, **other: object) -> None:
    async def work(archive: object) -> None:
        for at in range(number):
            alarm = alarm_of(100 + at, **({"seen_at": NOW, "source": HOSTILE} | other))
            await save(archive, alarm)  # type: ignore[arg-type] - an archive

    do(database, work)


def test_the_report_reads_well_on_paper(run: Run, database: Path) -> None:
    save_many(database, 30, severity=Severity.MINOR, oid="1.9", name="acFan")
    result = run("report", *PERIOD)
    assert (result.status, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[1].startswith("33 alarms of 2 devices")
    assert [line.split()[0] for line in lines[4:6]] == ["bad", "bad"]
    for words in ("The most frequent", "acFan", "Not seen", "Chattering", "notices fewer."):
        assert words in result.out
    assert "\x1b" not in result.out
    assert "\u202e" not in result.out


def test_what_it_advises_can_be_pasted_as_it_is_printed(run: Run, database: Path) -> None:
    save_many(database, 30, severity=Severity.MINOR, oid="1.9", name="acFan")
    out = run("report", *PERIOD).out
    pasted = out.partition("exclude:")[2].splitlines()[1]
    [row] = yaml.safe_load(pasted)
    assert (row["name"], row["source"]) == ("acFan", HOSTILE.replace("[", "[[]"))


def test_an_empty_archive_has_a_report(run: Run) -> None:
    assert run("db", "upgrade").status == 0
    result = run("report")
    assert result.status == 0
    assert "0 alarms of 0 devices" in result.out
    assert "The most frequent" not in result.out


def test_a_daemon_reports_as_the_file_does(run: Run, database: Path, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(TOKEN)
    asked = ("report", *PERIOD, "--tag", "site:ams", "--min-severity", "minor", "--json")
    with served(database, free_port()) as url:
        by_url = run(*asked, "--url", url, "--token-file", str(token))
        refused = run(*asked, "--url", url)
    assert by_url.status == 0, by_url.err
    assert json.loads(by_url.out) == json.loads(run(*asked).out)
    assert json.loads(by_url.out)["raised"] == 3
    assert (refused.status, "wants a token" in refused.err) == (1, True)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("--for", "5m"), "--for: must be from 10m to 366d"),
        (("--for", "soon"), "--for: must be a length of time"),
        (("--since", "yesterday"), "--since: must be a time such as"),
        (("--since", "2999-01-01T00:00:00Z"), "--since: must be before the end"),
        (("--tag", "site"), "--tag: must be a key and a value"),
    ],
)
def test_what_cannot_be_meant_is_refused(run: Run, typed: tuple[str, ...], said: str) -> None:
    result = run("report", *typed)
    assert (result.status, result.out) == (2, "")
    assert said in result.err
