"""Takes the files that a device gives, and none that is not what it claims to be.

A file is judged by how it begins, because it may be of any size: what checks it is given the first
64 KiB, and raises BadAnswer in a few words.
"""

import re
from collections.abc import Callable

from alarmbridge.core.errors import BadAnswer
from alarmbridge.core.ini import is_ini, read_ini
from alarmbridge.mediant.answers import parse_as, understand
from alarmbridge.mediant.resources import is_pem
from alarmbridge.mediant.transport import Answer, FullTransport, Progress

BEGINNING = 64 * 1024

_WEB_PAGE = re.compile(rb"<(?:!|\?xml|html|head|body)", re.IGNORECASE)

Check = Callable[[bytes], None]


def check_script(beginning: bytes) -> None:
    """Take anything that has words and is no web page: a script has no form of its own."""
    words = beginning.strip()
    if not words:
        raise BadAnswer("it is empty")
    if _WEB_PAGE.match(words):
        raise BadAnswer("it is a web page instead of a file")


def check_ini(beginning: bytes) -> None:
    """Take what looks like a configuration, or begins with a comment as the guide prints it."""
    check_script(beginning)
    # Without the line that was cut through, where the file goes on.
    lines = beginning.rpartition(b"\n")[0] if len(beginning) == BEGINNING else beginning
    text = read_ini(lines or beginning)
    if not text.lstrip().startswith(";") and not is_ini(text):
        raise BadAnswer("it is no INI file")


def check_pem(beginning: bytes) -> None:
    """Take certificates in their envelope."""
    check_script(beginning)
    if not is_pem(beginning):
        raise BadAnswer("it is no PEM")


def read_file(answer: Answer, *, device: str, path: str, check: Check) -> bytes:
    """Take a small file from an answer; raises Refused, and BadAnswer for what is none."""

    def parse(body: bytes) -> bytes:
        _check_kind(answer)
        check(body[:BEGINNING])
        return body

    return understand(answer, device=device, path=path, parse=parse)


async def download_file(
    line: FullTransport,
    path: str,
    write: Callable[[bytes], object],
    *,
    device: str,
    check: Check,
    progress: Progress | None = None,
) -> int:
    """Fetch a file of any size in flat memory, and return how many bytes it has.

    write: is called in a thread, and never for what turned out to be no such file. Raises Refused
    and BadAnswer as `read_file` does.
    """
    sieve = _Sieve(write, lambda beginning: parse_as(beginning, device, path, check))
    answer = await line.download(path, sieve.take, progress=progress)
    understand(answer, device=device, path=path, parse=lambda _body: _check_kind(answer))
    sieve.end()
    return sieve.size


class _Sieve:
    """Holds a file back until its beginning has been checked, and then lets it through."""

    def __init__(self, write: Callable[[bytes], object], check: Check) -> None:
        self.size = 0
        self._write = write
        self._check = check
        self._held: bytearray | None = bytearray()

    def take(self, piece: bytes) -> None:
        self.size += len(piece)
        if self._held is None:
            self._write(piece)
            return
        self._held += piece
        if len(self._held) >= BEGINNING:
            self.end()

    def end(self) -> None:
        """Let go of what is held: its beginning is here, or all of it."""
        if self._held is not None:
            held, self._held = bytes(self._held), None
            self._check(held[:BEGINNING])
            self._write(held)


def _check_kind(answer: Answer) -> None:
    if answer.content_type.partition(";")[0].strip().lower() == "text/html":
        raise BadAnswer("it is a web page instead of a file")
