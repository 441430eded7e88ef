"""A device that is configured no longer: all that stood there is closed."""

from dataclasses import replace

from core_cases import NOW, alarm, held, reading

from alarmbridge.core.bridge import DEVICE_UNREACHABLE, raise_own
from alarmbridge.core.removal import remove_device

OWN = raise_own(
    DEVICE_UNREACHABLE, device="sbc-1", subject="sbc-1", words="No.", sequence=3, now=NOW
).alarm


def test_its_alarms_and_ours_about_it_are_cleared_as_removed() -> None:
    decision = remove_device(held(alarm("1"), own=(OWN,), sequence=3), now=NOW)
    closed = [event.alarm for event in decision.events]
    assert [event.sequence for event in decision.events] == [4, 5]
    assert [one.id for one in closed] == ["a1", OWN.id]
    assert {(one.state, one.clear_reason) for one in closed} == {("cleared", "device_removed")}


def test_when_the_devices_own_alarms_end_nobody_knows_ours_end_now() -> None:
    decision = remove_device(held(alarm("1"), own=(OWN,)), now=NOW)
    assert [event.alarm.cleared_at for event in decision.events] == [None, NOW]


def test_what_is_closed_is_stale_no_longer() -> None:
    decision = remove_device(held(replace(alarm("1"), stale=True)), now=NOW)
    assert not decision.events[0].alarm.stale


def test_its_history_is_forgotten_so_that_it_may_come_back_as_new() -> None:
    decision = remove_device(held(known=[reading("r1"), reading("r2")]), now=NOW)
    assert decision.lost_marks == ("r1", "r2")
