"""The log: one line per change of state on stderr, for people or as JSON."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Literal

Format = Literal["text", "json"]


def set_up_logging(*, style: Format = "text", level: str = "INFO") -> None:
    """Send every record of the program to stderr in the given style."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLine() if style == "json" else _TextLine())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # Their news is not ours: a scheduler's every job, a library's every request.
    for chatty in ("apscheduler", "aiohttp.access", "alembic", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def printable(text: str) -> str:
    """Escape what could break a line or move a cursor; device text is not to be trusted."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


class _TextLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = _at(record).astimezone().isoformat(sep=" ", timespec="milliseconds")
        line = f"{at} {record.levelname.lower():<8} {printable(record.getMessage())}"
        return _with_trace(line, self, record)


class _JsonLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, str] = {
            "at": _at(record).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        # ASCII throughout: to many a reader U+2028 ends a line, to a terminal U+009B is a command.
        return json.dumps(line)


def _at(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


def _with_trace(line: str, formatter: logging.Formatter, record: logging.LogRecord) -> str:
    if not record.exc_info:
        return line
    trace = formatter.formatException(record.exc_info)
    return line + "".join(f"\n    {printable(step)}" for step in trace.splitlines())
