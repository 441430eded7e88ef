import logging
from collections.abc import Iterator

import pytest

CHATTY = ("apscheduler", "aiohttp.access", "alembic", "asyncio")


@pytest.fixture(autouse=True)
def _root_as_it_was() -> Iterator[None]:
    """Give pytest its handlers back, and every logger its level."""
    loggers = [logging.getLogger(), *map(logging.getLogger, CHATTY)]
    levels = [logger.level for logger in loggers]
    handlers = loggers[0].handlers[:]
    yield
    loggers[0].handlers[:] = handlers
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)
