"""A player: carries the steps of a script out on devices, one at a time."""

from collections.abc import Mapping

from alarmbridge.simulator.device import Device
from alarmbridge.simulator.steps import (
    Change,
    Clear,
    Escalate,
    Heal,
    Raise,
    Reboot,
    Step,
    Suffer,
    SwitchOver,
)


class Player:
    """Knows which number each device gave to each key of a script.

    A step that speaks of an alarm which stands no longer does nothing, because a person at the
    control surface or a reboot may have been faster than the script.
    """

    def __init__(self, devices: Mapping[str, Device]) -> None:
        self._devices = devices
        self._numbers: dict[tuple[str, str], int] = {}

    def apply(self, step: Step, now: float) -> None:
        """Do what a step says, at a moment (UTC seconds). KeyError: there is no such device."""
        device = self._devices[step.device]
        match step.operation:
            case Raise(key=key, kind=kind, n=n, m=m, severity=severity):
                number = device.model.raise_alarm(now, kind, n=n, m=m, severity=severity)
                self._numbers[step.device, key] = number
            case Reboot(keep=keep):
                self._renumber(step.device, device.model.reboot(now, keep=keep))
            case SwitchOver():
                self._renumber(step.device, device.model.change_serial(now))
            case Suffer(fault=fault):
                device.faults.add(fault)
            case Heal():
                device.faults.lift()
            case Clear() | Change() | Escalate() as operation:
                self._treat(device, operation, now)

    def _treat(self, device: Device, operation: Clear | Change | Escalate, now: float) -> None:
        number = self._numbers.get((device.name, operation.key), 0)
        if not device.model.stands(number):
            return
        match operation:
            case Clear(key=key):
                device.model.clear(now, number)
                del self._numbers[device.name, key]
            case Change(description=description, severity=severity):
                device.model.change(now, number, description=description, severity=severity)
            case Escalate(key=key, severity=severity):
                self._numbers[device.name, key] = device.model.escalate(now, number, severity)

    def _renumber(self, device: str, numbers: Mapping[int, int]) -> None:
        self._numbers = {
            key: numbers.get(number, number)
            for key, number in self._numbers.items()
            if key[0] != device or number in numbers
        }
