"""`--watch`: as a process of its own, at a pipe and at a terminal, until it is interrupted."""

import asyncio
import json
import os
import pty
import select
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cli_cases import HOSTILE, Run, alarm_of, do, free_port, save
from cli_daemon import TOKEN, served

from alarmbridge.cli.answers import Wanted
from alarmbridge.cli.filed import FileAnswers
from alarmbridge.core.alarm import ClearReason, State
from alarmbridge.core.errors import StoreError
from alarmbridge.store.transaction import Transaction

WITHIN = 20.0
INTERRUPTED = 130


@dataclass
class Watching:
    """A command under way, and what it has said so far."""

    process: subprocess.Popen[bytes]
    source: int
    said: bytes = field(default=b"")

    def wait_for(self, words: str, *, whole: bool = False) -> str:
        """Read until it has said this, and whole: all of the line too; it has a deadline."""
        deadline = time.monotonic() + WITHIN
        while b"\n" * whole not in self.said.partition(words.encode())[2] or (
            words.encode() not in self.said
        ):
            left = deadline - time.monotonic()
            assert left > 0, self.said
            if select.select([self.source], [], [], left)[0]:
                piece = os.read(self.source, 65536)
                assert piece, (self.said, self.process.wait())
                self.said += piece
        return self.said.decode()

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(WITHIN)


@contextmanager
def watching(
    config: Path, *arguments: str, terminal: bool = False, **env: str
) -> Iterator[Watching]:
    """Run a command where the configuration is."""
    source, sink = pty.openpty() if terminal else os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "alarmbridge", *arguments],
        cwd=config.parent,
        env={**os.environ, "COLUMNS": "150", "LINES": "40", "TERM": "xterm", **env},
        stdin=subprocess.DEVNULL,
        stdout=sink,
        stderr=subprocess.PIPE,
    )
    os.close(sink)
    try:
        yield Watching(process, source)
    finally:
        process.kill()
        process.communicate()
        os.close(source)


def raise_alarm(database: Path, number: int, **other: object) -> None:
    do(database, lambda archive: save(archive, alarm_of(number, **other)))


def keep_raising(database: Path, watch: Watching, numbers: Iterator[int]) -> None:
    """Raise alarms until the first of them is told: only then has the watch begun."""
    deadline = time.monotonic() + WITHIN
    while not select.select([watch.source], [], [], 0.5)[0]:
        assert time.monotonic() < deadline
        raise_alarm(database, next(numbers))


def ids_in(said: str) -> list[str]:
    return [json.loads(line)["data"]["alarm"]["id"] for line in said.splitlines()]


@pytest.mark.parametrize("remote", [False, True], ids=["file", "daemon"])
def test_events_are_printed_as_they_come_each_once(
    database: Path, config: Path, remote: bool
) -> None:
    numbers = iter(range(10, 1000))
    with served(database, free_port()) as url:
        more = ("--url", url) if remote else ()
        with watching(
            config, "events", "--watch", "--json", *more, ALARMBRIDGE_TOKEN=TOKEN
        ) as watch:
            keep_raising(database, watch, numbers)
            closed = {"clear_reason": ClearReason.DEVICE, "clear_description": "up"}
            last = next(numbers)
            raise_alarm(database, last, state=State.CLEARED, **closed)
            said = watch.wait_for('"clear_description": "up"')
            assert watch.interrupt() == INTERRUPTED
            assert watch.process.stderr is not None
            assert watch.process.stderr.read() == b""
    ids = ids_in(said)
    first = int(ids[0].rpartition("/")[2])
    assert ids == [f"sbc-1/{number}" for number in (*range(first, last + 1), last)]


def test_a_stream_that_broke_goes_on_where_it_broke(database: Path, config: Path) -> None:
    numbers, port = iter(range(10, 1000)), free_port()
    asked = ("events", "--watch", "--json", "--url", f"http://127.0.0.1:{port}")
    with served(database, port):
        pass
    with watching(config, *asked, ALARMBRIDGE_TOKEN=TOKEN) as watch:
        assert watch.process.wait(WITHIN) == 1
    with served(database, port):
        context = watching(config, *asked, ALARMBRIDGE_TOKEN=TOKEN)
        watch = context.__enter__()
        keep_raising(database, watch, numbers)
    try:
        for _ in range(3):
            last = next(numbers)
            raise_alarm(database, last)
        with served(database, port):
            ids = ids_in(watch.wait_for(f'"sbc-1/{last}"', whole=True))
            assert watch.interrupt() == INTERRUPTED
    finally:
        context.__exit__(None, None, None)
    first = int(ids[0].rpartition("/")[2])
    assert ids == [f"sbc-1/{number}" for number in range(first, last + 1)]


def test_a_list_is_shown_anew_in_place_on_a_terminal(database: Path, config: Path) -> None:
    asked = ("alarms", "--every", "100ms")
    with watching(config, *asked, terminal=True) as watch:
        watch.wait_for("Trunk 4 is down")
        raise_alarm(database, 7, description=HOSTILE)
        said = watch.wait_for("forged line")
        assert watch.interrupt() == INTERRUPTED
    # What the terminal was told is what Rich says, and nothing that a device wrote.
    assert "\x1b[31mred" not in said
    assert "\u202e" not in said
    assert r"\x1b[31mred" in said


def test_a_list_for_programs_tells_what_is_new_or_changed(database: Path, config: Path) -> None:
    with watching(config, "alarms", "--every", "100ms", "--json") as watch:
        watch.wait_for('"sbc-1/1"')
        watch.wait_for("Trunk 4 is down")
        raise_alarm(database, 7)
        said = watch.wait_for('"sbc-1/7"')
        assert watch.interrupt() == INTERRUPTED
    ids = [json.loads(line)["id"] for line in said.splitlines()]
    assert [one.rpartition("/")[2] for one in ids] == ["1", "2", "3", "4", "7"]


def test_a_pipe_that_nobody_reads_ends_it_quietly(database: Path, config: Path) -> None:
    numbers = iter(range(10, 1000))
    with watching(config, "events", "--watch", "--json") as watch:
        keep_raising(database, watch, numbers)
        os.dup2(os.open(os.devnull, os.O_RDONLY), watch.source)
        raise_alarm(database, next(numbers))
        raise_alarm(database, next(numbers))
        assert watch.process.wait(WITHIN) == 1
        assert watch.process.stderr is not None
        assert watch.process.stderr.read() == b""


def test_an_archive_that_cannot_be_followed_ends_it_with_the_reason(
    database: Path, run: Run
) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("DROP TABLE operator_actions")
    result = run("events", "--watch")
    assert result.status == 1
    assert result.err.startswith("alarmbridge: ")
    assert "operator_actions" in result.err


class Stuck:
    """An archive that gives no answer."""

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        await asyncio.Event().wait()
        yield  # type: ignore[misc] - never got to


async def test_an_archive_that_gives_no_answer_is_told_as_one_that_cannot_be_followed() -> None:
    answers = FileAnswers(Stuck(), patience=0.01)  # type: ignore[arg-type] - no more of one
    with pytest.raises(StoreError, match="cannot be followed"):
        await anext(answers.follow(Wanted()))
