"""Scripts: what happens on which device and when, drawn from a seed.

Each script is a generator of steps in the order of time, seconds from its start; the farm plays
it against the clock, a simulation against its own. `churn` and `lively` never end.
"""

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from random import Random
from types import MappingProxyType

from alarmbridge.simulator.faults import Drop
from alarmbridge.simulator.repertoire import KINDS, Kind, worded
from alarmbridge.simulator.steps import (
    Change,
    Clear,
    Escalate,
    Heal,
    Operation,
    Raise,
    Reboot,
    Step,
    Suffer,
)

_NUMBERED = tuple(kind for kind in KINDS.values() if "{n}" in kind.source)
_OVERTURE = 24.0
_OUTAGE = 8.0


def quiet(devices: Sequence[str], *, seed: int = 0) -> Iterator[Step]:
    """Nothing happens, which is what nearly all devices do nearly all the time."""
    del devices, seed
    return iter(())


def storm(
    devices: Sequence[str],
    *,
    alarms: int,
    seed: int = 0,
    at: float = 0.0,
    lasting: float | None = None,
) -> Iterator[Step]:
    """Raise that many alarms at one instant, spread over the devices.

    at: of that instant. lasting: seconds until all are cleared at once; None for never.
    """
    dice = Random(f"{seed}/storm")
    raised = [
        Step(
            at,
            devices[index % len(devices)],
            Raise(
                key=f"storm-{index}",
                kind=dice.choice(_NUMBERED).name,
                n=index // len(devices),
                m=index % 9 + 1,
            ),
        )
        for index in range(alarms)
    ]
    yield from raised
    if lasting is not None:
        for index, step in enumerate(raised):
            yield Step(at + lasting, step.device, Clear(f"storm-{index}"))


def churn(
    devices: Sequence[str], *, seed: int = 0, every: float = 1.0, standing: int = 5
) -> Iterator[Step]:
    """Change something every `every` seconds on average, over all devices together.

    Raises and clears balance at about `standing` alarms a device; one step in five is a change
    in place or an escalation. No reboots and no faults.
    """
    stage = _Stage(devices, Random(f"{seed}/churn"))
    at = 0.0
    while True:
        at += stage.dice.expovariate(1 / every)
        device = stage.dice.choice(devices)
        crowd = len(stage.standing[device])
        if stage.dice.random() * 2 * standing > crowd:
            yield from stage.spell(at, device, lasting=None)
        else:
            yield from stage.dice.choice(_CHURN)(stage, at, device)


def lively(devices: Sequence[str], *, seed: int = 0, pace: float = 2.0) -> Iterator[Step]:
    """Show everything that alarms do, something every `pace` seconds, for people to look at.

    The first 24 seconds are the same for every seed: raise, transient, change, escalation, clear,
    a short outage and a reboot. From then on the dice decide.
    """
    stage = _Stage(devices, Random(f"{seed}/lively"))
    yield from _overture(stage, devices)
    at = _OVERTURE
    while True:
        at += pace * stage.dice.uniform(0.5, 1.5)
        yield from stage.follow_ups(at)
        act = stage.dice.choices(tuple(_LIVELY), weights=tuple(_LIVELY.values()))[0]
        yield from act(stage, at, stage.dice.choice(devices))


SCRIPTS: Mapping[str, Callable[..., Iterator[Step]]] = MappingProxyType(
    {"quiet": quiet, "churn": churn, "lively": lively, "storm": storm}
)
"""Every script by its name."""


@dataclass(slots=True)
class _Standing:
    key: str
    kind: Kind
    severity: str


class _Stage:
    """What stands on each device as far as the script knows, and what is still to follow."""

    def __init__(self, devices: Sequence[str], dice: Random) -> None:
        self.dice = dice
        self.standing: dict[str, dict[str, _Standing]] = {device: {} for device in devices}
        self._due: list[tuple[float, int, str, Operation]] = []
        self._numbers = count(1)

    def later(self, at: float, device: str, operation: Operation) -> None:
        """Have something follow."""
        heapq.heappush(self._due, (at, next(self._numbers), device, operation))

    def follow_ups(self, at: float) -> Iterator[Step]:
        """Give what is due by then, unless a reboot has taken its alarm away."""
        while self._due and self._due[0][0] <= at:
            due, _, device, operation = heapq.heappop(self._due)
            gone = isinstance(operation, Clear) and operation.key not in self.standing[device]
            if isinstance(operation, Clear):
                self.standing[device].pop(operation.key, None)
            if not gone:
                yield Step(due, device, operation)

    def spell(
        self, at: float, device: str, *, lasting: float | None, kind: str | None = None
    ) -> Iterator[Step]:
        """Raise an alarm, to be cleared when `lasting` seconds have passed."""
        operation = self._draw(device, kind)
        if operation is None:
            return
        yield Step(at, device, operation)
        if lasting is not None:
            self.later(at + lasting, device, Clear(operation.key))

    def pick(self, device: str, fit: Callable[[_Standing], object]) -> _Standing | None:
        """Choose one of those that stand on a device and fit."""
        fitting = [alarm for alarm in self.standing[device].values() if fit(alarm)]
        return self.dice.choice(fitting) if fitting else None

    def _draw(self, device: str, name: str | None) -> Raise | None:
        """Draw an alarm whose kind and source do not stand yet, as on a real device."""
        taken = {(alarm.kind.name, alarm.kind.source) for alarm in self.standing[device].values()}
        for _ in range(20):
            kind = KINDS[name] if name else self.dice.choice(tuple(KINDS.values()))
            n, m = self.dice.randint(1, 8), self.dice.randint(1, 9)
            said = worded(kind, n=n, m=m)
            if (said.name, said.source) not in taken:
                key = f"{device}-{next(self._numbers)}"
                self.standing[device][key] = _Standing(key, said, said.severity)
                return Raise(key=key, kind=kind.name, n=n, m=m)
        return None


def _spell(stage: _Stage, at: float, device: str) -> Iterator[Step]:
    return stage.spell(at, device, lasting=stage.dice.uniform(6.0, 40.0))


def _transient(stage: _Stage, at: float, device: str) -> Iterator[Step]:
    return stage.spell(at, device, lasting=stage.dice.uniform(0.1, 0.9))


def _switch_over(stage: _Stage, at: float, device: str) -> Iterator[Step]:
    return stage.spell(at, device, lasting=10.0, kind="acHASystemSwitchOverAlarm")


def _change(stage: _Stage, at: float, device: str) -> Iterator[Step]:
    alarm = stage.pick(device, lambda alarm: alarm.kind.changing)
    if alarm is None:
        yield from _spell(stage, at, device)
    else:
        yield Step(at, device, Change(key=alarm.key))


def _escalate(stage: _Stage, at: float, device: str) -> Iterator[Step]:
    alarm = stage.pick(device, lambda alarm: alarm.kind.ladder)
    if alarm is None:
        yield from _spell(stage, at, device)
        return
    ladder = [step for step in alarm.kind.ladder if step != alarm.severity]
    alarm.severity = ladder[0] if alarm.severity == alarm.kind.ladder[-1] else ladder[-1]
    yield Step(at, device, Escalate(alarm.key, alarm.severity))


def _clear(stage: _Stage, at: float, device: str) -> Iterator[Step]:
    alarm = stage.pick(device, lambda _: True)
    if alarm is not None:
        del stage.standing[device][alarm.key]
        yield Step(at, device, Clear(alarm.key))


def _reboot(stage: _Stage, at: float, device: str) -> Iterator[Step]:
    keep = stage.dice.choice((False, True))
    if not keep:
        stage.standing[device].clear()
    yield Step(at, device, Reboot(keep))


def _outage(stage: _Stage, at: float, device: str) -> Iterator[Step]:
    stage.later(at + stage.dice.uniform(10.0, 30.0), device, Heal())
    yield Step(at, device, Suffer(Drop()))


_Act = Callable[[_Stage, float, str], Iterator[Step]]
_CHURN: tuple[_Act, ...] = (_clear, _clear, _clear, _change, _escalate)
_LIVELY: Mapping[_Act, int] = MappingProxyType(
    {
        _spell: 50,
        _transient: 12,
        _change: 14,
        _escalate: 14,
        _switch_over: 4,
        _reboot: 3,
        _outage: 3,
    }
)


def _overture(stage: _Stage, devices: Sequence[str]) -> Iterator[Step]:
    """Write the beginning of `lively`; a farm of one or two plays several parts on one device."""
    first, second, third = (devices[index % len(devices)] for index in range(3))
    trunk = Raise(key="trunk", kind="acTrunksAlarmNearEndLOS", n=1, m=1)
    proxy = Raise(key="proxy", kind="acProxyConnectionLost", n=3, m=7)
    certificate = Raise(key="certificate", kind="acCertificateExpiryAlarm", n=0, m=11)
    clock = Raise(key="clock", kind="acNTPServerStatusAlarm", n=1, m=1)
    link = Raise(key="link", kind="acBoardEthernetLinkAlarm", n=2, m=1)
    steps = (
        (0.0, first, certificate),
        (0.5, second, trunk),
        (2.0, second, proxy),
        (4.0, first, clock),
        (4.4, first, Clear("clock")),
        (6.0, second, Change(key="proxy")),
        (8.0, first, Escalate("certificate", "Major")),
        (9.5, third, link),
        (11.0, second, Clear("proxy")),
        (12.5, third, Suffer(Drop())),
        (15.0, second, Reboot()),
        (17.0, first, Change(key="certificate")),
        (12.5 + _OUTAGE, third, Heal()),
        (22.0, third, Clear("link")),
    )
    for at, device, operation in steps:
        yield Step(at, device, operation)
    kind = worded(KINDS[certificate.kind], n=certificate.n, m=certificate.m)
    stage.standing[first][certificate.key] = _Standing(certificate.key, kind, "Major")
