"""Steps: what can be done to a device, as values, and when.

Alarms go by keys that the writer of the steps chose, because no device has given them a number
yet. A key is used for one alarm of one device, from its raise to its clear.
"""

from dataclasses import dataclass

from alarmbridge.simulator.faults import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Raise:
    """Raise an alarm of a kind; n and m fill in its words, severity replaces the usual one."""

    key: str
    kind: str
    n: int
    m: int
    severity: str | None = None


@dataclass(frozen=True, slots=True)
class Clear:
    """Clear the alarm of that key."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Change the alarm of that key in place; with no words, to its kind's second text."""

    key: str
    description: str | None = None
    severity: str | None = None


@dataclass(frozen=True, slots=True)
class Escalate:
    """Clear the alarm of that key and raise it with another severity."""

    key: str
    severity: str


@dataclass(frozen=True, slots=True)
class Reboot:
    """Reboot; keep says whether the alarms that stand are raised anew."""

    keep: bool = False


@dataclass(frozen=True, slots=True)
class SwitchOver:
    """Let the redundant unit take over: another serial number, no history, the same alarms."""


@dataclass(frozen=True, slots=True)
class Suffer:
    """Have a fault from now on."""

    fault: Fault


@dataclass(frozen=True, slots=True)
class Heal:
    """Be rid of all faults."""


Operation = Raise | Clear | Change | Escalate | Reboot | SwitchOver | Suffer | Heal


@dataclass(frozen=True, slots=True)
class Step:
    """At `at` seconds after the start, `device` does or suffers `operation`."""

    at: float
    device: str
    operation: Operation
