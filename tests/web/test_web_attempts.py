"""Attempts: how many wrong tokens a place may show, and who is spared."""

import pytest

from alarmbridge.web.attempts import BURST, REFILL, Attempts

WRONG, RIGHT = b"wrong", b"right"


class Seconds:
    """Seconds that go by when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    """A clock."""
    return Seconds()


@pytest.fixture
def attempts(seconds: Seconds) -> Attempts:
    """Attempts of which none was made yet."""
    return Attempts(seconds)


def fail(attempts: Attempts, client: str, times: int = BURST) -> list[bool]:
    return [attempts.fail(client) for _ in range(times)]


def test_some_may_be_wrong_in_a_row_and_the_last_of_them_is_told(attempts: Attempts) -> None:
    for _ in range(BURST):
        assert attempts.wait("192.0.2.1", WRONG) == 0
        last = attempts.fail("192.0.2.1")
    assert last
    assert attempts.wait("192.0.2.1", WRONG) == REFILL
    assert attempts.wait("192.0.2.2", WRONG) == 0


def test_one_more_may_be_tried_after_a_while(attempts: Attempts, seconds: Seconds) -> None:
    fail(attempts, "192.0.2.1")
    seconds.now += REFILL
    assert attempts.wait("192.0.2.1", WRONG) == 0
    attempts.fail("192.0.2.1")
    assert attempts.wait("192.0.2.1", WRONG) == REFILL
    seconds.now += BURST * REFILL
    assert fail(attempts, "192.0.2.1") == [False] * (BURST - 1) + [True]


def test_who_was_right_there_before_is_not_locked_out_by_others(attempts: Attempts) -> None:
    attempts.succeed("192.0.2.1", RIGHT)
    fail(attempts, "192.0.2.1")
    assert attempts.wait("192.0.2.1", RIGHT) == 0
    assert attempts.wait("192.0.2.1", WRONG) > 0
    fail(attempts, "192.0.2.2")
    assert attempts.wait("192.0.2.2", RIGHT) > 0


def test_a_spell_is_told_once(attempts: Attempts, seconds: Seconds) -> None:
    told = fail(attempts, "192.0.2.1")
    for _ in range(100):
        seconds.now += REFILL
        told.append(attempts.fail("192.0.2.1"))
    assert told.count(True) == 1


def test_addresses_of_one_ipv6_network_are_one_place(attempts: Attempts) -> None:
    for number in range(BURST):
        attempts.fail(f"2001:db8::{number:x}")
    assert attempts.wait("2001:db8::ffff", WRONG) > 0
    assert attempts.wait("2001:db8:0:1::1", WRONG) == 0


def test_what_was_longest_ago_is_forgotten(attempts: Attempts) -> None:
    fail(attempts, "192.0.2.1")
    attempts.succeed("192.0.2.1", RIGHT)
    for number in range(5000):
        client = f"10.0.{number // 250}.{number % 250}"
        attempts.fail(client)
        attempts.succeed(client, RIGHT)
    assert attempts.wait("192.0.2.1", WRONG) == 0
    assert len(attempts._spells) == len(attempts._right) == 4096
