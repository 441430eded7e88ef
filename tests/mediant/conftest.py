from collections.abc import AsyncIterator

import pytest
from mediant_material import make_certificate
from mediant_wire import RawDevice, serving

from alarmbridge.mediant.network import HttpNetwork


@pytest.fixture
async def network() -> AsyncIterator[HttpNetwork]:
    """All lines of a test, on a clock that ticks once a look."""
    ticks = iter(range(1_000_000))
    made = HttpNetwork(lambda: float(next(ticks)))
    yield made
    await made.aclose()


@pytest.fixture
async def device() -> AsyncIterator[RawDevice]:
    """A device on a raw socket; say what it does by `device.handle`."""
    async with serving() as made:
        yield made


@pytest.fixture
async def canary() -> AsyncIterator[RawDevice]:
    """A host that nothing may ever be sent to; fails the test if something is."""
    async with serving() as made:
        yield made
        assert (made.connections, made.heard) == (0, [])


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, bytes]:
    """A self-signed certificate for 127.0.0.1: its PEM file with the key, and its DER."""
    return make_certificate(tmp_path_factory.mktemp("tls"))
