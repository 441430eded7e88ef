import asyncio
import threading
from concurrent.futures import Future

import pytest

from alarmbridge.core.errors import SinkError
from alarmbridge.sinks.threads import Threads, _settle


async def test_a_call_returns_what_it_returns_and_raises_what_it_raises() -> None:
    threads = Threads(1)
    assert await threads.run(threading.get_ident) != threading.get_ident()
    with pytest.raises(ValueError, match="no"):
        await threads.run(lambda: int("no"))


async def test_nobody_waits_for_a_thread_that_hangs_nor_does_the_program() -> None:
    begun, end = threading.Event(), threading.Event()

    def hang() -> bool:
        begun.set()
        return end.wait(10)

    threads = Threads(1)
    call = asyncio.create_task(threads.run(hang))
    await asyncio.to_thread(begun.wait, 5)
    (thread,) = threads._running
    assert thread.daemon
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    with pytest.raises(SinkError, match=r"^1 attempts hang and do not end; a restart ends them$"):
        await threads.run(str)
    end.set()
    thread.join(5)
    assert await threads.run(str) == ""


def test_what_was_cancelled_before_it_began_never_begins() -> None:
    outcome: Future[None] = Future()
    done: list[bool] = []
    outcome.cancel()
    _settle(outcome, lambda: done.append(True))
    assert done == []


def test_a_thread_may_outlast_its_loop() -> None:
    begun, end = threading.Event(), threading.Event()
    threads = Threads(1)

    def hang() -> bool:
        begun.set()
        return end.wait(10)

    async def leave() -> None:
        call = asyncio.create_task(threads.run(hang))
        await asyncio.to_thread(begun.wait, 5)
        call.cancel()

    asyncio.run(leave())
    end.set()
    threads._running[0].join(5)
    assert not threads._running[0].is_alive()
