"""Whether a device started anew: by its serial number or an uptime that went down."""

from core_cases import status

from alarmbridge.core.restart import restart_between


def test_another_serial_number_is_the_other_unit_which_may_have_brought_the_history() -> None:
    found = restart_between(serial_number="1", uptime=500, status=status(900, "2"))
    assert found is not None
    assert (found.wiped, "from 1 to 2" in found.reason) == (False, True)


def test_an_uptime_that_went_down_is_a_reboot_that_emptied_the_history() -> None:
    found = restart_between(serial_number="1", uptime=500, status=status(3, "1"))
    assert found is not None
    assert (found.wiped, "from 500 down to 3" in found.reason) == (True, True)


def test_an_uptime_that_rose_or_stood_still_is_no_reboot() -> None:
    for uptime in (500, 501, 10**9):
        assert restart_between(serial_number=None, uptime=500, status=status(uptime)) is None


def test_a_slow_answer_explains_a_few_seconds() -> None:
    slow = status(492, took=8.5)
    assert restart_between(serial_number=None, uptime=500, status=slow) is None
    assert restart_between(serial_number=None, uptime=500, status=status(492)) is not None


def test_hundredths_that_begin_at_zero_again_after_497_days_are_no_reboot() -> None:
    last, first = (1 << 32) - 500, 500
    assert restart_between(serial_number=None, uptime=last, status=status(first)) is None
    hours_later = status(first + 2 * 360_000)
    assert restart_between(serial_number=None, uptime=last, status=hours_later) is not None


def test_what_was_never_told_tells_of_no_restart() -> None:
    for before, after in ((None, 3), (500, None)):
        answer = status(after, "1" if before else None)
        assert restart_between(serial_number=None, uptime=before, status=answer) is None
    assert restart_between(serial_number="1", uptime=500, status=status(501, "")) is None
