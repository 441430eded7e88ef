"""Whether the second of a device's last change is over, by clocks that cannot all be believed."""

from core_cases import at

from alarmbridge.core.device_time import DeviceTime, parse_device_time
from alarmbridge.core.settle import Sighting, second_is_over, sight

NONSENSE = parse_device_time("yesterday")


def over(
    last_change: DeviceTime | None,
    local_time: DeviceTime | None,
    before: Sighting | None = None,
) -> bool:
    seen = sight(before, last_change=last_change, local_time=local_time)
    return second_is_over(seen, last_change=last_change, local_time=local_time)


def seen_at(second: float, token: float = 10, zone: str = "Z") -> Sighting:
    return sight(None, last_change=at(token, zone), local_time=at(second, zone))


def test_no_change_since_boot_names_no_second() -> None:
    assert over(None, at(10))
    assert over(None, None)


def test_with_one_offset_on_both_a_later_second_is_proof() -> None:
    assert over(at(10, "+03:00"), at(11, "+03:00"))
    assert not over(at(10, "+03:00"), at(10, "+03:00"))
    assert not over(at(10, "+03:00"), at(9, "+03:00"))


def test_two_z_prove_nothing_for_either_may_be_local_time() -> None:
    assert not over(at(10), at(7200))
    assert not over(at(10, ""), at(7200))


def test_two_zones_prove_it_when_instants_and_wall_clocks_agree() -> None:
    # 15:00:11+03:00 is 12:00:11Z, and shows a later wall clock than 12:00:10 as well.
    assert over(at(10), at(3 * 3600 + 11, "+03:00"))
    assert not over(at(10), at(3 * 3600 + 10, "+03:00"))
    assert not over(at(3 * 3600 + 10, "+03:00"), at(12))


def test_a_token_seen_a_second_before_by_the_same_clock_is_over() -> None:
    assert over(at(10), at(12), seen_at(11))
    assert not over(at(10), at(11), seen_at(11))


def test_another_token_begins_the_wait_anew() -> None:
    assert not over(at(12), at(12), seen_at(11, token=10))


def test_a_clock_that_was_set_back_begins_the_wait_anew() -> None:
    # The second of the token may come a second time.
    set_back = sight(seen_at(3600), last_change=at(10), local_time=at(9))
    assert set_back.second == seen_at(9).second
    assert not over(at(10), at(9), seen_at(3600))


def test_a_clock_that_stands_still_proves_nothing() -> None:
    before = seen_at(11)
    for _ in range(3):
        before = sight(before, last_change=at(10), local_time=at(11))
        assert not over(at(10), at(11), before)


def test_a_device_without_a_clock_proves_nothing() -> None:
    assert not over(at(10), None, seen_at(11))
    assert not over(at(10), NONSENSE, seen_at(11))


def test_a_token_that_names_no_moment_is_over_a_second_after_it_was_seen() -> None:
    assert not over(NONSENSE, at(11))
    before = sight(None, last_change=NONSENSE, local_time=at(11))
    assert over(NONSENSE, at(12), before)


def test_a_token_first_seen_without_a_clock_is_seen_anew_with_one() -> None:
    blind = sight(None, last_change=at(10), local_time=None)
    assert sight(blind, last_change=at(10), local_time=at(12)) == seen_at(12)


def test_a_moment_without_a_clock_keeps_what_was_seen_before() -> None:
    assert sight(seen_at(11), last_change=at(10), local_time=None) == seen_at(11)
