"""`catalogue`: found by name, OID or words; shown as a table, in full, or as JSON."""

import json
import re

import pytest
from cli_cases import Run

from alarmbridge.core import bridge
from alarmbridge.core.catalogue import CATALOGUE

PROXY = "1.3.6.1.4.1.5003.9.10.1.21.2.0.94"


def names(run: Run, *words: str) -> list[str]:
    result = run("catalogue", *words, "--json")
    assert (result.status, result.err) == (0, "")
    return [json.loads(line)["name"] for line in result.out.splitlines()]


def test_it_lists_every_kind_by_name_and_needs_no_configuration(run: Run) -> None:
    result = run("catalogue")
    assert result.status == 0
    heads = result.out.splitlines()[0].split()
    assert heads == ["NAME", "OID", "TYPE", "CAUSE", "CLEARS", "SEVERITIES"]
    listed = [row.split()[0] for row in result.rows]
    assert sorted(listed) == sorted([one.name for one in CATALOGUE.values()] + [*bridge.CATALOGUE])
    assert listed == sorted(listed, key=str.lower)


@pytest.mark.parametrize(
    "words",
    [
        ["acProxyConnectionLost"],
        ["ACPROXYCONNECTIONLOST"],
        [PROXY],
        [f".{PROXY}"],
        ["1.3.6.1.4.1.8072.2.0.94"],
        ["2.0.94"],
        ["94"],
        ["proxy", "keep-alive"],
        ["proxy set", "OPTIONS"],
    ],
)
def test_one_is_found_by_name_oid_or_words(run: Run, words: list[str]) -> None:
    assert names(run, *words) == ["acProxyConnectionLost"]


def test_a_whole_name_is_not_part_of_another(run: Run) -> None:
    assert names(run, "linkDown") == ["linkDown"]


def test_every_word_must_occur(run: Run) -> None:
    assert set(names(run, "trunk", "critical")) < set(names(run, "trunk"))


def test_a_row_says_what_is_known_and_a_dash_what_is_not(run: Run) -> None:
    (row,) = run("catalogue", "acNTPServerStatusAlarm").rows[:1]
    assert re.split(r"\s{2,}", row.strip())[1:] == [
        "1.3.6.1.4.1.5003.9.10.1.21.2.0.71",
        "communicationsAlarm",
        "communicationsSubsystemFailure",
        "yes",
        "major, minor",
    ]
    (row,) = run("catalogue", "acBoardFatalError").rows[:1]
    assert row.split()[4:] == ["no", "critical"]
    (row,) = run("catalogue", "acAMSProcedureResult").rows[:1]
    assert row.split()[2:] == ["-", "-", "-", "-"]


def test_few_are_explained_and_many_are_not(run: Run) -> None:
    entry = CATALOGUE[PROXY]
    lines = run("catalogue", "acProxyConnectionLost").out.splitlines()
    assert lines[2:] == [
        "",
        "acProxyConnectionLost",
        f"    What it means: {entry.meaning}",
        f"    What to check: {entry.check}",
    ]
    assert run("catalogue", "certificate", "expire").out.count("What to check: ") > 1
    assert "What it means" not in run("catalogue").out


def test_what_is_not_known_is_said_so(run: Run) -> None:
    assert "What to check: not known" in run("catalogue", "acAMSProcedureResult").out


@pytest.mark.parametrize("name", bridge.CATALOGUE)
def test_the_bridges_own_are_explained_too(run: Run, name: str) -> None:
    (line,) = run("catalogue", name, "--json").out.splitlines()
    own = bridge.CATALOGUE[name]
    assert json.loads(line) == {
        "name": name,
        "oid": None,
        "origin": "bridge",
        "event_type": own.event_type,
        "probable_cause": own.probable_cause,
        "clears": True,
        "severities": [own.severity],
        "meaning": own.meaning,
        "check": own.check,
    }
    assert own.meaning in run("catalogue", name).out


def test_nothing_found_is_a_failure_in_a_plain_sentence(run: Run) -> None:
    for words in (["teapot"], ["1.3.6.1.4.1.5003.9.20.3.2.0.94"], ["proxy", "teapot"]):
        for how in ([], ["--json"]):
            result = run("catalogue", *words, *how)
            assert (result.status, result.out) == (1, "")
            assert result.err == f"alarmbridge: the catalogue has nothing for {' '.join(words)}\n"


@pytest.mark.parametrize("width", [60, 100, 250])
def test_on_a_terminal_nothing_is_cut_off(
    run: Run, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    for name, value in (("FORCE_COLOR", "1"), ("TERM", "xterm"), ("COLUMNS", str(width))):
        monkeypatch.setenv(name, value)
    shown = re.sub("\x1b\\[[0-9;]*m", "", run("catalogue", "94").out)
    entry = CATALOGUE[PROXY]
    assert all(len(line) <= width for line in shown.splitlines())
    for words in (PROXY, entry.event_type, entry.probable_cause):
        assert str(words) in "".join(shown.split())
    assert "".join(str(entry.check).split()) in "".join(shown.split())
