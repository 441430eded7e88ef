"""Truth: what really happened on a device, for an oracle to hold a bridge's word against."""

from dataclasses import dataclass
from typing import Literal

Happening = Literal["raised", "changed", "cleared"]
Reason = Literal["", "restart", "escalation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One thing that happened to one alarm.

    number: its place in the device's truth, from 0. alarm: the alarm's number on its device,
    never used again. at: when it happened, true UTC seconds; device_at: the second that the
    device's clock showed.
    severity: of the alarm after it; a clear keeps the last one. description: as the device shows
    it; a clear's is that of its history row, "" when there is none.
    source, oid: as the device shows them; None where it withholds them. dated: whether it shows
    a date.
    device_alarm_id: in the active table; None if it never stood there, because that was full.
    history_id: of the row that records it; None for changes, clears by a restart, and devices
    that keep no clear rows.
    epoch: boots before it. reason: "restart" for clears and raises that a restart caused,
    "escalation" for both halves of one. follows: the alarm that this raise goes on from, after
    an escalation or a restart.
    """

    device: str
    number: int
    alarm: int
    kind: Happening
    at: float
    device_at: int
    severity: str
    description: str
    source: str | None
    oid: str | None
    dated: bool
    device_alarm_id: str | None
    history_id: str | None
    epoch: int
    reason: Reason = ""
    follows: int | None = None


@dataclass(frozen=True, slots=True)
class Eviction:
    """When a transition's history row went, and why: "ring" (overwritten) or "restart".

    Whether anybody had read it by then is for the oracle to find out.
    """

    at: float
    reason: Literal["ring", "restart"]


class Chronicle:
    """The transitions of one device in order, and which of their history rows have gone.

    tokens: texts end with ` [<name>-e<epoch>-<transition>]`, so that whoever finds a text at the
    far end of a bridge knows which transition it tells of.
    """

    def __init__(self, name: str, *, tokens: bool) -> None:
        self.epoch = 0
        self.transitions: list[Transition] = []
        self.evictions: dict[int, Eviction] = {}
        self._name = name
        self._tokens = tokens

    @property
    def next_number(self) -> int:
        """The number that the next transition will have."""
        return len(self.transitions)

    def mark(self, text: str) -> str:
        """Put the next transition's token behind a text, if tokens were asked for."""
        return f"{text} [{self._name}-e{self.epoch}-{self.next_number}]" if self._tokens else text

    def add(self, transition: Transition) -> Transition:
        """Write a transition down."""
        self.transitions.append(transition)
        return transition

    def evict(self, number: int, at: float, reason: Literal["ring", "restart"]) -> None:
        """Note that a transition's history row has gone."""
        self.evictions[number] = Eviction(at, reason)
