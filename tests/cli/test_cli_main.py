"""What every command has in common: help, exit codes, and words instead of tracebacks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from cli_cases import Run, write_config

from alarmbridge import __version__
from alarmbridge.cli.main import app

DEVICE = (
    "status", "alarms", "history", "pm", "save", "reset", "upgrade", "web",
    "ini", "cli", "files", "license", "tls",
)  # fmt: skip
COMMANDS = [
    [],
    ["run"],
    ["demo"],
    ["simulate"],
    ["check"],
    ["alarms"],
    ["events"],
    ["devices"],
    ["report"],
    ["catalogue"],
    ["explain"],
    ["ack"],
    ["sinks"],
    ["sinks", "test"],
    ["sinks", "resync"],
    ["silences"],
    ["silences", "add"],
    ["silences", "list"],
    ["silences", "expire"],
    ["deliveries"],
    ["deliveries", "list"],
    ["deliveries", "replay"],
    ["db"],
    ["db", "upgrade"],
    ["db", "current"],
    ["db", "prune"],
    ["device"],
    *(["device", "ams", name] for name in DEVICE),
]
CONFIGURED = [
    ["run"],
    ["check"],
    ["alarms"],
    ["events"],
    ["devices"],
    ["report"],
    ["explain", "1"],
    ["ack", "1"],
    ["sinks", "test", "journal"],
    ["sinks", "resync", "journal"],
    ["silences", "add", "--name", "x", "--for", "1h"],
    ["silences", "list"],
    ["silences", "expire", "1"],
    ["deliveries", "list"],
    ["deliveries", "replay", "--dead"],
    ["db", "upgrade"],
    ["db", "current"],
    ["db", "prune"],
]
FIVE = """\
database: {retention: forever}
api: {listen: "0.0.0.0:8480"}
defaults: {username: monitor, password: canary, intervall: 5s}
devices:
  - {name: a, url: "https://canary@10.0.0.1"}
sinks:
  - {name: x, type: webhok}
"""


def test_these_are_all_commands() -> None:
    group = typer.main.get_command(app)
    found = [[]]
    for name, command in group.commands.items():  # type: ignore[attr-defined] - it is a group
        of = [name, "ams"] if name == "device" else [name]
        found += [[name], *([*of, sub] for sub in getattr(command, "commands", ()))]
    assert sorted(found) == sorted(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(run: Run, command: list[str]) -> None:
    result = run(*command, "--help")
    assert (result.status, result.err) == (0, "")
    shown = ["{NAME}" if word == "ams" else word for word in command]
    assert result.out.startswith(" ".join(("Usage: alarmbridge", *shown)))
    # A type is the program's word, and says nothing to whoever has to fill it in. Of an argument
    # Typer says it all the same.
    options = result.out.partition("Options:")[2]
    assert "<str>" not in options
    assert "<int" not in options


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_option_is_a_wrong_use(run: Run, command: list[str]) -> None:
    result = run(*command, "--surprise")
    assert (result.status, result.out) == (2, "")
    assert "No such option: --surprise" in result.err


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (["surprise"], "No such command 'surprise'"),
        (["db", "surprise"], "No such command 'surprise'"),
        ([], "Usage: alarmbridge"),
        (["deliveries"], "Usage: alarmbridge deliveries"),
        (["silences"], "Usage: alarmbridge silences"),
        (["silences", "add", "--origin", "surprise"], "--origin"),
        (["db"], "Usage: alarmbridge db"),
        (["alarms", "--state", "surprise"], "--state"),
        (["alarms", "--min-severity", "surprise"], "--min-severity"),
        (["alarms", "--limit", "0"], "--limit"),
        (["events", "--limit", "1001"], "--limit"),
        (["deliveries", "list", "--state", "surprise"], "--state"),
        (["deliveries", "replay", "surprise"], "'ID'"),
        (["check", "surprise"], "surprise"),
        (["demo", "--for", "surprise"], "--for: must be a length of time such as"),
        (["demo", "--devices", "51"], "--devices"),
        (["demo", "--listen", "surprise"], "--listen: must be host:port"),
        (["demo", "--listen", "0.0.0.0:0"], "--listen: is 0.0.0.0:0, which others can reach"),
        (["simulate", "--script", "surprise"], "there are: quiet, churn, lively, storm"),
        (["simulate", "--port", "65536"], "--port"),
        (["simulate", "--port", "65534", "--devices", "3"], "--port: from 65534 on there are no"),
        (["simulate", "--habits", "surprise"], "--habits"),
    ],
)
def test_a_wrong_use_is_said_and_ends_with_2(run: Run, typed: list[str], words: str) -> None:
    result = run(*typed)
    assert (result.status, result.out) == (2, "")
    assert words in result.err


def test_the_version_is_shown(run: Run) -> None:
    assert run("--version").out == f"alarmbridge {__version__}\n"


@pytest.mark.parametrize("command", CONFIGURED)
def test_five_mistakes_are_five_lines(config: Path, run: Run, command: list[str]) -> None:
    config.write_text(FIVE)
    result = run(*command)
    assert (result.status, result.out) == (2, "")
    assert sorted(line.split(": ")[0] for line in result.err.splitlines()) == [
        "api.listen",
        "database.retention",
        "defaults.intervall",
        "devices[0].url",
        "sinks[0].type",
    ]
    assert "canary" not in result.err


@pytest.mark.parametrize("command", CONFIGURED)
def test_a_missing_file_is_named(run: Run, command: list[str]) -> None:
    result = run(*command, "--config", "missing.yaml")
    assert (result.status, result.out) == (2, "")
    assert result.err == "missing.yaml: cannot be read: No such file or directory\n"


def test_no_configuration_at_all_is_said(config: Path, run: Run) -> None:
    config.unlink()
    result = run("alarms")
    assert result.status == 2
    assert result.err.startswith("there is no configuration: neither alarmbridge.yaml nor /etc/")


@pytest.mark.usefixtures("database")
def test_the_file_may_be_named_by_option_or_environment(
    config: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = write_config(config.with_name("other.yaml"), config.with_name("alarmbridge.db"))
    config.unlink()
    assert run("alarms", "-c", str(other)).status == 0
    monkeypatch.setenv("ALARMBRIDGE_CONFIG", str(other))
    assert run("alarms").status == 0


def buffered(*arguments: str, **other: object) -> "subprocess.CompletedProcess[bytes]":
    environment = {**os.environ, "PYTHONUNBUFFERED": "", "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "alarmbridge", *arguments]
    return subprocess.run(command, check=False, env=environment, **other)  # type: ignore[call-overload]


def test_a_reader_that_has_had_enough_is_no_traceback(config: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    result = buffered("check", "-c", str(config), stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert (result.returncode, result.stderr) == (1, b"")


def test_output_that_finds_no_room_is_said_and_no_traceback(config: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        result = buffered("check", "-c", str(config), stdout=full, stderr=subprocess.PIPE)
    said = b"alarmbridge: No space left on device\n"
    assert (result.returncode, result.stderr) == (1, said)


def test_letters_that_a_terminal_cannot_show_are_no_traceback(config: Path) -> None:
    write_config(config, Path("unused"), devices=[{"name": "gerät", "url": "http://x"}])
    result = buffered("check", "-c", str(config), capture_output=True)
    assert (result.returncode, result.stderr) == (0, b"")
    assert b"reads the password: ger\\xe4t" in result.stdout
