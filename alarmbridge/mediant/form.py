"""A file as the one part of a form: what the device's upload pages send (guide 6.1.1)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from alarmbridge.core.errors import ConfigError
from alarmbridge.mediant.transport import Upload

_PIECE = 256 * 1024

# Stands in no file that was not made to have it.
_BOUNDARY = "----alarmbridge-5d0f3ab81c6e4a7fb2e9"


@dataclass(frozen=True, slots=True)
class Form:
    """The body of an upload, laid out as the guide prints it."""

    upload: Upload
    boundary: str = _BOUNDARY

    @property
    def content_type(self) -> str:
        """The header's value."""
        return f"multipart/form-data; boundary={self.boundary}"

    @property
    def size(self) -> int:
        """Bytes of the whole body: devices are told it, because no guide speaks of chunks."""
        return len(self._head) + self.upload.size + len(self._tail)

    async def pieces(self, sent: Callable[[int], object]) -> AsyncIterator[bytes]:
        """Give the body piece by piece. sent: is told how many bytes of the file have gone.

        Raises ConfigError for a file that cannot be read, or has become shorter meanwhile.
        """
        yield self._head
        gone = 0
        while gone < self.upload.size:
            wanted = min(_PIECE, self.upload.size - gone)
            try:
                piece = await asyncio.to_thread(self.upload.read, wanted)
            except OSError as error:
                reason = error.strerror or type(error).__name__
                raise ConfigError([f"{self.upload.filename} cannot be read: {reason}"]) from error
            if not piece:
                raise ConfigError([f"{self.upload.filename} became shorter while it was sent"])
            yield piece
            gone += len(piece)
            sent(gone)
        yield self._tail

    @property
    def _head(self) -> bytes:
        # As browsers escape it (WHATWG HTML, multipart/form-data).
        name = self.upload.filename
        for raw, escaped in (("\r", "%0D"), ("\n", "%0A"), ('"', "%22")):
            name = name.replace(raw, escaped)
        return (
            f"--{self.boundary}\r\n"
            f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode(errors="replace")

    @property
    def _tail(self) -> bytes:
        return f"\r\n--{self.boundary}--\r\n".encode("ascii")
