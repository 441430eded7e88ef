from collections.abc import AsyncIterator

import pytest
from sink_receivers import RECEIVERS, Receiver, WebhookReceiver, receive_webhook

from alarmbridge.sinks.base import Sink
from alarmbridge.sinks.registry import load_type


@pytest.fixture
async def receiver(sink_type: str) -> AsyncIterator[Receiver]:
    """The far end for the type that the test is parametrised with."""
    async with RECEIVERS[sink_type]() as receiver:
        yield receiver
        assert getattr(receiver, "violations", []) == []


@pytest.fixture
async def sink(sink_type: str, receiver: Receiver) -> AsyncIterator[Sink]:
    """A sink of that type that leads to the receiver."""
    kind = load_type(sink_type)
    sink = kind.make(kind.config.model_validate({"name": "there", **receiver.raw}))
    yield sink
    await sink.aclose()


@pytest.fixture
async def far_end() -> AsyncIterator[WebhookReceiver]:
    """A receiver of webhooks, for what only webhooks do."""
    async with receive_webhook() as receiver:
        yield receiver
