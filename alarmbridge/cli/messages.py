"""Messages of a stream of Server-Sent Events (WHATWG HTML, 9.2.6), read as they come."""

import json
from collections.abc import Iterator
from typing import Any

from alarmbridge.core.errors import AlarmbridgeError

_LONGEST = 16 * 1024 * 1024


class Messages:
    """Reads pieces of a stream, cut anywhere. place: where to resume, once the stream said so."""

    def __init__(self) -> None:
        self.place: str | None = None
        self._rest = b""
        self._place: str | None = None
        self._data: list[str] = []

    def restart(self) -> None:
        """Forget what was cut off: the connection is another."""
        self._rest = b""
        self._place = self.place
        self._data.clear()

    def feed(self, piece: bytes) -> Iterator[tuple[str | None, Any]]:
        """Give the messages that a piece completes, as place and document."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) > _LONGEST:
            raise AlarmbridgeError("The stream has a line that is too long to be an event.")
        for line in lines:
            if line.strip():
                self._note(line.decode(errors="replace").rstrip("\r"))
                continue
            # Not before the end of its message, or one that was cut off would be passed over.
            self.place = self._place
            if self._data:
                document = _parse("\n".join(self._data))
                self._data.clear()
                yield self.place, document

    def _note(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "id" and value.isascii() and value.isdigit():
            self._place = value


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise AlarmbridgeError("The stream has an event that is no JSON.") from None
