"""Pulse: which loops have stopped moving."""

from runtime_fakes import FakeClock

from alarmbridge.runtime.pulse import Pulse


def test_a_loop_that_waits_out_its_pause_is_alive() -> None:
    clock = FakeClock()
    pulse = Pulse(clock)
    pulse.beat("sbc-1", 600.0)
    clock.advance(1500)
    assert pulse.stopped() == []


def test_loops_long_overdue_are_named_in_order_until_they_move_again() -> None:
    clock = FakeClock()
    pulse = Pulse(clock)
    for name in ("sink chat", "sbc-1", "sbc-2"):
        pulse.beat(name, 5.0)
    clock.advance(905.5)
    pulse.beat("sbc-2", 5.0)
    assert pulse.stopped() == ["sbc-1", "sink chat"]
    pulse.beat("sbc-1", 5.0)
    assert pulse.stopped() == ["sink chat"]


def test_a_wall_clock_that_jumps_stops_no_loop() -> None:
    clock = FakeClock()
    pulse = Pulse(clock)
    pulse.beat("sbc-1", 5.0)
    clock.set_wall(86_400)
    assert pulse.stopped() == []
