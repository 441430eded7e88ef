"""The site of a daemon, served from a thread over an archive: what `--url` is given."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from alarmbridge.recurrence import Calendar
from alarmbridge.store.archive import open_archive
from alarmbridge.system import SystemClock, draw_secret
from alarmbridge.telemetry.metrics import Metrics
from alarmbridge.web.access import Role, Token
from alarmbridge.web.news import News
from alarmbridge.web.outside import Front
from alarmbridge.web.site import Door, Inside, make_server

TOKEN = "canary-token-of-a-viewer"


async def _well() -> list[str]:
    return []


async def _look(news: News) -> None:
    while True:
        await news.look()
        await asyncio.sleep(0.05)


async def _serve(database: Path, port: int, front: Front, up: threading.Event, stop: Any) -> None:
    archive = open_archive(f"sqlite:///{database}")
    news = News(archive, wake=lambda: None)
    inside = Inside(
        archive=archive,
        calendar=Calendar(),
        metrics=Metrics(),
        readiness=_well,
        now=lambda: datetime.now(UTC),
        monotonic=SystemClock().monotonic,
        draw=draw_secret,
        wake=lambda: None,
        news=news,
    )
    door = Door(
        host="127.0.0.1",
        port=port,
        tokens=[Token(name="noc", role=Role.VIEWER, token=TOKEN)],
        front=front,
        session=timedelta(hours=1),
    )
    server = make_server(door, inside)
    await server.start()
    looking = asyncio.create_task(_look(news))
    up.set()
    await asyncio.to_thread(stop.wait)
    looking.cancel()
    with suppress(asyncio.CancelledError):
        await looking
    news.close()
    await server.close()
    await archive.dispose()


@contextmanager
def served(database: Path, port: int, *, front: Front | None = None) -> Iterator[str]:
    """Serve an archive while this lasts; give the URL."""
    up, stop = threading.Event(), threading.Event()
    work = _serve(database, port, front or Front(), up, stop)
    thread = threading.Thread(target=asyncio.run, args=(work,))
    thread.start()
    try:
        assert up.wait(10)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop.set()
        thread.join(10)
