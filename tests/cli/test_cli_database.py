"""`db`, and what every command says of a database that it cannot use."""

import json
import sqlite3
from pathlib import Path

import pytest
from cli_cases import LONG_AGO, Run, alarm_of, do, save, write_config

from alarmbridge.core.alarm import ClearReason, State
from alarmbridge.store.schema import head

READING = [["alarms"], ["events"], ["devices"], ["deliveries", "list"]]
WRITING = [["deliveries", "replay", "--dead"], ["db", "prune"]]


def test_upgrade_makes_the_file_and_says_where_it_is(config: Path, run: Run) -> None:
    assert run("db", "current").out == f"database: no schema yet\nalarmbridge: {head()}\n"
    for _ in range(2):
        result = run("db", "upgrade")
        assert (result.status, result.out) == (0, f"The schema is at revision {head()}.\n")
    assert run("db", "current").out == f"database: {head()}\nalarmbridge: {head()}\n"
    assert config.with_name("alarmbridge.db").exists()


def test_prune_deletes_what_is_older_than_the_retention(database: Path, run: Run) -> None:
    old = alarm_of(8, seen_at=LONG_AGO, state=State.CLEARED, clear_reason=ClearReason.DEVICE)
    do(database, lambda archive: save(archive, old, now=LONG_AGO))
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE deliveries SET state = 'delivered', head = 0")
    connection.close()
    result = run("db", "prune")
    assert result.status == 0
    assert result.out == "Alarms deleted, with their events and deliveries: 1.\n"
    left = {json.loads(line)["id"] for line in run("alarms", "--json").out.splitlines()}
    assert left == {"sbc-1/1", "sbc-1/2", "sbc-2/3", "/4"}


@pytest.mark.parametrize("command", [*READING, *WRITING])
def test_a_missing_schema_is_asked_for(run: Run, command: list[str]) -> None:
    result = run(*command)
    assert (result.status, result.out) == (1, "")
    assert result.err.startswith("alarmbridge: The archive sqlite:///")
    assert "has no schema yet; run `alarmbridge db upgrade`." in result.err
    assert not Path("alarmbridge.db").exists()


@pytest.mark.parametrize("command", [*READING, *WRITING, ["db", "upgrade"], ["run"]])
def test_a_database_newer_than_the_program_is_refused(
    database: Path, run: Run, command: list[str]
) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    result = run(*command)
    assert (result.status, result.out) == (1, "")
    assert "has schema revision 9999, which this alarmbridge does not know" in result.err


@pytest.mark.parametrize("command", [*READING, *WRITING, ["run"]])
def test_a_database_that_cannot_be_written_is_refused(
    database: Path, run: Run, command: list[str]
) -> None:
    # SQLite takes a file whose header asks for a later version's writing as read-only; unlike
    # its mode, that holds for root as well.
    content = bytearray(database.read_bytes())
    content[18] = 3
    database.write_bytes(content)
    result = run(*command)
    assert (result.status, result.out) == (1, "")
    assert "it cannot be written; check owner and mode of file and directory" in result.err


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("/proc/alarmbridge.db", "cannot be opened"),
        ("nowhere/alarmbridge.db", "create"),
        ("rubbish.db", "the file is no SQLite database; check database.url"),
    ],
)
@pytest.mark.parametrize("command", [["run"], ["db", "upgrade"]])
def test_a_place_that_is_no_good_is_refused(
    config: Path, run: Run, command: list[str], place: str, words: str
) -> None:
    config.with_name("rubbish.db").write_text("rubbish " * 1000)
    write_config(config, Path(place))
    result = run(*command)
    assert (result.status, result.out) == (1, "")
    assert words in result.err


def test_no_password_of_a_database_is_shown(config: Path, run: Run) -> None:
    url = "postgresql://somebody:canary@127.0.0.1:9/name"
    write_config(config, Path("unused"), url=url)
    result = run("alarms")
    assert result.status == 1
    assert "postgresql://somebody:***@127.0.0.1:9/name failed" in result.err
    assert "canary" not in result.out + result.err


def test_an_archive_that_others_read_can_be_read_and_written(database: Path, run: Run) -> None:
    with sqlite3.connect(database, isolation_level=None) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM alarms").fetchone()
        assert run("alarms").status == 0
        assert run("deliveries", "replay", "--dead").status == 0
        connection.execute("COMMIT")
    connection.close()
