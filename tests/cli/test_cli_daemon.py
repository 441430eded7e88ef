"""`run` and `demo` as a person starts them, in this process."""

import json
import os
import re
import signal
import socket
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError

import pytest
from cli_cases import Run, free_port, wait_until, write_config

from alarmbridge.store.lock import lock_database


def is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except URLError:
        return False


@pytest.mark.parametrize("style", ["text", "json"])
def test_run_warns_follows_and_ends_at_sigterm(config: Path, run: Run, style: str) -> None:
    port = free_port()
    write_config(
        config,
        config.with_name("alarmbridge.db"),
        devices=[],
        api={"listen": f"127.0.0.1:{port}"},
        log={"format": style},
    )

    def end() -> None:
        try:
            # Only then does it listen to signals: a SIGTERM before that would end the tests.
            wait_until(lambda: is_ready(port))
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=end)
    thread.start()
    result = run("run")
    thread.join()
    assert (result.status, result.out) == (0, "")
    lines = result.err.splitlines()
    words = [json.loads(line)["message"] if style == "json" else line for line in lines]
    assert "devices: there are none, so nothing is followed" in words[0]
    assert re.search(
        rf"alarmbridge .*: 0 devices, 2 sinks, listening on 127\.0\.0\.1:{port}", words[1]
    )
    assert words[-1].endswith("stopped")


def test_the_demo_prints_what_is_told_and_sums_up(run: Run) -> None:
    result = run("demo", "--for", "2s", "--listen", "127.0.0.1:0")
    assert (result.status, result.err) == (0, "")
    assert result.out.startswith("Playing 3 Mediants, looking at each once a second.\n")
    assert "What a webhook receiver is told, until 2 seconds have passed:" in result.out
    told = re.findall(r"^\d\d:\d\d:\d\d  ▲ raised   (\w+) +sim-\d ", result.out, re.MULTILINE)
    assert told
    closing = result.out.splitlines()[-1]
    counted = re.fullmatch(r"Told: (.*)\. Active on the devices now: (\d+)\.", closing)
    assert counted
    assert f"{len(told)} raised" in counted[1]
    folder = re.search(r"The archive is (.*)/demo\.db", result.out)
    assert folder
    assert not Path(folder[1]).exists()


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that somebody else listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_the_demo_says_what_to_do_about_a_port_in_use(run: Run, taken_port: int) -> None:
    result = run("demo", "--listen", f"127.0.0.1:{taken_port}")
    assert (result.status, result.out) == (1, "")
    assert f"127.0.0.1:{taken_port} cannot be used" in result.err
    assert result.err.endswith("Give another one by --listen.\n")


def test_run_refuses_a_port_in_use(config: Path, run: Run, taken_port: int) -> None:
    database = config.with_name("alarmbridge.db")
    write_config(config, database, api={"listen": f"127.0.0.1:{taken_port}"})
    result = run("run")
    assert (result.status, result.out) == (1, "")
    assert f"alarmbridge: api.listen: 127.0.0.1:{taken_port} cannot be used" in result.err


def test_run_refuses_a_database_that_another_one_has(config: Path, run: Run) -> None:
    with lock_database(f"sqlite:///{config.with_name('alarmbridge.db')}"):
        result = run("run")
    assert (result.status, result.out) == (1, "")
    assert f"alarmbridge: Another alarmbridge (process {os.getpid()}) works on" in result.err
