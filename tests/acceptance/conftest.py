"""A receiver, and bridges that are ended whatever becomes of the test."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from acceptance_parts import Bridge, ended
from acceptance_receiver import Receiver


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def run_bridge(tmp_path: Path) -> Iterator[Callable[[Mapping[str, Any]], Bridge]]:
    with ExitStack() as stack:

        def run(configuration: Mapping[str, Any]) -> Bridge:
            bridge = stack.enter_context(ended(Bridge(tmp_path, configuration)))
            bridge.start()
            return bridge

        yield run
