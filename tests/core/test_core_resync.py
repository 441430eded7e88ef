"""Resync: what is told again, opened, closed, and left."""

from typing import Any

import pytest
from core_cases import alarm, cleared

from alarmbridge.core.bridge import SINK_FAILING
from alarmbridge.core.filters import Match
from alarmbridge.core.resync import Account, Step, plan_resync
from alarmbridge.core.routing import Subscription

TRUNK = alarm("1")
CHAT = Subscription(sink="chat")


def account(**other: Any) -> Account:
    said: dict[str, Any] = {
        "alarm": TRUNK,
        "tags": {},
        "told": False,
        "closed": False,
        "waiting": False,
        "latest": "event-1",
        "latest_kind": "raised",
        "delivery": None,
        "clear": None,
    }
    return Account(**said | other)


def steps(*accounts: Account, to: Subscription = CHAT) -> list[Step]:
    return [one.step for one in plan_resync(accounts, to)]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"told": True, "delivery": 1}, [Step.RESTATE]),
        ({}, [Step.OPEN]),
        ({"waiting": True}, []),
        ({"told": True, "waiting": True}, []),
        ({"alarm": cleared(TRUNK), "told": True, "clear": 2}, [Step.CLOSE]),
        ({"alarm": cleared(TRUNK), "told": True, "clear": 2, "closed": True}, []),
        ({"alarm": cleared(TRUNK), "told": True}, []),
        ({"alarm": cleared(TRUNK), "clear": 2}, []),
    ],
)
def test_each_account_comes_to_one_step_or_none(said: dict[str, Any], expected: list[Step]) -> None:
    assert steps(account(**said)) == expected


def test_a_sink_is_not_told_of_its_own_failing() -> None:
    failing = alarm("chat", name=SINK_FAILING)
    assert steps(account(alarm=failing)) == []
    assert steps(account(alarm=failing), to=Subscription(sink="mail")) == [Step.OPEN]


def test_what_a_sink_does_not_want_is_not_opened_but_told_again_if_it_was() -> None:
    picky = Subscription(sink="chat", match=Match(devices=("other",)))
    calm = Subscription(sink="chat", exclude=(Match(sources=("Board#*",)),))
    for sink in (picky, calm):
        assert steps(account(), to=sink) == []
        assert steps(account(told=True), to=sink) == [Step.RESTATE]
