"""A receiver, and bridges that are ended whatever becomes of the test."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from acceptance_parts import Bridge, Receiver


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def run_bridge(tmp_path: Path) -> Iterator[Callable[[Mapping[str, Any]], Bridge]]:
    made: list[Bridge] = []

    def run(configuration: Mapping[str, Any]) -> Bridge:
        bridge = Bridge(tmp_path, configuration)
        made.append(bridge)
        bridge.start()
        return bridge

    yield run
    for bridge in made:
        bridge.end()
