"""Threads for a far end's library that blocks; nobody has to wait for one that hangs."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from alarmbridge.core.errors import SinkError

T = TypeVar("T")


class Threads:
    """Runs each call in a thread of its own, which ends with the program at the latest.

    A pool's threads would be waited for: by who closes the loop, and at exit. most: how many may
    run at once, those included whose caller has left.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._running: list[threading.Thread] = []

    async def run(self, work: Callable[[], T]) -> T:
        """Return what the call returns, or raise what it raises; SinkError where too many hang.

        Cancelled, it leaves at once; a call that has begun goes on and its result is lost.
        """
        self._running = [thread for thread in self._running if thread.is_alive()]
        if len(self._running) >= self._most:
            raise SinkError(f"{self._most} attempts hang and do not end; a restart ends them")
        outcome: Future[T] = Future()
        thread = threading.Thread(target=_settle, args=(outcome, work), daemon=True)
        self._running.append(thread)
        thread.start()
        return await asyncio.wrap_future(outcome)


def _settle(outcome: Future[T], work: Callable[[], T]) -> None:
    if not outcome.set_running_or_notify_cancel():
        return
    try:
        result = work()
    except BaseException as error:  # noqa: BLE001 - it is raised where the result is awaited
        outcome.set_exception(error)
    else:
        outcome.set_result(result)
