"""What happened, as a hash that any other interleaving would change, and as lines on demand."""

from hashlib import blake2b
from typing import TextIO

from .loop import PROCESS, SimLoop


class Trace:
    """Takes one line for each thing that happens. out: where to print them, None for nowhere."""

    def __init__(self, loop: SimLoop, out: TextIO | None = None) -> None:
        self._loop = loop
        self._hash = blake2b(digest_size=8)
        self._out = out
        self.lines = 0

    def tell(self, *words: object) -> None:
        """Note that something happened now, in whichever process is running."""
        line = f"{self._loop.time():.4f} {PROCESS.get()} {' '.join(map(str, words))}\n"
        self._hash.update(line.encode())
        self.lines += 1
        if self._out is not None:
            self._out.write(line)

    @property
    def digest(self) -> str:
        """The hash of all lines so far."""
        return self._hash.hexdigest()
