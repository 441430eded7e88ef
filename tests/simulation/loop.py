"""An event loop whose time is virtual, whose order is seeded, and whose processes can be killed."""

import asyncio
import contextvars
import heapq
import warnings
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any, NoReturn

PROCESS: contextvars.ContextVar[int] = contextvars.ContextVar("process", default=0)
"""Whose code runs: 0 is the world, each life of the daemon has a number of its own."""


class OutsideError(RuntimeError):
    """Something reached for what no simulation has: a thread, a socket, a name server."""


class SimLoop(asyncio.BaseEventLoop):
    """Jumps from timer to timer. Of several handles that are ready, the dice choose one."""

    def __init__(self, seed: str) -> None:
        super().__init__()
        self._now = 0.0
        self._draw = Random(f"{seed}/loop/0").random
        self._ready: list[asyncio.Handle] = []
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._numbered = 0
        self._buried: list[object] = []
        self.steps = 0

    def time(self) -> float:
        """Say how many virtual seconds have gone by."""
        return self._now

    def call_at(  # type: ignore[override]
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> asyncio.TimerHandle:
        """Schedule, in a heap of plain tuples: comparing handles would cost half the run."""
        timer = asyncio.TimerHandle(when, callback, args, self, context)  # type: ignore[arg-type]
        self._numbered += 1
        heapq.heappush(self._timers, (when, self._numbered, timer))
        return timer

    def call_later(  # type: ignore[override]
        self,
        delay: float,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> asyncio.TimerHandle:
        """Schedule after so many virtual seconds."""
        return self.call_at(self._now + delay, callback, *args, context=context)

    def call_soon(  # type: ignore[override]
        self,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> asyncio.Handle:
        """Schedule among what is ready. After the end of the world nothing is scheduled."""
        handle = asyncio.Handle(callback, args, self, context)  # type: ignore[arg-type]
        if not self._closed:
            self._ready.append(handle)
        return handle

    call_soon_threadsafe = call_soon  # type: ignore[assignment]

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Leave it in the heap; it is thrown away when its time comes."""

    def _run_once(self) -> None:
        ready, draw = self._ready, self._draw
        if not ready:
            self._advance()
        while ready and not self._stopping:
            count = len(ready)
            if count > 1:
                chosen = int(draw() * count)
                handle, ready[chosen] = ready[chosen], ready[-1]
                ready.pop()
            else:
                handle = ready.pop()
            if not handle._cancelled:
                self.steps += 1
                handle._run()

    def _advance(self) -> None:
        timers = self._timers
        while timers and timers[0][2]._cancelled:
            heapq.heappop(timers)
        if not timers:
            raise OutsideError("nothing is ready and nothing will ever be: a deadlock")
        self._now = max(self._now, timers[0][0])
        while timers and timers[0][0] <= self._now:
            handle = heapq.heappop(timers)[2]
            if not handle._cancelled:
                self._ready.append(handle)

    def kill(self, process: int) -> None:
        """End a process as SIGKILL does: none of its handles runs any more, no `finally` either.

        Its tasks are kept, otherwise the garbage collector would close them and run those.
        """
        self._buried += asyncio.all_tasks(self)
        dead = [handle for handle in self._ready if _owner(handle) == process]
        self._ready[:] = [handle for handle in self._ready if _owner(handle) != process]
        late = [entry for entry in self._timers if _owner(entry[2]) == process]
        self._timers[:] = [entry for entry in self._timers if _owner(entry[2]) != process]
        heapq.heapify(self._timers)
        self._buried += dead
        self._buried += late

    def close(self) -> None:
        """End the world, and let what was buried decay without a word."""
        tasks = {
            *asyncio.all_tasks(self),
            *(t for t in self._buried if isinstance(t, asyncio.Task)),
        }
        super().close()
        self._timers.clear()
        self._ready.clear()
        with warnings.catch_warnings():
            # Some of them never began, and would say so.
            warnings.simplefilter("ignore", RuntimeWarning)
            for task in tasks:
                _bury(task)
            del tasks
            self._buried.clear()

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise OutsideError("no threads, sockets or name servers in here; a port is missing")

    run_in_executor = _refuse
    getaddrinfo = _refuse
    getnameinfo = _refuse
    create_connection = _refuse
    create_server = _refuse
    create_datagram_endpoint = _refuse
    sock_connect = _refuse
    sock_recv = _refuse
    sock_sendall = _refuse
    add_reader = _refuse
    add_writer = _refuse
    subprocess_exec = _refuse
    subprocess_shell = _refuse


def _bury(task: "asyncio.Task[object]") -> None:
    task._log_destroy_pending = False  # type: ignore[attr-defined]
    with suppress(BaseException):  # a corpse may say anything
        task.get_coro().close()  # type: ignore[union-attr]


def _owner(handle: asyncio.Handle) -> int:
    context: contextvars.Context = handle._context  # type: ignore[attr-defined]
    return context.get(PROCESS, 0)
