from collections.abc import AsyncIterator

import aiohttp
import pytest
from web_cases import Served, Start

from alarmbridge.web.access import Guard
from alarmbridge.web.server import Part


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts servers that end with the test."""
    made: list[Served] = []
    async with aiohttp.ClientSession() as session:

        async def start(guard: Guard, *parts: Part) -> Served:
            made.append(Served(session, guard, parts))
            await made[-1].server.start()
            return made[-1]

        yield start
    for served in made:
        await served.server.close()
