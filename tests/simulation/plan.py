"""A plan: what happens to whom and when, drawn from a seed; a list that can be made shorter."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random

from alarmbridge.core.noise import Flapping, Rate, Rules, Transients
from alarmbridge.simulator.habits import Habits, draw_habits
from alarmbridge.simulator.repertoire import KINDS
from alarmbridge.simulator.rubbish import RUBBISH

KIND_NAMES = tuple(KINDS)
SEVERITIES = ("Critical", "Major", "Minor", "Warning", "Indeterminate")
_TABLES = ("lastChange", "status", "active", "history", "active/id", "history/id")
_SMALL = 15
_BELIEVABLE = {"surrogate", "nul", "nulls", "latin1"}
_SORTS = tuple(sort for sort in RUBBISH if sort not in _BELIEVABLE)


@dataclass(frozen=True, slots=True)
class Op:
    """At `at` seconds, `what` befalls `who`: a device, a sink, "daemon", "store" or "clock".

    args: only numbers and texts, and none that needs another operation of the plan, so that any
    of them can be left out.
    """

    at: float
    who: str
    what: str
    args: tuple[float | str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicePlan:
    """A device: its habits, how slow its line is, and how often something happens there."""

    name: str
    habits: Habits
    latency: float
    period: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CalmPlan:
    """The rules of the sink that has some: `CALM`.

    silences: from when to when, and whose alarms, "" for everybody's. shared: its far end knows
    an alarm by device, oid and source.
    """

    rules: Rules = field(default_factory=Rules)
    rate: Rate | None = None
    silences: tuple[tuple[float, float, str], ...] = ()
    shared: bool = False


CALM = "calm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A whole run. horizon: when the faults end. ops: in the order of time."""

    seed: str
    devices: tuple[DevicePlan, ...]
    sinks: tuple[str, ...]
    horizon: float
    ops: tuple[Op, ...] = ()
    calm: CalmPlan = field(default_factory=CalmPlan)

    def only(self, ops: tuple[Op, ...]) -> "Plan":
        """Make the same plan with fewer operations."""
        return replace(self, ops=ops)


@dataclass(slots=True)
class _Drawing:
    dice: Random
    who: str
    at: float
    number: int
    ops: list[Op] = field(default_factory=list)

    def add(self, what: str, *args: float | str, after: float = 0.0) -> None:
        self.ops.append(Op(self.at + after, self.who, what, args))

    def thing(self) -> tuple[float | str, ...]:
        """Draw a key and an alarm: its kind, n and m."""
        self.number += 1
        dice = self.dice
        kind, n, m = dice.choice(KIND_NAMES), dice.randint(1, 5), dice.randint(1, 9)
        return (f"{self.who}-{self.at:.0f}-{self.number}", kind, n, m)

    def length(self) -> float:
        """Draw how long something lasts: from a blink to half an hour."""
        return float(self.dice.choice((0.3, 2.0, 8.0, 30.0, 120.0, 900.0)) * self.dice.random())


def _spell(draw: _Drawing) -> None:
    thing = draw.thing()
    draw.add("raise", *thing)
    draw.add("clear", thing[0], after=draw.dice.choice((5.0, 40.0, 300.0)) * draw.dice.random())


def _lasting(draw: _Drawing) -> None:
    draw.add("raise", *draw.thing())


def _transient(draw: _Drawing) -> None:
    thing = draw.thing()
    draw.add("raise", *thing)
    draw.add("clear", thing[0], after=draw.dice.choice((0.2, 1.0, 4.0)) * draw.dice.random())


def _clear(draw: _Drawing) -> None:
    draw.add("clear", draw.dice.random())


def _change(draw: _Drawing) -> None:
    draw.add("change", draw.dice.random(), draw.dice.choice(("", *SEVERITIES)))


def _regrade(draw: _Drawing) -> None:
    draw.add("regrade", draw.dice.random(), draw.dice.choice(SEVERITIES))


def _escalate(draw: _Drawing) -> None:
    draw.add("escalate", draw.dice.random(), draw.dice.choice(SEVERITIES))


def _twins(draw: _Drawing) -> None:
    """Several changes within one second of the device, on both sides of a poll perhaps."""
    draw.at = float(int(draw.at))
    thing = draw.thing()
    draw.add("raise", *thing, after=0.05)
    for _ in range(draw.dice.randint(1, 3)):
        after = 0.1 + 0.89 * draw.dice.random()
        match draw.dice.randrange(4):
            case 0:
                draw.add("clear", thing[0], after=after)
            case 1:
                draw.add("raise", *draw.thing(), after=after)
            case 2:
                draw.add("clear", draw.dice.random(), after=after)
            case 3:
                draw.add("escalate", draw.dice.random(), "Critical", after=after)


def _flap(draw: _Drawing) -> None:
    key, *rest = draw.thing()
    after = 0.0
    for turn in range(draw.dice.randint(2, 6)):
        again = f"{key}/{turn}"
        draw.add("raise", again, *rest, after=after)
        after += draw.length() / 4
        draw.add("clear", again, after=after)
        after += draw.dice.choice((0.1, 1.0, 3.0)) * draw.dice.random()


def _burst(draw: _Drawing) -> None:
    """So many come and go that a history may overflow."""
    for _ in range(draw.dice.choice((10, 30, 80))):
        thing, start = draw.thing(), 4 * draw.dice.random()
        draw.add("raise", *thing, after=start)
        draw.add("clear", thing[0], after=start + 3 * draw.dice.random())


def _storm(draw: _Drawing) -> None:
    start = [draw.thing() for _ in range(draw.dice.choice((8, 25)))]
    lasting = draw.length() + 1
    for thing in start:
        draw.add("raise", *thing, after=draw.dice.random())
        if draw.dice.random() < 0.8:
            draw.add("clear", thing[0], after=lasting + draw.dice.random())


def _reboot(draw: _Drawing) -> None:
    draw.add("reboot", draw.dice.choice((0.0, 0.5, 1.0)))
    if draw.dice.random() < 0.3:
        draw.add("reboot", draw.dice.choice((0.0, 1.0)), after=6 * draw.dice.random())
    if draw.dice.random() < 0.5:
        draw.add("raise", *draw.thing(), after=5 * draw.dice.random())


def _switch_over(draw: _Drawing) -> None:
    draw.add("switch", draw.dice.choice((0.0, 0.7, 1.0)), draw.dice.choice((0.0, 50.0, 9e5)))


def _step_clock(draw: _Drawing) -> None:
    draw.add("clock", draw.dice.choice((-3600, -61, -7, -2, -1, 1, 2, 30, 3600, 86400)))


def _change_zone(draw: _Drawing) -> None:
    draw.add("zone", draw.dice.choice((-480, 0, 60, 120, 330)))


def _fall_ill(draw: _Drawing) -> None:
    kinds = ("silence", "drop", "slow", "status", "status", "rubbish", "cutoff", "loop", "drip")
    kind = draw.dice.choice(kinds)
    detail: float | str = 0.0
    if kind == "slow":
        detail = draw.dice.choice((0.5, 3.0, 9.0, 12.0))
    elif kind == "status":
        detail = draw.dice.choice((500, 503, 409, 404, 204))
    elif kind == "rubbish":
        detail = draw.dice.choice(_SORTS)
    where = draw.dice.choice(("", *_TABLES))
    if (detail, where) == (204, "active"):
        detail = 500  # "no alarms" in the guide's own words is a lie that nobody can see through
    # Either for a while, or for the next few requests, which tears a read in its middle.
    times = 0 if draw.dice.random() < 0.5 else draw.dice.randint(1, 4)
    draw.add("fault", kind, detail, where, times, draw.length())


def _slow_status(draw: _Drawing) -> None:
    draw.add("fault", "slow", draw.dice.choice((2.0, 5.0, 9.0)), "status", 0, draw.length() + 10)


def _trap(draw: _Drawing) -> None:
    """Have the tables change at a step of the protocol: right after the n-th answer."""
    then = draw.dice.choice(("raise", "clear", "escalate", "change", "reboot", "blink", "blink"))
    for _ in range(draw.dice.choice((1, 1, 2))):
        draw.add(
            "trap",
            draw.dice.choice(_TABLES),
            draw.dice.randint(1, 4),
            then,
            draw.dice.random(),
            *draw.thing(),
        )
    if draw.dice.random() < 0.7:
        draw.add("raise", *draw.thing(), after=draw.dice.random())


def _lock_out(draw: _Drawing) -> None:
    draw.add("password", draw.dice.choice((20.0, 200.0, 900.0)))


_DEVICE_ACTS: dict[Callable[[_Drawing], None], float] = {
    _spell: 10,
    _lasting: 6,
    _transient: 6,
    _clear: 8,
    _change: 3,
    _regrade: 2,
    _escalate: 4,
    _twins: 6,
    _flap: 3,
    _burst: 0.5,
    _storm: 0.7,
    _reboot: 1.5,
    _switch_over: 0.7,
    _step_clock: 0.7,
    _change_zone: 0.3,
    _fall_ill: 3,
    _slow_status: 0.7,
    _trap: 6,
    _lock_out: 0.3,
}
_SINK_MODES = ("outage", "refuse", "hang", "lose", "slow", "busy")


def draw_plan(seed: int | str, *, devices: int | None = None) -> Plan:
    """Draw a whole run: how many devices and sinks, what they are like, and what happens."""
    dice = Random(f"{seed}/plan/0")
    count = devices or dice.choice((2, 6, 12, 24))
    horizon = float(dice.choice((400, 900, 2400)))
    pace = dice.choice((25.0, 60.0, 150.0, 400.0))
    acts = {act: weight * dice.choice((0, 0.3, 1, 1, 3)) for act, weight in _DEVICE_ACTS.items()}
    acts[_lasting] += 0.1
    holes = dice.random() < 0.3
    planned = [_draw_device(seed, number, pace, holes=holes) for number in range(count)]
    ops: list[Op] = []
    for number, device in enumerate(planned):
        own = Random(f"{seed}/device ops/{number}")
        ops += _befall(own, device, acts, horizon)
    sinks = (*(f"sink-{number}" for number in range(dice.choice((1, 2, 3)))), CALM)
    for number, sink in enumerate(sinks):
        ops += _trouble(Random(f"{seed}/sink ops/{number}"), sink, horizon)
    ops += _strike(Random(f"{seed}/daemon ops/0"), horizon)
    return Plan(
        seed=str(seed),
        devices=tuple(planned),
        sinks=sinks,
        horizon=horizon,
        ops=tuple(sorted(ops, key=lambda op: op.at)),
        calm=_draw_calm(Random(f"{seed}/calm/0"), planned, horizon),
    )


def _draw_calm(dice: Random, devices: list[DevicePlan], until: float) -> CalmPlan:
    flapping = Flapping(
        raises=dice.choice((2, 3)),
        within=timedelta(seconds=dice.choice((20, 120))),
        calm=timedelta(seconds=dice.choice((10, 60))),
    )
    silences = []
    for _ in range(dice.choice((0, 1, 4))):
        start = until * dice.random()
        who = dice.choice(("", *(device.name for device in devices)))
        silences.append((start, min(until, start + dice.choice((20, 200, 900))), who))
    return CalmPlan(
        rules=Rules(
            delay=timedelta(seconds=dice.choice((0, 0, 3, 30))),
            flapping=dice.choice((None, flapping)),
            transients=dice.choice((Transients.SEND, Transients.SEND, Transients.DROP)),
        ),
        rate=dice.choice((None, None, Rate(number=20, per=timedelta(seconds=10)))),
        silences=tuple(silences),
        shared=dice.random() < 0.5,
    )


def _draw_device(seed: int | str, number: int, pace: float, *, holes: bool) -> DevicePlan:
    dice = Random(f"{seed}/habits/{number}")
    habits = draw_habits(dice)
    if not holes:
        # Where a part of what tells alarms apart is missing, some mistakes cannot be helped.
        habits = replace(habits, without_oid=0.0, without_source=0.0, without_date=0.0)
    habits = replace(
        habits,
        history_cap=dice.choice((500, 500, 100, 40)),
        active_cap=dice.choice((120, 120, 120, _SMALL)),
        overflow=dice.choice(("drop", "wait")),
    )
    if habits.active_cap == _SMALL and habits.overflow == "drop":
        # What neither a list nor a row ever tells of, nobody can know.
        habits = replace(habits, clear_rows=True)
    return DevicePlan(
        name=f"d{number}",
        habits=habits,
        latency=dice.choice((0.002, 0.02, 0.2)),
        period=pace * dice.choice((0.5, 1.0, 1.0, 4.0)),
    )


def _befall(
    dice: Random, device: DevicePlan, acts: dict[Callable[[_Drawing], None], float], until: float
) -> Iterator[Op]:
    at, number = dice.random() * 20, 0
    while at < until:
        draw = _Drawing(dice, device.name, at, number)
        dice.choices(tuple(acts), weights=tuple(acts.values()))[0](draw)
        number = draw.number
        yield from (op for op in draw.ops if op.at < until)
        # Things come in groups, otherwise two of them would hardly ever meet.
        gap = dice.choice((0.02, 0.3, 1.0, 2.0))
        at += dice.expovariate(1 / (device.period * gap))


def _trouble(dice: Random, sink: str, until: float) -> Iterator[Op]:
    yield Op(0.0, sink, "poison", (dice.choice((0.0, 0.0, 0.05, 0.2)), dice.choice((400, 500))))
    at, every = 0.0, dice.choice((100.0, 400.0, 4000.0))
    while (at := at + dice.expovariate(1 / every)) < until:
        length = dice.choice((3.0, 30.0, 300.0)) * dice.random()
        yield Op(at, sink, "mode", (dice.choice(_SINK_MODES), length))


def _strike(dice: Random, until: float) -> Iterator[Op]:
    """Draw what befalls the bridge itself: kills, stops, a full disk, a wall clock that is set."""
    at, every = 0.0, dice.choice((60.0, 250.0, 1000.0, 10000.0))
    kinds = ("kill", "kill", "seam", "seam", "seam", "stop", "disk", "disk seam", "wall")
    while (at := at + dice.expovariate(1 / every)) < until:
        pause = dice.choice((0.1, 2.0, 20.0, 200.0)) * dice.random()
        match dice.choice(kinds):
            case "kill":
                yield Op(at, "daemon", "kill", (pause,))
            case "seam":
                yield Op(at, "daemon", "seam", (dice.randint(1, 12), pause))
            case "stop":
                yield Op(at, "daemon", "stop", (pause,))
            case "disk":
                yield Op(at, "store", "full", (pause,))
            case "disk seam":
                yield Op(at, "store", "fail", (dice.randint(1, 6),))
            case "wall":
                yield Op(at, "clock", "step", (dice.choice((-3600, -30, -2, 2, 30, 3600)),))
