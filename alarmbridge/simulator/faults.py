"""Faults: misbehaviour on demand, as values.

Each fault says for which endpoints it holds (by the names of `model.ENDPOINTS`; none means all)
and for how many requests (None means until it is lifted). Of several that apply, the one that was
added first is taken.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from alarmbridge.simulator.rubbish import RUBBISH


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fault:
    endpoints: frozenset[str] = frozenset()
    times: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence(_Fault):
    """Never answers, and keeps the connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop(_Fault):
    """Cuts the connection instead of answering."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CutOff(_Fault):
    """Cuts the connection in the middle of the answer; `share` of the body comes."""

    share: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Slow(_Fault):
    """Answers rightly, `seconds` late. The answer is that of the moment it was asked for."""

    seconds: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Drip(_Fault):
    """Answers rightly, one byte each `every` seconds."""

    every: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Status(_Fault):
    """Answers with an HTTP status: 500, 503, 409, 403, 401; retry_after in seconds."""

    code: int = 500
    retry_after: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rubbish(_Fault):
    """Answers 200 with one of `rubbish.RUBBISH`. ValueError: there is no such rubbish."""

    what: str = "html"

    def __post_init__(self) -> None:
        if self.what not in RUBBISH:
            raise ValueError(f"unknown rubbish {self.what!r}; known are {', '.join(RUBBISH)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect(_Fault):
    """Sends the asker elsewhere; the path that was asked for is put behind `to`."""

    to: str = "http://127.0.0.1:9"
    code: int = 302


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop(_Fault):
    """Gives a cursor that never ends: the first page again and again, or ever new rows.

    An empty table has no page to give again, and loops only when fresh.
    """

    endpoints: frozenset[str] = frozenset({"active", "history"})
    fresh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Huge(_Fault):
    """Streams valid JSON of that many bytes; None never ends."""

    size: int | None = 100_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Bomb(_Fault):
    """Answers valid JSON, gzipped: that many bytes once unpacked, a thousandth on the wire."""

    size: int = 400 * 1024 * 1024


Fault = Silence | Drop | CutOff | Slow | Drip | Status | Rubbish | Redirect | Loop | Huge | Bomb

KINDS: dict[str, type[Fault]] = {
    "silence": Silence,
    "drop": Drop,
    "cutoff": CutOff,
    "slow": Slow,
    "drip": Drip,
    "status": Status,
    "rubbish": Rubbish,
    "redirect": Redirect,
    "loop": Loop,
    "huge": Huge,
    "bomb": Bomb,
}
"""Every fault by the word that the control surface uses for it."""


class Faults:
    """The faults that one device has just now."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def __bool__(self) -> bool:
        return bool(self._faults)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._faults)

    def add(self, fault: Fault) -> None:
        """Have a fault from the next request on."""
        self._faults.append(fault)

    def lift(self, kind: type[Fault] | None = None) -> int:
        """Take away the faults of a kind, or all; returns how many there were."""
        kept = [f for f in self._faults if kind is not None and not isinstance(f, kind)]
        lifted = len(self._faults) - len(kept)
        self._faults = kept
        return lifted

    def take(self, endpoint: str) -> Fault | None:
        """Say what befalls a request of this endpoint, and count it."""
        for index, fault in enumerate(self._faults):
            if not fault.endpoints or endpoint in fault.endpoints:
                self._count(index, fault)
                return fault
        return None

    def _count(self, index: int, fault: Fault) -> None:
        if fault.times is None:
            return
        if fault.times > 1:
            self._faults[index] = replace(fault, times=fault.times - 1)
        else:
            del self._faults[index]
