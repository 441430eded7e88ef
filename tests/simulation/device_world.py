"""A simulated device as the plan moves it: operations in, the pure model behind."""

from collections import Counter, defaultdict
from dataclasses import replace
from random import Random

from alarmbridge.simulator.bodies import Identity
from alarmbridge.simulator.device import Device, Reply
from alarmbridge.simulator.faults import (
    CutOff,
    Drip,
    Drop,
    Fault,
    Loop,
    Rubbish,
    Silence,
    Slow,
    Status,
)
from alarmbridge.simulator.login import Login
from alarmbridge.simulator.model import Mediant
from alarmbridge.simulator.repertoire import named, worded

from .plan import DevicePlan, Op

EPOCH = 1_800_000_000.0
"""What the wall shows when the simulation begins, UTC seconds: a Friday in 2027."""

PASSWORD = "right"
_GOLDEN = 0.6180339887
_TOLERANCE = 12.0
_SHORTEST_BOOT = 3.0


class DeviceWorld:
    """One device, what was asked of it, and the strings that the plan pulls. Times are virtual."""

    def __init__(self, plan: DevicePlan, *, seed: str) -> None:
        self.plan = plan
        self.name = plan.name
        model = Mediant(
            plan.name,
            seed=int(Random(f"{seed}/model/{plan.name}").random() * 2**31),
            now=EPOCH - 1000,
            identity=Identity(serial_number=f"serial-{plan.name}"),
            habits=plan.habits,
            tokens=True,
        )
        self.device = Device(model, Login("monitor", PASSWORD, fail_count=10**9))
        self.model = model
        self.refusals: list[tuple[int, float, float]] = []
        self.asked_in_minute: Counter[int] = Counter()
        self.flying: defaultdict[int, int] = defaultdict(int)
        self.most_flying = 0
        self.sprung_at: list[float] = []
        self.restarted_at: list[float] = []
        self.uptimes_told: list[tuple[int, float]] = []
        self.epochs_shown: set[int] = set()
        self.dice = Random(f"{seed}/line/{plan.name}")
        self._numbers: dict[str, int] = {}
        self._labels: dict[int, tuple[str, str]] = {}

    def handle(self, path: str, query: dict[str, str], at: float, authorization: str) -> Reply:
        """Answer a request that arrives now."""
        self.asked_in_minute[int(at // 60)] += 1
        reply = self.device.handle(path, query, EPOCH + at, authorization=authorization)
        if reply.answer.status == 200 and reply.fault is None:
            epoch = self.model.chronicle.epoch
            if path.endswith("/status"):
                self.uptimes_told.append((epoch, at - self.model._booted_at + EPOCH))
            elif "/alarms/history" in path and self.model.history_count:
                self.epochs_shown.add(epoch)
        return reply

    def shows_restart(self, epoch: int) -> bool:
        """Whether a bridge must notice the restart that ended an epoch.

        Not if it had never seen a row of that epoch, and was told no lower uptime afterwards than
        it may have kept from before.
        """
        before = [uptime for told_in, uptime in self.uptimes_told if told_in <= epoch]
        after = [uptime for told_in, uptime in self.uptimes_told if told_in > epoch]
        went_down = bool(before and after) and after[0] < min(before) - _TOLERANCE
        return went_down or epoch in self.epochs_shown

    def apply(self, op: Op, at: float) -> None:
        """Do what an operation says; what cannot be done (any more) is left."""
        getattr(self, f"_{op.what}")(at, *op.args)

    def heal(self) -> None:
        """Be well from now on."""
        self.device.faults.lift()
        self.device.login.change_password(PASSWORD)
        self.model._traps.clear()

    def lift(self, fault: Fault) -> None:
        """End one fault, if it still lasts."""
        faults = self.device.faults
        faults._faults = [one for one in faults._faults if one is not fault]

    def _raise(self, at: float, key: str, kind: str, n: int, m: int) -> None:
        label = (kind, worded(named(kind), n=n, m=m).source)
        if label in self._labels.values():
            return  # as on a real device: one thing is broken once
        number = self.model.raise_alarm(EPOCH + at, kind, n=n, m=m)
        self._numbers[key], self._labels[number] = number, label

    def _clear(self, at: float, which: float | str) -> None:
        number = self._find(which)
        if number is not None:
            self.model.clear(EPOCH + at, number)
            self._labels.pop(number, None)

    def _change(self, at: float, which: float, severity: str) -> None:
        number = self._find(which)
        if number is not None:
            text = f"{self._labels[number][0]} reads otherwise at {at:.3f}"
            self.model.change(EPOCH + at, number, description=text, severity=severity or None)

    def _regrade(self, at: float, which: float, severity: str) -> None:
        number = self._find(which)
        if number is not None and self.model.standing[number].severity != severity:
            self.model.change(EPOCH + at, number, severity=severity)

    def _escalate(self, at: float, which: float, severity: str) -> None:
        number = self._find(which)
        if number is not None and self.model.standing[number].severity != severity:
            label = self._labels.pop(number)
            self._labels[self.model.escalate(EPOCH + at, number, severity)] = label

    def _reboot(self, at: float, share: float) -> None:
        if not self._may_restart(at):
            return
        self.restarted_at.append(at)
        self._renumber(self.model.reboot(EPOCH + at, keep=self._share(share)))

    def _switch(self, at: float, share: float, uptime: float) -> None:
        if not self._may_restart(at):
            return
        self.restarted_at.append(at)
        kept = self.model.change_serial(EPOCH + at, keep=self._share(share), uptime=uptime)
        self._renumber(kept)

    def _may_restart(self, at: float) -> bool:
        """Whether it has been up for a while: none boots within three seconds."""
        return not self.restarted_at or at - self.restarted_at[-1] >= _SHORTEST_BOOT

    def _clock(self, _: float, seconds: float) -> None:
        self.model.clock_step(seconds)

    def _zone(self, _: float, offset: int) -> None:
        self.model.change_zone(offset)

    def _trap(self, _: float, endpoint: str, n: int, then: str, *args: float | str) -> None:
        pick, *thing = args
        self.model.trap(endpoint, n, lambda now: self._spring(now - EPOCH, then, pick, thing))

    def _spring(self, at: float, then: str, pick: float, thing: list[float | str]) -> None:
        self.sprung_at.append(at)
        match then:
            case "raise":
                self._raise(at, *thing)
            case "blink":
                self._raise(at, *thing)
                self._clear(at, str(thing[0]))
            case "clear":
                self._clear(at, pick)
            case "escalate":
                self._escalate(at, pick, "Critical")
            case "change":
                self._change(at, pick, "")
            case "reboot":
                self._reboot(at, float(int(pick * 3) / 2))

    def _find(self, which: float | str) -> int | None:
        if isinstance(which, str):
            number = self._numbers.get(which, 0)
            return number if self.model.stands(number) else None
        standing = list(self.model.standing)
        return standing[int(which * len(standing))] if standing else None

    def _share(self, share: float) -> list[int]:
        return [number for number in self.model.standing if number * _GOLDEN % 1 < share]

    def _renumber(self, numbers: dict[int, int]) -> None:
        self._labels = {
            numbers[number]: label for number, label in self._labels.items() if number in numbers
        }
        self._numbers = {
            key: numbers[number] for key, number in self._numbers.items() if number in numbers
        }


def fault_of(kind: str, detail: float | str, endpoint: str, times: int) -> Fault:
    """Make a fault from an operation's arguments; endpoint "" means all, times 0 no end."""
    made: Fault
    match kind:
        case "silence":
            made = Silence()
        case "drop":
            made = Drop()
        case "cutoff":
            made = CutOff()
        case "slow":
            made = Slow(seconds=float(detail))
        case "drip":
            made = Drip(every=0.05)
        case "status":
            made = Status(code=int(detail))
        case "rubbish":
            made = Rubbish(what=str(detail))
        case _:
            return Loop(times=times or None)
    where = frozenset({endpoint}) if endpoint else frozenset[str]()
    return replace(made, endpoints=where, times=times or None)
