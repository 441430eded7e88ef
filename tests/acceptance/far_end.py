"""A far end: who stands behind a sink in the scenarios, and what it reads from what it gets.

A far end knows nothing of alarmbridge's archive. It tells alarms apart by what its wire gives it
for that, drops repeats as its kind does, and says of each alarm whether it is open and how bad it
is, in its own words.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal, Protocol

SEVERITIES = ("critical", "major", "minor", "warning", "indeterminate")
X733: Mapping[str, str] = MappingProxyType({word: word for word in SEVERITIES})


@dataclass(frozen=True, slots=True)
class Shown:
    """One alarm as a far end shows it. text: all that it was first told of it."""

    open: bool
    severity: str
    text: str


State = Mapping[Hashable, Shown]


class FarEnd(Protocol):
    """One destination, started and stopped at will.

    words: what it calls each severity. absence_shows: whether a sink can know that it is away;
    otherwise what is sent meanwhile is lost by nature, and it is not stopped.
    secrets: what must not be shown. violations: what no sink may send to it.
    """

    words: Mapping[str, str] = X733
    absence_shows: bool = True
    secrets: tuple[str, ...] = ()
    violations: list[str]

    def configuration(self) -> dict[str, Any]:
        """Give the keys of a sink that leads here, but for its name."""
        ...

    async def start(self) -> None:
        """Listen; returns once it does."""

    async def stop(self) -> None:
        """Go away: nobody listens any more. It keeps what its kind keeps over a restart."""

    async def state(self) -> State:
        """Show each alarm by the key under which this far end knows it.

        One that is closed may be left out, as many do.
        """
        ...


class Ledger:
    """What a far end makes of messages that come in turn.

    A message that bears the id of an earlier one is that one again and changes nothing. Without
    ids a raise that comes again says only what is so already.
    again: when a key may be raised another time: while it is open, where a change is told so; or
    ever, where a key is that of a thing and not of one alarm of it.
    """

    def __init__(self, *, again: Literal["never", "open", "ever"] = "never") -> None:
        self.shown: dict[Hashable, Shown] = {}
        self.violations: list[str] = []
        self._again = again
        self._ids: set[Hashable] = set()

    def take(
        self, kind: str, key: Hashable, *, severity: str, text: str, message_id: Hashable = None
    ) -> None:
        """Note a message. kind: raised, changed or cleared. severity: a clear's is not read."""
        if message_id in self._ids:
            return
        if message_id is not None:
            self._ids.add(message_id)
        before = self.shown.get(key)
        if not self._may(kind, before):
            state = "unknown" if before is None else "open" if before.open else "closed"
            self.violations.append(f"{kind}, though it was {state}: {key}: {text}")
        if before is None:
            self.shown[key] = Shown(kind != "cleared", severity, text)
        elif kind == "cleared":
            self.shown[key] = replace(before, open=False)
        else:
            self.shown[key] = replace(before, open=True, severity=severity)

    def _may(self, kind: str, before: Shown | None) -> bool:
        if kind != "raised":
            # A clear may come twice where no id tells that it does.
            return before is not None and (before.open or kind == "cleared")
        if before is None or self._again == "ever":
            return True
        return before.open and self._again == "open"
