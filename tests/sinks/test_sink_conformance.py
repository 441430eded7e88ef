"""What every sink owes, whatever it talks to; runs over the registry."""

import asyncio
import logging
import traceback
from dataclasses import replace
from datetime import timedelta

import pytest
from sink_notices import changed, cleared, make_alarm, raised
from sink_receivers import ANSWERING, JUDGING, RECEIVERS, Receiver

from alarmbridge.core.errors import SinkError
from alarmbridge.sinks.base import Sink
from alarmbridge.sinks.registry import BUILT_IN, load_type

every_sink = pytest.mark.parametrize("sink_type", sorted(BUILT_IN))
every_answering_sink = pytest.mark.parametrize("sink_type", ANSWERING)
every_judging_sink = pytest.mark.parametrize("sink_type", JUDGING)


def test_every_built_in_sink_has_a_receiver_here() -> None:
    assert set(RECEIVERS) == set(BUILT_IN)


@every_sink
async def test_raise_change_and_clear_arrive_in_full(sink: Sink, receiver: Receiver) -> None:
    notices = [raised(), changed(), cleared()]
    for notice in notices:
        await sink.deliver(notice)
    assert [heard.kind for heard in receiver.heard] == ["raised", "changed", "cleared"]
    for notice, heard in zip(notices, receiver.heard, strict=True):
        assert heard.event_id in {notice.event_id, None}
        assert "Trunk is down" in heard.text or (notice.kind == "cleared" and heard.text == "")


@every_sink
async def test_a_repeat_says_the_same_under_the_same_id(sink: Sink, receiver: Receiver) -> None:
    first = raised()
    later = replace(first, sent_at=first.sent_at + timedelta(hours=1))
    await sink.deliver(first)
    await sink.deliver(later)
    assert receiver.heard[0] == receiver.heard[1]


@every_sink
async def test_many_notices_may_be_under_way_at_once(sink: Sink, receiver: Receiver) -> None:
    notices = [raised(make_alarm(number=number)) for number in range(20)]
    await asyncio.gather(*(sink.deliver(notice) for notice in notices))
    assert {heard.event_id for heard in receiver.heard} == {notice.event_id for notice in notices}


@every_sink
async def test_the_far_end_knows_an_alarm_by_its_id_or_a_name_made_of_it(sink: Sink) -> None:
    one, other = make_alarm(number=1), make_alarm(number=2)
    assert sink.key_for(one, {}) == sink.key_for(one, {}) != sink.key_for(other, {})


@every_sink
def test_a_constructor_needs_no_loop_and_opens_nothing(sink_type: str) -> None:
    async def configuration() -> dict[str, object]:
        async with RECEIVERS[sink_type]() as receiver:
            return {"name": "there", **receiver.raw}

    kind = load_type(sink_type)
    sink = kind.make(kind.config.model_validate(asyncio.run(configuration())))
    asyncio.run(sink.aclose())
    asyncio.run(sink.aclose())


@every_sink
async def test_a_sink_closes_twice(sink: Sink) -> None:
    await sink.deliver(raised())
    await sink.aclose()
    await sink.aclose()


@every_judging_sink
@pytest.mark.parametrize("status", [400, 413, 422])
async def test_a_refusal_for_good_is_permanent(sink: Sink, receiver: Receiver, status: int) -> None:
    receiver.refuse(status, {})
    error = await _refusal_of(sink)
    assert (error.permanent, error.gone) == (True, False)
    assert str(status) in error.reason


@every_judging_sink
async def test_gone_is_gone(sink: Sink, receiver: Receiver) -> None:
    receiver.refuse(410, {})
    error = await _refusal_of(sink)
    assert (error.permanent, error.gone) == (False, True)


@every_answering_sink
@pytest.mark.parametrize("status", [302, 401, 403, 404, 408, 429, 500, 502, 503, 504, 599])
async def test_anything_else_is_worth_another_try(
    sink: Sink, receiver: Receiver, status: int
) -> None:
    receiver.refuse(status, {})
    error = await _refusal_of(sink)
    assert (error.permanent, error.gone, error.retry_after) == (False, False, None)


@every_judging_sink
@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_is_carried(sink: Sink, receiver: Receiver, status: int) -> None:
    receiver.refuse(status, {"Retry-After": "42"})
    error = await _refusal_of(sink)
    assert error.retry_after == timedelta(seconds=42)


@every_answering_sink
async def test_cancellation_passes_and_the_sink_works_on(sink: Sink, receiver: Receiver) -> None:
    reached = receiver.hang()
    attempt = asyncio.create_task(sink.deliver(raised()))
    await asyncio.wait_for(reached.wait(), 5)
    attempt.cancel()
    with pytest.raises(asyncio.CancelledError):
        await attempt
    receiver.refuse(500, {})
    assert "500" in (await _refusal_of(sink)).reason


@every_answering_sink
async def test_no_secret_is_ever_shown(
    sink: Sink, sink_type: str, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    config = load_type(sink_type).config.model_validate({"name": "there", **receiver.raw})
    shown = [repr(sink), str(config), repr(config), str(config.model_dump())]
    for status in (302, 400, 410, 429, 503):
        receiver.refuse(status, {"Location": "/canary-path"})
        error = await _refusal_of(sink)
        shown += [str(error), repr(error), error.reason, "".join(traceback.format_exception(error))]
    everything = "\n".join([*shown, caplog.text])
    assert [secret for secret in receiver.secrets if secret in everything] == []


async def _refusal_of(sink: Sink) -> SinkError:
    with pytest.raises(SinkError) as caught:
        await sink.deliver(raised())
    return caught.value
