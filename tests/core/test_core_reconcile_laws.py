"""Laws of `reconcile`, tried on a model of a device that does whatever devices do."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st
from model_archive import Follower, lies_in_a_gap
from model_device import Habits, How, ModelDevice

from alarmbridge.core.event import Cleared
from alarmbridge.core.reading import Unsettled
from alarmbridge.core.reconcile import Circumstances, reconcile

Act = Callable[[ModelDevice], None]
Story = list[tuple[list[Act], How]]

few = settings(max_examples=120, deadline=None)
picks = st.integers(0, 6)


def _act(name: str, *arguments: int) -> Act:
    def act(device: ModelDevice) -> None:
        getattr(device, name)(*arguments)

    act.__name__ = f"{name}{arguments}"
    return act


happenings = st.one_of(
    st.builds(_act, st.just("raise_alarm"), st.integers(0, 3)),
    st.builds(_act, st.sampled_from(["clear", "clear", "change", "escalate"]), picks),
    st.builds(_act, st.just("tick"), st.sampled_from([0, 1, 3, 7])),
)
bursts = st.lists(happenings, max_size=4)
settled = st.builds(How, verify=st.booleans())
unsettled = st.builds(How, after_active=bursts, after_history=bursts, verify=st.booleans())
torn = st.builds(
    How, after_active=bursts, after_history=bursts, torn=st.frozensets(picks, max_size=3)
)
meagre = st.builds(How, after_active=bursts, after_history=bursts, budget=st.integers(0, 6))


def story(*reads: st.SearchStrategy[How]) -> st.SearchStrategy[Story]:
    return st.lists(st.tuples(st.lists(happenings, max_size=8), st.one_of(*reads)), max_size=8)


def follow(habits: Habits, told: Story) -> Follower:
    follower = Follower(ModelDevice(habits))
    follower.poll()
    for acts, how in told:
        for act in acts:
            act(follower.device)
        follower.poll(how)
    follower.device.tick(5)
    follower.poll(How(verify=True))
    return follower


def assert_told(follower: Follower) -> None:
    """Everything that ever stood was told once, and what stands is held as it reads now."""
    device = follower.device
    truth = {leg: row.reading.description for leg, row in device.standing.items()}
    assert follower.active_legs == truth
    untold = [leg for leg in device.legs if leg.number not in follower.told]
    assert all(lies_in_a_gap(leg, follower.gaps) for leg in untold)


@given(story(settled, unsettled))
@few
def test_replaying_the_events_gives_the_snapshot(told: Story) -> None:
    follower = follow(Habits(), told)
    assert_told(follower)
    assert follower.told == {leg.number for leg in follower.device.legs}


@given(story(settled, unsettled, torn))
@few
def test_a_torn_read_tells_nothing_wrong(told: Story) -> None:
    assert_told(follow(Habits(slow=True), told))


@given(story(settled, unsettled, meagre))
@few
def test_a_read_that_had_to_stop_tells_nothing_wrong(told: Story) -> None:
    assert_told(follow(Habits(slow=True), told))


@given(story(settled, unsettled, torn))
@few
def test_a_device_that_tells_no_oid_is_told_as_truly(told: Story) -> None:
    assert_told(follow(Habits(without_oid=True, slow=True), told))


@given(story(settled, unsettled, torn))
@few
def test_a_history_without_clears_is_told_as_truly(told: Story) -> None:
    assert_told(follow(Habits(clear_rows=False, slow=True), told))


@given(story(settled, unsettled))
@few
def test_what_the_ring_overwrote_is_told_or_lies_in_a_gap(told: Story) -> None:
    assert_told(follow(Habits(history_cap=6, slow=True), told))


@given(story(settled, unsettled, torn))
@few
def test_an_unchanged_device_is_silent(told: Story) -> None:
    follower = follow(Habits(slow=True), told)
    assert follower.poll().empty
    assert follower.poll(How(verify=True)).empty


@given(story(settled, unsettled, torn))
@few
def test_a_partial_snapshot_clears_nothing(told: Story) -> None:
    follower = follow(Habits(slow=True), told)
    circumstances = Circumstances(now=follower.device.now, occurrences={})
    decision = reconcile(follower.held, Unsettled(active=()), circumstances)
    assert not [event for event in decision.events if isinstance(event, Cleared)]
