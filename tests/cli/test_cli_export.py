"""`alarms --export`: whole files, or none."""

import csv
import json
from pathlib import Path

import pytest
from cli_cases import Run, alarm_of, do, save

from alarmbridge.cli.whole_file import whole_file
from alarmbridge.web.exports import COLUMNS


def listed(run: Run, *asked: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in run("alarms", *asked, "--json").out.splitlines()]


def test_ndjson_has_each_alarm_as_the_list_has_it(database: Path, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "alarms.ndjson"
    result = run("alarms", "--export", str(file))
    assert (result.status, result.out) == (0, f"Alarms exported to {file}: 4.\n")
    assert [json.loads(line) for line in file.read_text().splitlines()] == listed(run)
    assert database.exists()


def test_csv_is_safe_in_a_spreadsheet(database: Path, run: Run, tmp_path: Path) -> None:
    bad = alarm_of(9, description='=HYPERLINK("http://evil")\r\nnext', source="+1")
    do(database, lambda archive: save(archive, bad))
    file = tmp_path / "alarms.CSV"
    assert run("alarms", "--state", "active", "--export", str(file)).status == 0
    with file.open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert list(rows[0]) == list(COLUMNS)
    assert (rows[0]["description"], rows[0]["source"]) == (
        '\'=HYPERLINK("http://evil") next',
        "'+1",
    )
    assert len(rows) == 4


@pytest.mark.usefixtures("database")
def test_a_file_that_is_there_is_kept_unless_forced(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "alarms.csv"
    file.write_text("mine")
    result = run("alarms", "--export", str(file))
    assert (result.status, file.read_text()) == (2, "mine")
    assert "is there already; give --force to replace it" in result.err
    assert run("alarms", "--export", str(file), "--force").status == 0
    assert file.read_text().startswith("id,state,")


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["--export", "alarms.xls"], "--export: alarms.xls must end in .csv or .ndjson"),
        (["--export", "a.csv", "--json"], "--export takes none of"),
        (["--export", "a.csv", "--watch"], "--export takes none of"),
    ],
)
def test_an_export_that_cannot_be_meant_is_a_mistake(
    run: Run, asked: list[str], words: str, tmp_path: Path
) -> None:
    before = sorted(tmp_path.iterdir())
    result = run("alarms", *asked)
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith(words)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.usefixtures("database")
def test_a_folder_that_is_not_there_is_a_failure(run: Run, tmp_path: Path) -> None:
    result = run("alarms", "--export", str(tmp_path / "none" / "a.csv"))
    assert (result.status, result.out) == (1, "")
    assert "cannot be written: No such file or directory" in result.err


def test_what_breaks_off_leaves_nothing_behind(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"

    def break_off() -> None:
        with whole_file(file, force=False) as out:
            out.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    assert list(tmp_path.iterdir()) == []
