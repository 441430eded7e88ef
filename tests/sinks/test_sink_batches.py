from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarmbridge.core.errors import SinkError
from alarmbridge.sinks.batches import MOST_REFUSED, Outcome, post_in_batches


class FarEnd:
    """Takes numbers. bad: those it refuses for good; broken: those it fails at for now."""

    def __init__(self, bad: Sequence[int] = (), broken: Sequence[int] = ()) -> None:
        self.bad, self.broken = {*bad}, {*broken}
        self.taken: list[int] = []
        self.requests: list[int] = []

    async def post(self, batch: Sequence[int]) -> None:
        self.requests.append(len(batch))
        if self.bad & {*batch}:
            raise SinkError("bad", permanent=True)
        if self.broken & {*batch}:
            raise SinkError("broken")
        self.taken += batch


async def _post(far_end: FarEnd, number: int, at_once: int = 8) -> Outcome[int]:
    return await post_in_batches(range(number), far_end.post, at_once=at_once)


async def test_all_go_in_as_few_requests_as_may_be() -> None:
    far_end = FarEnd()
    assert await _post(far_end, 20) == Outcome(accepted=True, refused=(), failure=None)
    assert far_end.requests == [8, 8, 4]
    assert far_end.taken == [*range(20)]


async def test_nothing_is_no_request() -> None:
    far_end = FarEnd()
    assert await _post(far_end, 0) == Outcome(accepted=False, refused=(), failure=None)
    assert far_end.requests == []


@given(st.sets(st.integers(0, 63), max_size=MOST_REFUSED))
async def test_what_is_refused_for_good_keeps_no_other_back(bad: set[int]) -> None:
    far_end = FarEnd(bad=[*bad])
    outcome = await _post(far_end, 64, at_once=32)
    assert {*outcome.refused} == bad
    assert {*far_end.taken} == {*range(64)} - bad
    assert (outcome.failure is not None) == bool(bad)
    assert outcome.failure is None or outcome.failure.permanent


async def test_one_in_five_hundred_is_found_in_few_requests() -> None:
    far_end = FarEnd(bad=[321])
    outcome = await _post(far_end, 500, at_once=500)
    assert outcome.refused == (321,)
    assert len(far_end.requests) < 20


async def test_a_far_end_that_refuses_everything_is_not_asked_about_each() -> None:
    far_end = FarEnd(bad=[*range(500)])
    with pytest.raises(SinkError, match="bad"):
        await _post(far_end, 500, at_once=500)
    assert len(far_end.requests) < 50


async def test_a_batch_that_fails_keeps_no_other_back() -> None:
    far_end = FarEnd(broken=[3])
    outcome = await _post(far_end, 24)
    assert outcome.accepted
    assert far_end.taken == [*range(8, 24)]
    assert outcome.failure is not None
    assert not outcome.failure.permanent


async def test_the_second_failure_ends_it() -> None:
    far_end = FarEnd(broken=[*range(80)])
    with pytest.raises(SinkError, match="broken"):
        await _post(far_end, 80)
    assert far_end.requests == [8, 8]


@pytest.mark.parametrize(
    "refusal", [SinkError("gone", gone=True), SinkError("wait", retry_after=timedelta(0))]
)
async def test_who_wants_no_more_for_now_gets_no_more(refusal: SinkError) -> None:
    requests = []

    async def post(batch: Sequence[int]) -> None:
        requests.append(batch)
        raise refusal

    with pytest.raises(SinkError) as caught:
        await post_in_batches(range(20), post, at_once=8)
    assert caught.value is refusal
    assert len(requests) == 1
