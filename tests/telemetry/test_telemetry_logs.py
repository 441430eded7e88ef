"""The log: one line for each record, whatever a device has put into it."""

import io
import json
import logging
import re
from contextlib import redirect_stderr
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alarmbridge.telemetry.logs import Format, printable, set_up_logging

HOSTILE = (
    "down\r\n2026-11-23 21:04:05.000+00:00 error    all is well\u2028x\u2029x\x85x\x0bx\x0cx\x1cx"
    "\x1b[2K\x1b[31mred\x9b1A\x07\x08\x00\u202e\ud800%s %d {0}"
)
_log = logging.getLogger("alarmbridge.test")


def lines_of(style: Format, *said: str, bug: Exception | None = None) -> list[str]:
    """Log at error level; return what stderr got, as lines."""
    stream = io.StringIO()
    with redirect_stderr(stream):
        set_up_logging(style=style)
        for text in said:
            _log.error("%s", text, exc_info=bug)
    return stream.getvalue().removesuffix("\n").splitlines()


def is_plain(line: str) -> bool:
    """Whether it is ASCII without any control character that a terminal obeys."""
    return all(" " <= char <= "\x7f" for char in line)


def test_a_line_says_when_how_bad_and_what() -> None:
    (line,) = lines_of("text", "sbc-1: Trunk is down")
    found = re.fullmatch(r"(\S+ \S+) error    sbc-1: Trunk is down", line)
    assert found
    moment = datetime.fromisoformat(found[1])
    assert moment.tzinfo is not None
    assert re.search(r"\d\.\d{3}[+-]", found[1])


def test_a_json_line_says_it_in_fields_and_in_utc() -> None:
    (line,) = lines_of("json", "sbc-1: Trunk is down")
    said = json.loads(line)
    assert datetime.fromisoformat(said.pop("at")).utcoffset() is not None
    assert said == {
        "level": "error",
        "logger": "alarmbridge.test",
        "message": "sbc-1: Trunk is down",
    }


def test_hostile_text_can_forge_neither_a_line_nor_a_colour() -> None:
    (line,) = lines_of("text", HOSTILE)
    assert line.isprintable()
    assert r"down\r\n2026" in line
    assert "%s %d {0}" in line


def test_hostile_text_stays_one_json_line_and_comes_out_as_it_was() -> None:
    (line,) = lines_of("json", HOSTILE)
    assert is_plain(line)
    assert json.loads(line)["message"] == HOSTILE


def test_hostile_text_in_an_exception_begins_no_line() -> None:
    first, *trace = lines_of("text", "oh", bug=ValueError(HOSTILE))
    assert first.endswith(" error    oh")
    assert all(line.startswith("    ") and line.isprintable() for line in trace)
    assert "ValueError: down" in "".join(trace)


def test_an_exception_is_part_of_its_json_line() -> None:
    (line,) = lines_of("json", "oh", bug=ValueError(HOSTILE))
    assert "ValueError: down" in json.loads(line)["trace"]


@settings(deadline=None)
@given(st.text(st.characters()))
def test_no_text_at_all_makes_a_second_line(text: str) -> None:
    assert printable(text).isprintable()
    (line,) = lines_of("json", text)
    assert is_plain(line)
    assert json.loads(line)["message"] == text


def test_text_that_can_be_read_stays_as_it_is() -> None:
    assert printable("Störung: 板卡 1 ist ausgefallen (50 %)") == (
        "Störung: 板卡 1 ist ausgefallen (50 %)"
    )


def test_only_what_is_bad_enough_is_written() -> None:
    stream = io.StringIO()
    with redirect_stderr(stream):
        set_up_logging(level="warning")
        _log.info("not this")
        _log.warning("but this")
    assert stream.getvalue().endswith(" warning  but this\n")
    assert stream.getvalue().count("\n") == 1


@pytest.mark.parametrize("chatty", ["apscheduler.scheduler", "aiohttp.access", "alembic.runtime"])
def test_the_news_of_libraries_are_not_ours(chatty: str) -> None:
    stream = io.StringIO()
    with redirect_stderr(stream):
        set_up_logging(level="debug")
        logging.getLogger(chatty).info("not this")
        logging.getLogger(chatty).error("but this")
    assert "not this" not in stream.getvalue()
    assert "but this" in stream.getvalue()


def test_setting_up_twice_writes_once() -> None:
    stream = io.StringIO()
    with redirect_stderr(stream):
        for style in ("json", "text"):
            set_up_logging(style=style)  # type: ignore[arg-type]
        _log.error("once")
    assert stream.getvalue().endswith(" error    once\n")
    assert stream.getvalue().count("once") == 1


def test_a_line_that_cannot_be_written_is_lost_and_nothing_else_is() -> None:
    class Full(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(28, "No space left on device")

    with redirect_stderr(Full()):
        set_up_logging()
        _log.error("lost")
