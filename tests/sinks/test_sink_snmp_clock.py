from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarmbridge.sinks.snmp_clock import EngineClock, EngineTime, engine_id_of, parse_engine_id

NOW = datetime(2026, 11, 23, 21, 4, 5, 250_000, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_boots_are_the_hours_since_2020_and_time_is_the_rest() -> None:
    clock = EngineClock()
    first = clock.read(NOW)
    assert first.boots == (NOW - datetime(2020, 1, 1, tzinfo=UTC)) // timedelta(hours=1)
    assert (first.seconds, first.ticks) == (245, 0)
    later = clock.read(after(90.29))
    assert (later.boots, later.seconds, later.ticks) == (first.boots, 335, 9029)
    assert clock.read(after(3600)).boots == first.boots + 1


def told(time: EngineTime) -> tuple[int, int]:
    return time.boots, time.seconds


@given(st.lists(st.floats(min_value=0, max_value=1e6), min_size=1), st.floats(0, 1e6))
def test_a_later_start_and_another_engine_beside_it_go_on_with_the_same_time(
    sent: list[float], pause: float
) -> None:
    daemon, other = EngineClock(), EngineClock()
    last = [told(daemon.read(after(seconds))) for seconds in sorted(sent)][-1]
    beside = told(other.read(after(max(sent) + pause)))
    assert beside >= last
    assert told(daemon.read(after(max(sent) + pause))) == beside


@given(st.lists(st.floats(min_value=-1e6, max_value=1e6)))
def test_it_never_goes_back_whatever_the_wall_clock_does(moments: list[float]) -> None:
    clock = EngineClock()
    read = [told(clock.read(after(seconds))) for seconds in moments]
    assert read == sorted(read)


def test_a_clock_that_is_set_back_a_little_stands_still() -> None:
    clock = EngineClock()
    clock.read(NOW)
    ahead = clock.read(after(100))
    assert clock.read(after(41)) == ahead


@pytest.mark.parametrize("seconds", [100, 7300])
def test_a_clock_that_is_set_back_begins_anew(seconds: int) -> None:
    clock = EngineClock()
    clock.read(NOW)
    ahead = clock.read(after(seconds))
    back = clock.read(after(39))
    assert (back.boots, back.seconds, back.ticks) == (ahead.boots + 1, 284, 0)
    assert clock.read(after(49)) == EngineTime(back.boots, 294, timedelta(seconds=10))


def test_before_2020_it_is_the_first_boot() -> None:
    assert EngineClock().read(datetime(1970, 1, 1, tzinfo=UTC)).boots == 1


def test_up_time_goes_round_after_497_days() -> None:
    assert EngineTime(1, 0, timedelta(milliseconds=10) * 2**32).ticks == 0


def test_an_engine_is_named_after_its_sink() -> None:
    assert engine_id_of("nms") == bytes.fromhex("80001f8804") + b"alarmbridge-nms"
    assert engine_id_of("nms-of-noc-east") == bytes.fromhex("80001f8804") + (
        b"alarmbridge-nms-of-noc-east"
    )


def test_long_names_are_told_apart() -> None:
    one, other = engine_id_of("nms-of-noc-east-1"), engine_id_of("nms-of-noc-east-2")
    assert one != other
    assert one.startswith(bytes.fromhex("80001f8804") + b"alarmbridge-nms-of-no")


@given(st.text(min_size=1, max_size=100))
def test_every_name_makes_an_id_that_is_one(name: str) -> None:
    made = engine_id_of(name)
    assert parse_engine_id(f"0x{made.hex()}") == made
    made[5:].decode()


@pytest.mark.parametrize("text", ["0x80001f88046e6d73", "80001F88046E6D73"])
def test_an_id_is_read_with_or_without_0x(text: str) -> None:
    assert parse_engine_id(text) == bytes.fromhex("80001f88046e6d73")


@pytest.mark.parametrize(
    "text",
    ["", "0x", "0x80001f88", "80" * 33, "0" * 10, "ff" * 12, "nms", "0x0x8080808080", 8],
)
def test_what_is_no_id_is_a_mistake(text: object) -> None:
    with pytest.raises(ValueError, match="5 to 32 octets"):
        parse_engine_id(text)
