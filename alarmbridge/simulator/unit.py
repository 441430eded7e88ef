"""A unit: what the parts of a device's box may know of the device, and ask of it."""

from collections.abc import Callable
from typing import Protocol

from alarmbridge.simulator.bodies import Identity
from alarmbridge.simulator.habits import Habits


class Unit(Protocol):
    """The device as its box sees it; `model.Mediant` is one. Each time is in UTC seconds."""

    identity: Identity
    """What it says of itself; may be replaced."""

    @property
    def name(self) -> str:
        """Its name in the farm."""
        ...

    @property
    def seed(self) -> int:
        """Of everything that is drawn."""
        ...

    @property
    def habits(self) -> Habits:
        """How it does what the guide leaves open."""
        ...

    @property
    def made_at(self) -> float:
        """When it booted for the first time."""
        ...

    @property
    def booted_at(self) -> float:
        """When it booted last."""
        ...

    @property
    def paired(self) -> bool:
        """Whether it is one of a high-availability pair."""
        ...

    def device_second(self, now: float) -> int:
        """Read its own clock, in whole UTC seconds."""
        ...

    def synchronising(self, now: float) -> bool:
        """Whether it is aligning itself with the redundant unit, and therefore refuses changes."""
        ...

    def schedule(self, at: float, then: Callable[[float], object]) -> None:
        """Call then(now) at a moment, but not before the present answer is made."""
        ...

    def reset(self, now: float) -> object:
        """Reboot, and answer nobody for a while."""
        ...

    def switch_over(self, now: float) -> object:
        """Let the redundant unit take over."""
        ...
