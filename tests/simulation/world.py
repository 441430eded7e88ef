"""Everything together: a plan, devices, far ends, one daemon after another, and the oracle."""

import asyncio
import contextvars
import logging
import os
import shutil
import tempfile
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import TextIO

from alarmbridge.core.errors import StoreError
from alarmbridge.store.inline import AFTER_COMMIT, BEFORE_COMMIT, InlineArchive
from alarmbridge.store.schema import upgrade

from .daemon import MANNERS, MAX_CONNECTIONS, Daemon, Ground, Parts, SimClock
from .device_world import EPOCH, DeviceWorld, fault_of
from .far_end import FarEnd
from .ledger import Ledger
from .line import ModelSession
from .loop import PROCESS, SimLoop
from .oracle import Disturbance, Oracle, Violation
from .plan import Op, Plan
from .sink_oracle import judge_deliveries, judge_far_end
from .trace import Trace

VIEW_WITHIN = 900.0
"""Seconds after the faults end within which the archive shows what stands."""

BACKLOG_WITHIN = 5000.0
"""The same until nothing is owed: a delivery may have been on its hourly pause."""

_SWEPT_WITHIN = 2 * MANNERS.full_sync.total_seconds()
"""Seconds until every table has been read whole, twice: what no list shows is found by then."""

_TAIL = 700.0
_LOOK = 5.0
_SLOW_START = 45.0


@dataclass(frozen=True, slots=True)
class Report:
    """What a run came to."""

    seed: str
    device_seconds: float
    truths: int
    events: int
    accepted: int
    repeated: int
    kills: int
    gaps: int
    steps: int
    violations: tuple[Violation, ...]
    digest: str


class World:
    """One run of one plan. Make it, run it once, throw it away."""

    def __init__(
        self, plan: Plan, *, parts: Parts | None = None, out: TextIO | None = None
    ) -> None:
        self.plan = plan
        self.loop = SimLoop(plan.seed)
        self.trace = Trace(self.loop, out)
        self.clock = SimClock(self.loop)
        self.devices = {one.name: DeviceWorld(one, seed=plan.seed) for one in plan.devices}
        self.far_ends = {
            name: FarEnd(name, seed=plan.seed, tell=self.trace.tell) for name in plan.sinks
        }
        self.oracle = Oracle(self.devices)
        self.kills = 0
        self.commits = 0
        self.ground = Ground(
            loop=self.loop,
            clock=self.clock,
            session=ModelSession(self.devices, self.trace.tell),
            devices=plan.devices,
            far_ends=list(self.far_ends.values()),
            parts=parts or Parts(),
            calm=plan.calm,
        )
        self._parts = parts or Parts()
        self._root = contextvars.copy_context()
        self._dice = Random(f"{plan.seed}/world/0")
        self._life = 0
        self._daemon: Daemon | None = None
        self._archive: InlineArchive | None = None
        self._restart: asyncio.TimerHandle | None = None
        self._bell_to_kill: tuple[int, float] | None = None
        self._fail_commit = 0
        self._full_until = -1.0
        self._loosely = 0.0

    def run(self) -> Report:
        """Play the plan, heal, wait until all is well, and judge."""
        with tempfile.TemporaryDirectory(prefix="alarmbridge-", dir=_memory()) as place:
            self._path = Path(place) / "archive.db"
            shutil.copy(_template(os.getpid()), self._path)
            self.ledger = Ledger(self._path, EPOCH)
            listener = _Listener(self)
            logger = logging.getLogger("alarmbridge")
            logger.addHandler(listener)
            propagate, logger.propagate = logger.propagate, False
            asyncio.set_event_loop(self.loop)
            self.loop.set_exception_handler(self._unhandled)
            try:
                self.loop.run_until_complete(self._play())
                return self._report()
            finally:
                logger.removeHandler(listener)
                if self._archive is not None:
                    self.loop.kill(self._life)
                    self._archive.abandon()
                self.ledger.close()
                asyncio.set_event_loop(None)
                # The dead may cry out while they are buried.
                logging.disable(logging.CRITICAL)
                self.loop.close()
                logging.disable(logging.NOTSET)
                logger.propagate = propagate

    async def _play(self) -> None:
        self._start()
        for op in self.plan.ops:
            await self._sleep_until(op.at)
            self.trace.tell("op", op.who, op.what, *op.args)
            self._apply(op)
        await self._sleep_until(self.plan.horizon)
        healed_at = self.loop.time()
        self._heal()
        await self._converge(healed_at)
        await self._stay_quiet()
        self._judge()

    async def _sleep_until(self, at: float) -> None:
        if at > self.loop.time():
            await asyncio.sleep(at - self.loop.time())

    def _apply(self, op: Op) -> None:
        now = self.loop.time()
        if op.who in self.devices:
            self._apply_to_device(self.devices[op.who], op, now)
        elif op.who in self.far_ends:
            self._apply_to_sink(self.far_ends[op.who], op)
        else:
            self._apply_to_daemon(op, now)

    def _apply_to_device(self, world: DeviceWorld, op: Op, now: float) -> None:
        if op.what == "fault":
            kind, detail, endpoint, times, length = op.args
            fault = fault_of(str(kind), detail, str(endpoint), int(times))
            world.device.faults.add(fault)
            self._later(float(length), world.lift, fault)
            self._disturb(world.name, now, now + float(length) + 30)
        elif op.what == "password":
            world.device.login.change_password("wrong")
            self._later(float(op.args[0]), world.device.login.change_password, "right")
            over = float(op.args[0]) + MANNERS.auth_retry.total_seconds() + 10
            self._disturb(world.name, now, now + over)
        else:
            world.apply(op, now)
            if op.what in {"reboot", "switch", "clock", "zone", "trap"}:
                self._disturb(world.name, now - 5, now + 60)

    def _apply_to_sink(self, far_end: FarEnd, op: Op) -> None:
        if op.what == "poison":
            far_end.poison, far_end.poison_status = float(op.args[0]), int(op.args[1])
            return
        mode, length = op.args
        far_end.mode = str(mode)
        self._later(float(length), setattr, far_end, "mode", "well")

    def _apply_to_daemon(self, op: Op, now: float) -> None:
        pause = float(op.args[-1])
        if op.what == "kill":
            self._kill(pause)
        elif op.what == "seam":
            self._bell_to_kill = (int(op.args[0]), pause)
        elif op.what == "stop":
            self._stop(pause)
        elif op.what == "full":
            self._full_until = now + pause
            self._disturb("", now, now + pause + 30)
        elif op.what == "fail":
            self._fail_commit = int(pause)
            self._disturb("", now, now + 60)
        elif op.what == "step":
            self.clock.skew += pause
            self._loosely += abs(pause)

    def _later(self, delay: float, act: Callable[..., object], *args: object) -> None:
        self.loop.call_later(delay, act, *args, context=self._root)

    def _disturb(self, who: str, since: float, until: float) -> None:
        self.oracle.disturbances.append(Disturbance(who, since, until))

    def _start(self) -> None:
        self._restart = None
        self._life += 1
        life = self._life
        self._disturb("", self.loop.time() - 1, self.loop.time() + _SLOW_START)
        context = self._root.copy()
        context.run(PROCESS.set, life)
        context.run(self._start_within, life, context)

    def _start_within(self, life: int, context: contextvars.Context) -> None:
        self._archive = self._parts.archive(self._path, seam=self._cross)
        dice = Random(f"{self.plan.seed}/life/{life}")
        self._daemon = Daemon(self.ground, self._archive, dice)
        main = self.loop.create_task(self._daemon.run(), context=context)
        main.add_done_callback(self._ended, context=self._root)
        self.trace.tell("start")

    def _ended(self, main: "asyncio.Task[None]") -> None:
        daemon, archive = self._daemon, self._archive
        if daemon is None or archive is None:
            return
        error = main.exception() if not main.cancelled() else asyncio.CancelledError()
        self._daemon = self._archive = None
        archive.abandon()
        self.loop.kill(self._life)
        self.trace.tell("ended", type(error).__name__)
        if isinstance(error, StoreError) and not daemon.registered:
            pass  # it may refuse to start; whoever supervises it tries again
        elif error is not None or not daemon.stop.wished:
            words = "".join(traceback.format_exception(error)) if error else "without an error"
            self.oracle.blame("I10 alive", self.loop.time(), f"the daemon ended: {words}")
        if self._restart is None:
            self._restart = self.loop.call_later(1.0, self._start, context=self._root)

    def _stop(self, pause: float) -> None:
        if self._daemon is None or self._daemon.stop.wished:
            return
        self._daemon.stop.wish()
        self._disturb("", self.loop.time(), self.loop.time() + pause + 20)
        life, now = self._life, self.loop.time()
        self._later(20.0, self._check_stopped, life, now)
        self._restart = None

    def _check_stopped(self, life: int, since: float) -> None:
        if self._life == life and self._daemon is not None:
            self.oracle.blame("I10 stop", since, "the daemon does not stop within 20 s")

    def _kill(self, pause: float) -> None:
        if self._daemon is None or self._archive is None:
            return
        self.kills += 1
        self.trace.tell("kill")
        self._daemon = None
        self.loop.kill(self._life)
        self._archive.abandon()
        self._archive = None
        self._bell_to_kill = None
        self._disturb("", self.loop.time(), self.loop.time() + pause)
        self._restart = self.loop.call_later(pause, self._start, context=self._root)

    async def _cross(self, seam: str) -> None:
        """Stand at a seam of a transaction: look, wait a little, fail or die."""
        if seam == AFTER_COMMIT:
            self.commits += 1
            self._look()
        await self._die_perhaps()
        await asyncio.sleep(0.01 * self._dice.random())
        if seam == BEFORE_COMMIT:
            if self._fail_commit:
                self._fail_commit -= 1
                if not self._fail_commit:
                    raise StoreError("disk I/O error")
            if self.loop.time() < self._full_until:
                raise StoreError("database or disk is full")

    async def _die_perhaps(self) -> None:
        if self._bell_to_kill is None:
            return
        left, pause = self._bell_to_kill
        if left > 1:
            self._bell_to_kill = (left - 1, pause)
            return
        self._kill(pause)
        await self.loop.create_future()

    def _look(self) -> None:
        for event in self.ledger.news(self.loop.time()):
            self.trace.tell("event", event.kind, event.id, event.device)
            self.oracle.follow(event)

    def _heal(self) -> None:
        self.trace.tell("heal")
        for world in self.devices.values():
            world.heal()
        for far_end in self.far_ends.values():
            far_end.heal()
        self._bell_to_kill, self._fail_commit, self._full_until = None, 0, -1.0
        if self._restart is not None:
            self._restart.cancel()
            self._start()

    async def _converge(self, since: float) -> None:
        differs: str | None = ""
        while self.loop.time() < since + VIEW_WITHIN:
            await asyncio.sleep(_LOOK)
            differs = self.oracle.view_differs(self.ledger.active())
            swept = self.loop.time() > since + _SWEPT_WITHIN
            if differs is None and swept and self._is_well():
                break
        if differs is not None:
            self.oracle.blame("I7 view", self.loop.time(), str(differs))
        over = since + BACKLOG_WITHIN
        while self.ledger.backlog() and self.loop.time() < over:  # noqa: ASYNC110 - virtual time
            await asyncio.sleep(_LOOK * 10)
        await asyncio.sleep(60.0)

    def _is_well(self) -> bool:
        """Whether every device has been read since the faults ended."""
        pollers = self._daemon.pollers if self._daemon is not None else []
        return bool(pollers) and all(poller.health.trouble is None for poller in pollers)

    async def _stay_quiet(self) -> None:
        """Watch a time in which nothing happens: nothing may be written, little be asked."""
        commits, events = self.commits, len(self.oracle.events)
        asked = {name: world.device.counters.total for name, world in self.devices.items()}
        syncs = {
            name: world.device.counters.requests["status"] for name, world in self.devices.items()
        }
        await asyncio.sleep(_TAIL)
        now = self.loop.time()
        if len(self.oracle.events) > events:
            self.oracle.blame("I7 quiet", now, "events were told while nothing happened")
        if self.commits - commits > _TAIL / 120 + 1:
            words = f"{self.commits - commits} transactions while nothing happened"
            self.oracle.blame("I7 quiet", now, words)
        for name, world in self.devices.items():
            synced = world.device.counters.requests["status"] - syncs[name]
            if world.model._changed_at is None and world.model.active_count:
                continue  # a lastChange that tells of nothing has to be made up for by reading
            if synced > 2 * (_TAIL / 270 + 2):
                words = f"{name}: {synced} syncs while nothing happened"
                self.oracle.blame("I6 gentle", now, words)
            elif world.device.counters.total - asked[name] > _TAIL + 600:
                words = f"{name}: {world.device.counters.total - asked[name]} requests in {_TAIL} s"
                self.oracle.blame("I6 gentle", now, words)

    def _judge(self) -> None:
        now, oracle = self.loop.time(), self.oracle
        differs = oracle.view_differs(self.ledger.active())
        if differs is not None and not any(one.invariant == "I7 view" for one in oracle.violations):
            oracle.blame("I7 view", now, differs)
        oracle.add_up(self.ledger.gaps(), loosely=self._loosely, until=self.plan.horizon)
        for far_end in self.far_ends.values():
            judge_far_end(oracle, far_end)
        judge_deliveries(oracle, self.ledger.owed(), self.far_ends, now)
        for device, name, text in self.ledger.own():
            if name != "deliveryDead":
                oracle.blame("I7 trouble", now, f"{device}: {name} still stands: {text}")
        for device, kind in self.ledger.open_spells():
            oracle.blame("I7 trouble", now, f"{device}: still blind: {kind}")
        for world in self.devices.values():
            self._judge_manners(world, now)

    def _judge_manners(self, world: DeviceWorld, now: float) -> None:
        counters, blame = world.device.counters, self.oracle.blame
        if counters.not_get:
            blame("I6 read-only", now, f"{world.name}: {counters.not_get} requests were no GET")
        if counters.requests["unknown"]:
            blame("I6 read-only", now, f"{world.name} was asked for unknown paths")
        if world.most_flying > MAX_CONNECTIONS:
            blame("I6 gentle", now, f"{world.name}: {world.most_flying} requests at once")
        busiest = max(world.asked_in_minute.values(), default=0)
        if busiest > 4000:
            blame("I6 gentle", now, f"{world.name}: {busiest} requests in a minute")
        refused_at: dict[int, float] = {}
        wait = MANNERS.auth_retry.total_seconds()
        for life, asked_at, received_at in world.refusals:
            last = refused_at.get(life)
            if last is not None and last < asked_at < last + wait - 1:
                words = f"{world.name}: asked again {asked_at - last:.1f} s after a 401"
                blame("I6 lockout", asked_at, words)
            refused_at[life] = received_at

    def _report(self) -> Report:
        accepted = [one for far_end in self.far_ends.values() for one in far_end.accepted]
        distinct = sum(
            len({one.notice.event_id for one in far_end.accepted})
            for far_end in self.far_ends.values()
        )
        return Report(
            seed=self.plan.seed,
            device_seconds=self.loop.time() * len(self.devices),
            truths=sum(len(world.model.truth) for world in self.devices.values()),
            events=len(self.oracle.events),
            accepted=len(accepted),
            repeated=len(accepted) - distinct,
            kills=self.kills,
            gaps=len(self.ledger.gaps()),
            steps=self.loop.steps,
            violations=tuple(self.oracle.violations),
            digest=self.trace.digest,
        )

    def _unhandled(self, _: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        error = context.get("exception")
        words = str(context.get("message"))
        if isinstance(error, BaseException):
            words += "".join(traceback.format_exception(error))
        self.oracle.blame("I10 alive", self.loop.time(), words)


class _Listener(logging.Handler):
    """Hears of bugs that a loop has survived: whatever is logged with a traceback."""

    def __init__(self, world: World) -> None:
        super().__init__(logging.ERROR)
        self._world = world

    def emit(self, record: logging.LogRecord) -> None:
        """Blame what carries a traceback."""
        if record.exc_info and record.exc_info[1] is not None:
            words = record.getMessage() + "\n"
            words += "".join(traceback.format_exception(record.exc_info[1]))
            self._world.oracle.blame("I10 bug", self._world.loop.time(), words)


def _memory() -> Path | None:
    """Find a folder that no disk stands behind, if there is one."""
    shared = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    return shared if shared.is_dir() else None


@lru_cache(maxsize=1)
def _template(process: int) -> Path:
    """Make an empty archive once for each process of the machine."""
    path = Path(tempfile.mkdtemp(prefix=f"alarmbridge-{process}-")) / "empty.db"
    asyncio.run(_prepare(path))
    return path


async def _prepare(path: Path) -> None:
    prepared: Awaitable[str] = upgrade(f"sqlite:///{path}")
    await prepared
